import pkg from '../../package.json' with { type: 'json' }
import { approvedDigest } from '../devops/approved.ts'
import { buildIn } from '../devops/build.ts'
import { devopsFor } from '../devops/client.ts'
import { writeThread } from '../devops/thread.ts'
import { planEnding } from '../document/planDocument.ts'
import { UsageError } from '../engine/stop.ts'
import { exitCodes } from '../host/exitCodes.ts'
import type { Ending } from '../model/ending.ts'
import { printed } from '../model/printable.ts'
import { commentBody } from '../report/comment.ts'
import { labelMax } from '../report/planMarker.ts'
import type { Flags } from './flags.ts'
import { plansIn } from './planFormat.ts'
import type { Surroundings } from './terminal.ts'

const userAgent = `pglink/${pkg.version}`

const usualName = 'pglink'

const appliedBy = 'After the merge the pipeline that applies carries out exactly this digest, or nothing.'

/** Writes saved plans into the thread of the pull request; without one it says of an earlier plan that it is outdated. */
export async function commentDevops(given: readonly string[], { label = usualName }: Flags, terminal: Surroundings): Promise<Ending> {
  if (label.length > labelMax)
    throw new UsageError(`--label has ${label.length} characters, and ${labelMax} are the most. Give a shorter one.`)
  const documents = given.flatMap(path => plansIn(path, terminal.cwd))
  const build = buildIn(terminal.env)
  const { head, commit, page: run } = build
  const artifactUrl = `${run}&view=artifacts&type=publishedArtifacts`
  const context = { label, head: head || commit, run, artifactUrl, exit: exitCodes[planEnding(documents)], apply: appliedBy }
  const body = given.length === 0 ? undefined : commentBody(documents, context)
  const outcome = await writeThread(await devopsFor(build, userAgent), build, label, body)
  terminal.out(printed`${said[outcome]} Pull request ${build.pull}, label ${label}.\n`)
  return 'ok'
}

const said = {
  created: 'Wrote the thread.',
  updated: 'Updated the thread.',
  unchanged: 'The thread says so already.',
  overtaken: 'Nothing was written: there is a later commit.',
  skipped: 'There is no thread to mark as outdated.'
}

/** Prints the digest that was approved with the pull request which the commit of this build merged, and nothing else. */
export async function approvedDevops(_: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const { definition, artifact = usualName } = flags
  if (definition === undefined) throw new UsageError('Give --definition: the number of the pipeline that plans pull requests.')
  const build = buildIn(terminal.env)
  terminal.out(printed`${await approvedDigest(await devopsFor(build, userAgent), build, { definition, artifact })}\n`)
  return 'ok'
}
