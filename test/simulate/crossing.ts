import fc from 'fast-check'
import type { ApplyResult } from '../../src/apply/events.ts'
import { restoreLocks } from '../../src/apply/recover.ts'
import { readLocks } from '../../src/azure/locks.ts'
import { rememberedIn } from '../../src/model/memory.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { unlockedSeconds } from '../../src/plan/estimate.ts'
import { carryOut, debtsIn } from '../support/engine.ts'
import { type Estate, estate, heldLocks, type Planned, plan, putLockOn, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'
import { crossroads, type Deed, personAt, type Request } from './crossroads.ts'

/*
 * Two to four topologies of different teams put private endpoints into networks, and lead them to servers, that are nobody's but shared:
 * each endpoint needs the locks of a network and of a server off. Somebody may do things by hand meanwhile, and one run may die.
 */

/** The result of a simulation; `failed` says how to replay each. */
export interface Crossed {
  readonly points: number
  readonly failed: readonly string[]
  readonly says: string
}

const shared = `/subscriptions/${subscription}/resourceGroups/rg-shared`
const networks = ['h1', 'h2'] as const
const servers = ['s1', 's2'] as const
const networkId = (name: string): string => `${shared}/providers/Microsoft.Network/virtualNetworks/${name}`
const serverId = (name: string): string => `${shared}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}-pg`
const teams = ['t1', 't2', 't3', 't4'] as const

const seedBodies = {
  [shared]: { location: 'westeurope' },
  ...Object.fromEntries(
    networks.flatMap((name, index) => [
      [networkId(name), { location: 'westeurope', properties: { addressSpace: { addressPrefixes: [`10.${index}.0.0/16`] } } }],
      [`${networkId(name)}/subnets/a`, { properties: { addressPrefix: `10.${index}.1.0/24` } }]
    ])
  ),
  ...Object.fromEntries(
    servers.map(name => [
      serverId(name),
      {
        location: 'westeurope',
        sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
        properties: { version: '17', network: { publicNetworkAccess: 'Enabled' } }
      }
    ])
  ),
  ...Object.fromEntries(
    teams.map(name => [
      `/subscriptions/${subscription}/resourceGroups/rg-${name}`,
      { location: 'westeurope', tags: { 'pglink-topology': name } }
    ])
  )
}

type Pair = readonly [server: (typeof servers)[number], network: (typeof networks)[number]]

const pairs: readonly Pair[] = servers.flatMap(server => networks.map(network => [server, network] as const))

function topologyOf(team: string, wants: readonly Pair[]): Topology {
  const endpoints = (server: string): string =>
    wants
      .filter(([to]) => to === server)
      .map(([, network]) => `${team}-${server}-${network}: { subnet: ${network}/a, privateDns: none, approval: automatic }`)
      .join(', ')
  const text = `
resourceGroup: { name: rg-${team} }
networks:
${networks.map(name => `  ${name}: { id: ${networkId(name)}, subnets: { a: { existing: true, name: a } } }`).join('\n')}
servers:
${servers.map(name => `  ${name}: { id: ${serverId(name)}, privateEndpoints: { ${endpoints(name)} } }`).join('\n')}
`
  return { ...topologyFrom(text), name: team }
}

interface Drawn {
  readonly wants: readonly (readonly Pair[])[]
  readonly levels: Readonly<Record<(typeof networks)[number], 'CanNotDelete' | 'ReadOnly'>>
  readonly deeds: readonly Deed[]
  readonly waits: readonly number[]
  /** Which run dies, and after how many of its requests. */
  readonly death: { readonly of: number; readonly after: number } | undefined
}

const lockOn = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/keep`
const levelOf = (scope: string, { levels }: Pick<Drawn, 'levels'>): 'CanNotDelete' | 'ReadOnly' =>
  networks.map(name => (networkId(name) === scope ? levels[name] : undefined)).find(level => level !== undefined) ?? 'ReadOnly'
const lockedScopes = [...networks.map(networkId), ...servers.map(serverId)]

const deeds = (drawn: Pick<Drawn, 'levels'>): readonly Deed[] => [
  {
    what: 'adds a lock',
    path: `${networkId('h1')}/providers/Microsoft.Authorization/locks/mine`,
    method: 'PUT',
    apiVersion: '2020-05-01',
    body: { properties: { level: 'CanNotDelete', notes: 'mine' } },
    sign: 'mine',
    honoured: false
  },
  ...[networkId('h1'), serverId('s1')].map(
    (scope): Deed => ({
      what: 'restores a lock by hand',
      path: lockOn(scope),
      method: 'PUT',
      apiVersion: '2020-05-01',
      body: { properties: { level: levelOf(scope, drawn), notes: 'theirs' } },
      sign: 'theirs',
      honoured: false
    })
  )
]

const maxUnlockedMs = 600_000
/** After which another run restores what a dead one had off. */
const leaseMs = maxUnlockedMs + 5 * 60_000

interface Team {
  readonly run: string
  readonly who: string
  readonly on: Estate
  readonly planned: Planned
  readonly dies: boolean
}

const carriedOut = async ({ on, planned, run }: Team): Promise<ApplyResult> =>
  (await carryOut(on, planned.plan, { desired: planned.wanted.desired, run, maxUnlockedMs })).result

async function restore({ on, planned, run }: Team): Promise<void> {
  const debts = {
    ...debtsIn(on.journal, planned.wanted.desired),
    remembered: rememberedIn(await readLocks(on.azure, subscription)).remembered,
    keep: [],
    atOnce: false
  }
  const restored = await restoreLocks(debts, { azure: on.azure, journal: on.journal, run, leaseMs: 0 })
  const failed = restored.filter(({ outcome }) => outcome === 'failed')
  if (failed.length > 0) throw new Error(failed.map(({ lock, error }) => `${run}: ${lock.path}: ${error?.message}`).join('\n'))
}

interface Once {
  readonly waited: number
  readonly longest: number
}

/** All runs at once, in one order of their requests. @throws Error where a law is broken */
async function once(scheduler: fc.Scheduler, drawn: Drawn): Promise<Once> {
  const on = estate({ seedBodies })
  for (const scope of lockedScopes) await putLockOn(on, scope, 'keep', { level: levelOf(scope, drawn), notes: 'theirs' })
  const before = await heldLocks(on)
  const { log, machine, through, settled } = crossroads(on, scheduler)
  const all: Team[] = []
  for (const [index, wants] of drawn.wants.entries()) {
    const state = { asked: 0, armed: false }
    const dies = drawn.death?.of === index
    const who = `run${index}`
    const hangs = (): boolean => {
      if (state.armed) state.asked += 1
      return dies && state.asked > (drawn.death?.after ?? 0)
    }
    const own = machine(who, hangs)
    const planned = await settled(plan(own, topologyOf(teams[index] ?? '', wants)))
    if (planned.plan.refusals.length > 0) throw new Error(planned.plan.refusals.map(({ message }) => message).join('\n'))
    state.armed = true
    all.push({ run: `0000000${index}-0000-7000-8000-000000000000`, who, on: own, planned, dies })
  }
  const from = on.sandbox.clock.now()
  const person = personAt({ on, log, through, scheduler }, drawn.deeds, drawn.waits)
  const living = all.filter(({ dies }) => !dies)
  for (const team of all) if (team.dies) void carriedOut(team)
  const results = await settled(Promise.all([...living.map(carriedOut), person.acts().then(() => undefined)]))
  const took = on.sandbox.clock.now() - from
  // Each may wait for all the others, and they all for the lease of the one that died, and no longer.
  const most = (drawn.death === undefined ? 0 : leaseMs) + all.length * 8 * 60_000
  if (took > most) throw new Error(`the runs took ${took / 1_000} s`)
  const meddled = drawn.deeds.some(({ what }) => what === 'restores a lock by hand')
  for (const [index, result] of results.entries()) {
    if (result === undefined) continue
    const bad = [...result.outcomes].filter(([, { as }]) => as !== 'done')
    if (bad.length > 0 && !meddled)
      throw new Error(`${living[index]?.who}: ${bad.map(([id, one]) => `${id} ${'error' in one ? one.error.message : one.as}`).join('\n')}`)
    if (result.owed.length > 0) throw new Error(`${living[index]?.who} owes ${result.owed.map(({ path }) => path).join(', ')}`)
  }
  const longest = windows(log, all)
  await settled(on.sandbox.clock.sleep(3_600_000))
  for (const team of living) await settled(restore(team))
  const after = (await heldLocks(on)).filter(line => !line.includes('/locks/mine '))
  if (after.join('\n') !== before.join('\n')) throw new Error(`locks were\n${before.join('\n')}\nand are\n${after.join('\n')}`)
  return { waited: turns(log), longest }
}

/** How often a run lifted a lock once more that it had restored for another one. */
const turns = (log: readonly Request[]): number => {
  const lifts = log.filter(one => isLift(one)).map(({ who, line }) => `${who} ${line.slice(line.indexOf(' '))}`)
  return lifts.length - new Set(lifts).size
}

const isKeep = ({ line, status }: Request): boolean => /\/locks\/keep$/i.test(line) && status < 300
const isLift = (one: Request): boolean => isKeep(one) && (one.line.startsWith('DELETE ') || /Lifted by pglink/.test(one.body ?? ''))

/**
 * The share of twice the plan's word that the longest window took.
 *
 * @throws Error where a lock was off for longer than twice what the runs that had it off had said; the dead one's have no end of theirs
 */
function windows(log: readonly Request[], all: readonly Team[]): number {
  let longest = 0
  for (const scope of lockedScopes) {
    const path = lockOn(scope).toLowerCase()
    let open: { readonly since: number; readonly by: Set<string> } | undefined
    for (const one of log) {
      if (!isKeep(one) || one.line.startsWith('GET ') || !one.line.toLowerCase().endsWith(path)) continue
      if (isLift(one)) {
        open ??= { since: one.at, by: new Set() }
        open.by.add(one.who)
        continue
      }
      if (open === undefined) continue
      const by = all.filter(({ who }) => open?.by.has(who))
      const words = by.map(({ planned }) => wordOf(planned, path))
      // After the lease of a dead one the first restores it that wants it off, or `locks restore`.
      const bound = by.some(({ dies }) => dies) ? Number.POSITIVE_INFINITY : 2_000 * words.reduce((sum, seconds) => sum + seconds, 0)
      const ms = one.at - open.since
      if (ms > bound) {
        const meanwhile = log.filter(({ at, line }) => at >= (open?.since ?? 0) && at <= one.at && !line.startsWith('GET '))
        const told = meanwhile.map(({ who, line, status, at }) => `${(at - (open?.since ?? 0)) / 1_000} s ${who} ${line} ${status}`)
        const who = [...open.by].join(', ')
        throw new Error(`${path} was off for ${ms / 1_000} s by ${who}, who said ${words.join(', ')} s:\n${told.join('\n')}`)
      }
      longest = Math.max(longest, bound === 0 ? 0 : ms / bound)
      open = undefined
    }
  }
  return longest
}

const wordOf = ({ plan: { steps } }: Planned, path: string): number =>
  [...unlockedSeconds(steps)].find(([lock]) => lock.toLowerCase() === path)?.[1] ?? 0

const drawnAll: fc.Arbitrary<Drawn> = fc
  .record({
    h1: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const),
    h2: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const)
  })
  .chain(levels =>
    fc.record({
      levels: fc.constant(levels),
      wants: fc.array(fc.subarray([...pairs], { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: teams.length }),
      deeds: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...deeds({ levels })]) }),
      waits: fc.array(fc.nat(120), { minLength: 3, maxLength: 3 }),
      death: fc.oneof(
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.record({ of: fc.nat(1), after: fc.nat(60) }) }
      )
    })
  )

/** @param runs how many orders are drawn */
export async function crossing({ runs: numRuns, seed }: { readonly runs: number; readonly seed: number }): Promise<Crossed> {
  const sums = { points: 0, waited: 0, longest: 0, dead: 0, three: 0 }
  const property = fc.asyncProperty(fc.scheduler(), drawnAll, async (scheduler, drawn) => {
    sums.points += 1
    sums.dead += Number(drawn.death !== undefined)
    sums.three += Number(drawn.wants.length > 2)
    const { waited, longest } = await once(scheduler, drawn)
    sums.waited += waited
    sums.longest = Math.max(sums.longest, longest)
  })
  const details = await fc.check(property, { numRuns, seed, endOnFailure: true })
  const failed = details.failed ? [`seed ${details.seed}, path ${details.counterexamplePath}: ${String(details.errorInstance)}`] : []
  const { points, waited, longest, dead, three } = sums
  const says = `${three} with three runs or four, ${dead} with a run that dies, ${waited} locks lifted once more for another's sake, none off for longer than ${Math.round(longest * 100)} % of what may be`
  return { points, failed, says }
}
