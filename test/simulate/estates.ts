import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { openStateFile } from '../../src/sandbox/stateFile.ts'
import { subscription } from '../support/estate.ts'
import { type DrawnEstate, estates as drawn } from '../support/estates.ts'
import { misjudged } from '../support/misjudged.ts'
import { locksDeclaredIn, watchedIn } from '../support/watched.ts'
import { brokenPaths, type Claimed, type LockSeen, locksDiffer, locksSeen, untrue } from '../support/witness.ts'
import { type CommandLine, commandLine, type Ended } from './commandLine.ts'
import type { Simulated } from './run.ts'

type Topology = DrawnEstate['first']

const secrets = { PG_PASSWORD: 'Throw-away-1', ADF_PASSWORD: 'Throw-away-3' }
const always = [
  '--sandbox',
  '--sandbox-seed',
  'seed.json',
  '--data-dir',
  '.pglink',
  ...Object.keys(secrets).flatMap(name => ['--allow-env', name])
]

/** The result of one estate: its shortcomings, and how far the plans let it go. */
interface Came {
  readonly short: readonly string[]
  readonly applied: number
  readonly refused: readonly string[]
}

/**
 * Estates drawn by chance, by a login that may do everything and with no faults: an apply that a plan lets through comes to its end, or waits for
 * what the file itself leaves to somebody, and the witness finds what it says to be so.
 */
export async function estates({ runs, seed }: { readonly runs: number; readonly seed: number }): Promise<Simulated> {
  const failed: string[] = []
  const refused = new Map<string, number>()
  let applied = 0
  for (const [index, one] of fc.sample(drawn, { numRuns: runs, seed }).entries()) {
    const came = await cameOf(one)
    applied += came.applied
    for (const code of came.refused) refused.set(code, (refused.get(code) ?? 0) + 1)
    if (came.short.length > 0) failed.push(`estate ${index} (--seed ${seed})\n${came.short.join('\n')}\n${textOf(one)}`)
  }
  const all = [...refused].map(([code, times]) => `${times} ${code}`).join(', ')
  return { points: applied, failed, says: `${runs} estates, plans refused: ${all === '' ? 'none' : all}` }
}

const textOf = ({ first, second, locks, prune }: DrawnEstate): string =>
  [`# first`, stringify(first), `# second${prune ? ', pruned' : ''}`, stringify(second), `# locks`, stringify(locks)].join('\n')

async function cameOf(one: DrawnEstate): Promise<Came> {
  const here = commandLine({
    'seed.json': JSON.stringify(one.theirs),
    'first.yaml': stringify(one.first),
    'second.yaml': stringify(one.second)
  })
  try {
    const declares = new Set([...locksDeclaredIn(withSubscription(one.first)), ...locksDeclaredIn(withSubscription(one.second))])
    const began = await carried(here, 'first.yaml', one.first, [], declares)
    if (began.refused.length > 0 || began.short.length > 0) return began
    await onEstate(here, sandbox => hold(sandbox, one.locks), true)
    const flags = ['--baseline', 'first.yaml', '--lift-inherited-locks', '--max-deletes', '100', ...(one.prune ? consents(one.first) : [])]
    const went = await carried(here, 'second.yaml', one.second, flags, declares)
    return { short: went.short, applied: began.applied + went.applied, refused: went.refused }
  } finally {
    here.remove()
  }
}

/** Everything that the first file declares may go, locks or not. */
function consents(topology: Topology): string[] {
  const addresses = addressesIn(topology)
  return ['--prune', ...addresses.flatMap(address => ['--allow-delete', address, '--allow-locked-delete', address])]
}

const collections = ['networks', 'privateDnsZones', 'servers', 'dataFactories']
const below = [
  'subnets',
  'links',
  'locks',
  'databases',
  'privateEndpoints',
  'connections',
  'integrationRuntimes',
  'managedPrivateEndpoints'
]

/** More than there are, which does no harm. */
function addressesIn(topology: Topology): string[] {
  return collections.flatMap(collection =>
    members(topology[collection]).flatMap(([name, entry]) => {
      const at = `${collection}/${name}`
      const rules = members(member(member(entry, 'networking'), 'publicAccess'), 'firewallRules').map(
        ([rule]) => `${at}/networking/publicAccess/firewallRules/${rule}`
      )
      const under = [...below, 'linkedServices', 'parameters'].flatMap(key =>
        members(entry, key).map(([inner, one]) => `${at}/${key}/${key === 'connections' ? lastOf(String(member(one, 'from'))) : inner}`)
      )
      return [at, ...rules, ...under, ...under.filter(one => one.includes('/privateEndpoints/')).map(one => `${one}/privateDns`)]
    })
  )
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const member = (value: unknown, key: string): unknown =>
  value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>)[key] : undefined
const members = (value: unknown, key?: string): readonly (readonly [string, unknown])[] => {
  const of = key === undefined ? value : member(value, key)
  return of !== null && typeof of === 'object' ? Object.entries(of) : []
}

/** Plans a file, and applies it where the plan lets it through. */
async function carried(
  here: CommandLine,
  file: string,
  topology: Topology,
  flags: readonly string[],
  declares: ReadonlySet<string>
): Promise<Came> {
  const run = (command: string, more: readonly string[] = []): Promise<Ended> =>
    here.pglink([command, file, ...flags, ...always, ...more], secrets)
  const planned = await run('plan')
  if (planned.code !== 0) return { short: bugsIn(planned), applied: 0, refused: codesIn(planned) }
  const before = await onEstate(here, sandbox => locksSeen(sandbox.handle, [subscription]))
  const applied = await run('apply', ['--auto-approve'])
  const waits = waitsIn(topology)
  const text = (what: string, { stdout, stderr, code }: Ended): string => `${what}\n${stdout}${stderr}[exit ${code}]`
  if (applied.code !== 0 && !(applied.code === 7 && waits))
    return { short: [text('neither 0 nor a declared wait', applied)], applied: 1, refused: [] }
  const after = await run('plan', applied.code === 0 ? ['--detailed-exitcode'] : [])
  const drift = await here.pglink(['drift', file, ...always], secrets)
  const said = [claimOf(applied, 'apply'), claimOf(after, 'plan'), claimOf(drift, 'drift')]
  const lies: string[] = []
  for (const claim of said) lies.push(...(await testified(here, topology, before, declares, claim)))
  const witness = await onEstate(here, ({ handle }) => brokenPaths(handle, watchedIn(withSubscription(topology))))
  lies.push(...misjudged(await here.pglink(['verify', file, '--json', ...always], secrets), witness))
  // A removal that waits with somebody is a change still.
  const left = after.code === 0 || after.code === applied.code ? [] : [text('the plan after it is not empty', after)]
  return { short: [...lies, ...left, ...(lies.length > 0 ? [text('the apply', applied)] : [])], applied: 1, refused: [] }
}

const claimOf = ({ stdout, stderr, code }: Ended, command: Claimed['command']): Claimed => ({ text: stdout + stderr, code, command })

const bugsIn = ({ stdout, stderr }: Ended): string[] => ((stdout + stderr).includes('pglink has a bug') ? [stdout + stderr] : [])

/** Why a plan is refused, or a file not taken: the codes in brackets, and the rules. */
const codesIn = ({ stdout, stderr, code }: Ended): string[] => {
  const found = [...(stdout + stderr).matchAll(/\[([a-z-]+)\]|\b(PGL\d+)\b/g)].map(([, refusal, rule]) => refusal ?? rule ?? '')
  return found.length > 0 ? [...new Set(found)] : [`exit ${code}`]
}

/** Whether the file leaves something to a person or a policy. */
function waitsIn(topology: Topology): boolean {
  const servers = members(topology, 'servers')
  const decided = new Set(servers.flatMap(([, entry]) => members(entry, 'connections').map(([, one]) => String(member(one, 'from')))))
  const endpoints = servers.flatMap(([name, entry]) =>
    members(entry, 'privateEndpoints').map(([key, one]) => [`servers/${name}/privateEndpoints/${key}`, one] as const)
  )
  const managed = members(topology, 'dataFactories').flatMap(([name, entry]) =>
    members(entry, 'managedPrivateEndpoints').map(([key]) => `dataFactories/${name}/managedPrivateEndpoints/${key}`)
  )
  // Only a restart puts it in force, and a new server's file may not have agreed to one.
  const restarts = servers.some(
    ([, entry]) => member(entry, 'restart') === undefined && 'max_connections' in Object.fromEntries(members(entry, 'parameters'))
  )
  return (
    restarts ||
    endpoints.some(
      ([address, one]) =>
        (member(one, 'approval') !== 'automatic' && !decided.has(address)) || member(member(one, 'privateDns'), 'managedBy') === 'policy'
    ) ||
    managed.some(address => !decided.has(address))
  )
}

async function testified(
  here: CommandLine,
  topology: Topology,
  before: ReadonlyMap<string, LockSeen>,
  declares: ReadonlySet<string>,
  claimed: Claimed
): Promise<string[]> {
  return onEstate(here, async ({ handle }) => {
    const foreign = (line: string): boolean => !declares.has(line.split(' ')[0] ?? '')
    const { lost, held, added } = await locksDiffer(handle, before, [subscription])
    const locks = { lost: lost.filter(foreign), held: held.filter(foreign), added: added.filter(foreign) }
    return untrue(claimed, { paths: await brokenPaths(handle, watchedIn(withSubscription(topology))), locks }).map(
      line => `${claimed.command} ${line}`
    )
  })
}

const withSubscription = (topology: Topology): Topology => ({ ...topology, subscription })

/** Locks of others, on what is there. */
async function hold(sandbox: Sandbox, locks: DrawnEstate['locks']): Promise<void> {
  const bodies = Object.fromEntries(
    locks
      .filter(({ scope }) => sandbox.exportState().resources.some(({ id }) => id.toLowerCase() === scope.toLowerCase()))
      .map(({ scope, level }) => [`${scope}/providers/Microsoft.Authorization/locks/foreign`, { properties: { level, notes: 'theirs' } }])
  )
  await sandbox.add(bodies)
}

/** The estate as the command line left it, without faults; an empty one before there is any. */
async function onEstate<T>({ path }: CommandLine, look: (sandbox: Sandbox) => Promise<T>, keeps = false): Promise<T> {
  const at = join(path, '.pglink/sandbox.json')
  if (!existsSync(at)) return look(createSandbox())
  const file = openStateFile(at)
  try {
    const sandbox = createSandbox({ ...(file.state && { state: file.state }) })
    const result = await look(sandbox)
    if (keeps) file.save(sandbox.exportState())
    return result
  } finally {
    file.close()
  }
}
