import { join } from 'node:path'
import * as core from '@actions/core'
import { apply } from '../cli/apply.ts'
import type { Flags } from '../cli/flags.ts'
import type { ApplyDocument } from '../document/apply.generated.ts'
import { worst } from '../model/ending.ts'
import { printable, printed } from '../model/printable.ts'
import { movedSince } from '../plan/digest.ts'
import { summaryBody } from '../report/comment.ts'
import { type Approved, artifactsOf, digestsFor } from './hub.ts'
import { inspect } from './inspect.ts'
import { type EarlierPlan, earlierPlan } from './planFile.ts'
import { planOutputs, plansFor, tokenWarning } from './plans.ts'
import { saveBegun } from './state.ts'
import { artifactOf, type Ended, type Outputs, type Step, type Tried, tried } from './step.ts'

const bare = (digest: string): string => digest.replace(/^sha256:/, '')

export const sameDigest = (one: string, other: string): boolean => bare(one) === bare(other)

/** Carries out exactly what was approved, or nothing. */
export async function applyStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const earlier = await earlierPlan(step)
  const { files } = await inspect(step, 'plan')
  const approved = await approvedFor(step, files, earlier)
  if (earlier !== undefined) return applyEarlier(step, files, { earlier, approved })
  if (approved !== undefined && files.length > 1) {
    const stale = await staleAmong(step, files, approved)
    if (stale) return stale
  }
  saveBegun(inputs, files, terminal.cwd)
  // Without digests all of them are one apply, as on the command line.
  const parts =
    approved === undefined ? [{ files, digest: undefined }] : files.map(file => ({ files: [file], digest: approved.digests.get(file) }))
  const done: Done[] = []
  for (const part of parts) {
    done.push(await carriedOut(part.files, { ...inputs.flags, planDigest: part.digest }, step))
    if (done.at(-1)?.code !== 'ok') break
  }
  return ended(
    done.map(one => withNote(one, approved?.baseMoved)),
    step
  )
}

/** `undefined` where whatever the plan is by now is to be applied; with a plan that was brought, it is that one. */
async function approvedFor(step: Step, files: readonly string[], earlier: EarlierPlan | undefined): Promise<Approved | undefined> {
  const { planDigest, autoApprove } = step.inputs.flags
  if (!autoApprove || planDigest !== undefined) return digestsFor(step, files, step.inputs.flags)
  return earlier && { digests: new Map(files.map(file => [file, earlier.digest])), baseMoved: undefined }
}

const withNote = (done: Done, note: string | undefined): Done =>
  done.code === 'stale' && note !== undefined ? { ...done, why: `${done.why} ${note}` } : done

/** We begin none of several topologies before all are as they were approved. */
async function staleAmong(step: Step, files: readonly string[], { digests, baseMoved = '' }: Approved): Promise<Ended | undefined> {
  const { inputs, terminal, folder } = step
  const quiet = { ...terminal.quietly(), err: () => undefined }
  const { code, why, documents } = await plansFor({ files, flags: { ...inputs.flags, planDigest: undefined }, terminal: quiet, folder })
  if (documents.length < files.length) return { code, why, outputs: {} }
  const moved = documents.filter(({ topology: { path }, digest }) => !sameDigest(digest, digests.get(path) ?? ''))
  if (moved.length === 0) return undefined
  const which = moved.map(({ topology, digest }) => `the plan of ${printable(topology.path)} is ${digest} now`).join(', ')
  const told = `Something moved since it was approved: ${which}. Nothing was changed. ${baseMoved}`
  return { code: 'stale', outputs: {}, why: told.trim() }
}

interface Told {
  readonly earlier: EarlierPlan
  readonly approved: Approved | undefined
}

/** By the digest as ever; the plan that was brought tells what moved, and for how long it goes on. */
async function applyEarlier(step: Step, files: readonly string[], { earlier, approved }: Told): Promise<Ended> {
  const { inputs, terminal } = step
  const digest = approved?.digests.get(files[0] ?? '') ?? ''
  if (!sameDigest(earlier.digest, digest))
    return {
      code: 'stale',
      outputs: {},
      why: `The plan in ${inputs.planFile} has the digest ${printable(earlier.digest)}, and ${printable(digest)} was approved. Nothing was changed.`
    }
  saveBegun(inputs, files, terminal.cwd)
  warnOfLogin(step, earlier)
  const done = await carriedOut(files, { ...inputs.flags, planDigest: digest }, step)
  if (done.code !== 'stale') return ended([done], step)
  const [first] = done.documents
  const moved = (first === undefined ? [] : movedSince(earlier.foundation, first.plan.foundation)).map(printable)
  terminal.err(moved.map(one => printed`  ${one}\n`).join(''))
  const why = ['Something moved since it was approved.', done.why, approved?.baseMoved ?? ''].filter(text => text !== '').join(' ')
  return ended([{ ...done, why: [why, ...moved.slice(0, 10)].join(' | ') }], step)
}

/** The file says for about how long this goes on; a login that ends before is told of while nothing has been begun. */
function warnOfLogin({ terminal }: Step, { document }: EarlierPlan): void {
  if (document === undefined) return
  terminal.onLogin(until => {
    const warning = tokenWarning([document], until, Date.now())
    if (warning !== undefined) core.warning(warning)
  })
}

/** The events of the last topology that was begun. */
const eventsIn = (folder: string): string => join(folder, 'events.ndjson')

type Done = Tried<ApplyDocument>

function carriedOut(given: readonly string[], flags: Flags, { terminal, folder }: Step): Promise<Done> {
  // An approved digest is the yes that a person would type.
  const settings = { ...flags, jsonInto: eventsIn(folder), json: true, autoApprove: flags.autoApprove || flags.planDigest !== undefined }
  return tried(apply, given, settings, terminal.quietly())
}

function ended(done: readonly Done[], step: Step): Ended {
  const { sha, runUrl } = step.context
  const applies = done.flatMap(one => one.documents)
  const documents = applies.map(({ plan }) => plan)
  return {
    code: worst(done.map(({ code }) => code)),
    why: done.map(({ why }) => why).find(why => why !== '') ?? '',
    outputs: { ...applyOutputs(applies), 'events-path': eventsIn(step.folder), ...artifactOf(step) },
    ...(documents.length > 0 && { summary: room => summaryBody(documents, { head: sha, artifactUrl: artifactsOf(runUrl) }, room).text })
  }
}

function applyOutputs(applies: readonly ApplyDocument[]): Outputs {
  if (applies.length === 0) return {}
  const lifted = applies.reduce((total, { unlocked_ms: ms = 0 }) => total + ms, 0)
  return { ...planOutputs(applies.map(({ plan }) => plan)), 'unlocked-seconds': Math.ceil(lifted / 1_000) }
}
