import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import * as core from '@actions/core'
import { apply } from '../cli/apply.ts'
import type { Flags } from '../cli/flags.ts'
import { settingsIn } from '../cli/options.ts'
import type { Surroundings } from '../cli/terminal.ts'
import { topologyFiles } from '../engine/files.ts'
import { type Commit, commitOf } from '../engine/git.ts'
import { load } from '../engine/load.ts'
import { Stop } from '../engine/stop.ts'
import { inArmTerms } from '../engine/topology.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { noConsents } from '../model/consents.ts'
import { isBody, jsonIn, NoJson } from '../model/json.ts'
import { printable, printed } from '../model/printable.ts'
import { bodiesOfOthers } from './others.ts'
import { type Step, tried } from './step.ts'

/** The flags of a plan, and the terminal that it is made on. */
export interface Ground {
  readonly flags: Flags
  readonly terminal: Surroundings
}

/**
 * A sandbox in which the topology of the base branch was applied, in place of Azure: what a plan against it shows is what the change
 * itself does. We read only Git's objects of the base, check out and run nothing of it, and no token is needed.
 *
 * @throws Stop where the commit is not there
 */
export async function onBaseBranch(step: Step, base: string): Promise<Ground> {
  const { inputs, terminal, folder } = step
  // Not among the files for an artifact.
  const scratch = `${folder}-base`
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  const env = withStandIns(inputs.flags, terminal.env)
  const here: Surroundings = { ...terminal, env }
  const files = await topologyFiles(inputs.files, terminal.cwd)
  const commit = await commitOf(base, terminal.cwd)
  if (commit === undefined)
    throw new Stop('invalid', `The base ${printable(base)} is not a commit that was fetched: check out with fetch-depth: 0.`)
  const there: Surroundings = { ...here, cwd: scratch, out: () => undefined, err: () => undefined }
  await materialise([...files, ...inputs.flags.envFile], commit, terminal.cwd, scratch)
  const seed = join(scratch, '.pglink-seed.json')
  writeFileSync(seed, JSON.stringify(await seedOf(step, files, { now: here, before: there })))
  const flags: Flags = {
    ...inputs.flags,
    sandbox: true,
    sandboxState: join(scratch, '.pglink-estate.json'),
    sandboxSeed: seed,
    armEndpoint: undefined,
    dataDir: join(scratch, '.pglink'),
    journal: undefined
  }
  terminal.out(printed`Not read from Azure: planned against a sandbox with the topology of ${commit.id.slice(0, 7)} in it.\n`)
  for (const file of files) await applyBase(file, { flags, terminal: there })
  return { flags, terminal: here }
}

/** A topology that is new on this branch has nothing to begin with. */
async function applyBase(file: string, { flags, terminal }: Ground): Promise<void> {
  const loaded = await load(file, 'plan', settingsIn(flags, terminal)).catch(() => undefined)
  if (!loaded?.ok) {
    core.notice(`${printable(file)} is not a sound topology on the base branch: all of it is shown as new.`)
    return
  }
  const { code, why } = await tried(apply, [file], { ...flags, ...asItIs, autoApprove: true, json: true }, terminal)
  // A part that waits for a person waits on the base branch, too.
  if (code !== 'ok' && code !== 'waiting')
    core.warning(
      `${printable(file)} of the base branch could not be applied in the sandbox, so that the plan shows more than the change: ${why || `exit code ${exitCodes[code]}`}`
    )
}

/** The base is made as it is, without what this run asks for beside it. */
const asItIs = {
  prune: false,
  baseline: undefined,
  planDigest: undefined,
  resume: false,
  ...noConsents,
  target: [],
  exclude: [],
  duty: undefined
} as const

/** A variable that is not there on a fork has some value where it counts. A secret only has to look like a password. */
function withStandIns({ allowEnv }: Flags, env: Surroundings['env']): Surroundings['env'] {
  const ids = { AZURE_SUBSCRIPTION_ID: '00000000-0000-4000-8000-000000000001', AZURE_TENANT_ID: '00000000-0000-4000-8000-000000000002' }
  const names = allowEnv.map(name => [name, `Stand-in-for-${name}-1`] as const)
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  return { ...Object.fromEntries(names), ...ids, ...Object.fromEntries(given) }
}

/** The YAML files beside and beneath each topology, and its files of variables, as plain files. A link among them is left out. */
async function materialise(files: readonly string[], commit: Commit, cwd: string, scratch: string): Promise<void> {
  const asked = new Set(files.map(file => inFolder(cwd, resolve(cwd, file))))
  for (const folder of new Set(files.map(file => inFolder(cwd, dirname(resolve(cwd, file)))))) {
    if (folder.split('/')[0] === '..') continue
    for (const file of await commit.files(folder)) {
      if (!/\.ya?ml$/i.test(file) && !asked.has(file)) continue
      mkdirSync(dirname(join(scratch, file)), { recursive: true })
      writeFileSync(join(scratch, file), await commit.read(file))
    }
  }
}

const inFolder = (cwd: string, path: string): string => relative(cwd, path).split(sep).join('/')

interface Both {
  readonly now: Surroundings
  readonly before: Surroundings
}

/** Bodies of others' resources that the topologies refer to: as the seed says, and else as little as there can be of one. */
async function seedOf({ inputs, terminal }: Step, files: readonly string[], { now, before }: Both): Promise<object> {
  const bodies: Record<string, unknown> = {}
  for (const side of [before, now])
    for (const file of files) {
      const loaded = await load(file, 'plan', settingsIn(inputs.flags, side)).catch(() => undefined)
      if (!loaded?.ok) continue
      Object.assign(bodies, bodiesOfOthers(inArmTerms(loaded, inputs.flags).desired))
    }
  return { ...bodies, ...(inputs.flags.sandboxSeed === undefined ? {} : seedIn(resolve(terminal.cwd, inputs.flags.sandboxSeed))) }
}

/** @throws Stop */
function seedIn(path: string): object {
  try {
    const value = jsonIn(readFileSync(path, 'utf8'))
    if (isBody(value)) return value
  } catch (error) {
    if (error instanceof NoJson) throw new Stop('error', `The sandbox-seed ${error.message}.`)
    throw new Stop('error', `The sandbox-seed cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new Stop('error', 'The sandbox-seed is no JSON object of ARM bodies by id.')
}
