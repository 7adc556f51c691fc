import fc from 'fast-check'
import { readLocks } from '../../src/azure/locks.ts'
import { restoredText } from '../../src/host/restoredText.ts'
import { restoreLocks } from '../../src/locks/recover.ts'
import type { Outcome } from '../../src/model/events.ts'
import { markedIn } from '../../src/model/marker.ts'
import { namingFrom } from '../../src/model/naming.ts'
import type { Desired } from '../../src/model/resource.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { styleOf } from '../../src/report/style.ts'
import { claimOf } from '../support/claims.ts'
import { carryOut, owedIn } from '../support/engine.ts'
import { arm, type Estate, estate, failures, heldLocks, type Planned, plan, putLockOn, reconcile, subscription } from '../support/estate.ts'
import { watchedIn } from '../support/watched.ts'
import { brokenPaths, type Claimed, type LockSeen, locksDiffer, locksSeen, untrue } from '../support/witness.ts'
import { smallServer, topologyFrom } from '../support/yaml.ts'
import { crossroads, type Deed, personAt, type Request, type Waits } from './crossroads.ts'
import { astray, deeds, hub, onServer, zone } from './interleaveDeeds.ts'

/** The result of a simulation; `failed` says how to replay each. */
export interface Interleaved {
  readonly points: number
  readonly failed: readonly string[]
  /** Writes of a person that a run wrote over although the provider honours a precondition. */
  readonly lost: number
  /** Writes of a person that fell between a run's look and its write, where no provider would tell. */
  readonly inTheGap: number
  readonly says: string
}

interface Variant {
  /** Whether a private endpoint comes into the network, for which locks on that are taken off and not only lowered. */
  readonly joins: boolean
  /** Whether the server, which serves one at a time, is changed as well. */
  readonly patches: boolean
}

const topology = (stage: 'one' | 'two', { joins, patches }: Variant, endpoint = stage === 'two' && joins): Topology =>
  topologyFrom(`
resourceGroup: { name: rg-case, tags: { stage: ${stage} } }
networks:
  hub:
    addressSpace: [10.0.0.0/16${stage === 'two' ? ', 10.1.0.0/16' : ''}]
    subnets: { a: { addressPrefix: 10.0.1.0/24 } }
${joins || patches ? serverWith(endpoint, stage === 'two' && patches ? 14 : 7) : ''}
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, tags: { stage: ${stage} }, links: { hub: {} } } }
dataFactories:
  case-adf:
    linkedServices:
      kv: { type: AzureKeyVault, baseUrl: https://${stage}.vault.azure.net }
`)

const serverWith = (endpoint: boolean, retentionDays: number): string =>
  smallServer(
    `backup: { retentionDays: ${retentionDays} }`,
    'maintenanceWindow: { day: Sunday, hour: 3 }',
    ...(endpoint ? ['privateEndpoints: { pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic } }'] : [])
  )

export const runs = ['11111111-0000-4000-8000-000000000001', '22222222-0000-4000-8000-000000000002'] as const
const maxUnlockedMs = 600_000

const carriedOut = async (on: Estate, planned: Planned, run: string) => ({
  planned,
  ...(await carryOut(on, planned.plan, { desired: planned.wanted.desired, run, maxUnlockedMs }))
})

/** Each machine's own `locks restore` in the end. */
const restore = async (on: Estate, run: string, desired: Desired): Promise<Claimed> => {
  const allOwed = {
    ...owedIn(on.journal, desired),
    marked: markedIn(await readLocks(on.azure, subscription)).marked,
    keep: [],
    atOnce: true
  }
  const restored = await restoreLocks(allOwed, { azure: on.azure, journal: on.journal, run, leaseMs: 0 })
  const text = restoredText(restored, 'pglink locks restore', namingFrom(desired), styleOf({ color: false, unicode: true }))
  return { text, code: restored.some(({ outcome }) => outcome === 'failed') ? 9 : 0, command: 'restore' }
}

/** The fate of a person's deeds. */
interface Fate {
  /** Written over where a precondition is honoured. */
  readonly lost: number
  /** Written over in the gap, where none is: the file's word stands, and nothing in Azure's resources says that there was another. */
  readonly overwritten: number
  /** Fell in the gap and stands all the same. */
  readonly stoodInTheGap: number
  /** Stands and is not what the file says: the read that closes each run tells each. */
  readonly named: number
}

interface Once extends Fate {
  /** Whether both runs had said that they take the same lock before either had done it. */
  readonly contested: boolean
}

interface Drawn extends Variant {
  readonly meddling: readonly Deed[]
  readonly waits: Waits
  readonly level: 'CanNotDelete' | 'ReadOnly'
  readonly networkIfMatch: 'honoured' | 'ignored'
  /** Which of the two machines knows nothing of the endpoint that the other one makes: it only lowers what the other one removes. */
  readonly onlyLowers: 0 | 1 | undefined
}

/** Two machines on one estate, and a person: in one order of their requests. @throws Error where a law is broken */
async function once(scheduler: fc.Scheduler, drawn: Drawn): Promise<Once> {
  const { meddling, waits, level, joins, networkIfMatch, onlyLowers } = drawn
  const on = estate({ behaviours: { networkIfMatch } })
  const begun = await reconcile(on, topology('one', drawn))
  if (failures(begun).length > 0) throw new Error(failures(begun).join('\n'))
  for (const scope of [hub, zone]) await putLockOn(on, scope, 'foreign', { level, notes: 'theirs' })
  const before = await heldLocks(on)
  const looked = await locksSeen(on.sandbox.handle, [subscription])
  const { log, machine, through, settled } = crossroads(on, scheduler)
  const machines = runs.map((run, index) => ({ run, on: machine(run.slice(0, 4)), endpoint: joins && index !== onlyLowers }))
  const files = machines.map(({ endpoint }) => topology('two', drawn, endpoint))
  const planned = () => settled(Promise.all(machines.map(({ on: each }, index) => plan(each, files[index] as Topology))))
  const plans = await planned()
  for (const [index, { endpoint }] of machines.entries()) {
    const removes = plans[index]?.plan.steps.some(({ action }) => action.do === 'lift' && action.how === 'remove')
    if (removes !== endpoint) throw new Error(`the plan ${endpoint ? 'removes no lock' : 'removes a lock'}`)
  }

  const person = personAt({ on, log, through, scheduler }, meddling, waits)
  const applying = machines.map(({ on: each, run }, index) => carriedOut(each, plans[index] as Planned, run))
  await settled(Promise.all([...applying, person.acts()]))
  const gone = await Promise.all(applying)
  const inTheWay = gone.flatMap(({ result }) => [...result.outcomes].flatMap(lockedOut))
  if (inTheWay.length > 0) throw new Error(`a lock was in the way of a run that had it off:\n${inTheWay.join('\n')}`)
  await on.sandbox.clock.sleep(3_600_000)
  const closing = await planned()
  const testify = (claimed: Claimed, stage: Topology): Promise<void> => testified(on, { claimed, looked, stage })
  for (const [index, one] of gone.entries())
    await testify(await claimOf({ ...one, closing: closing[index] as Planned, now: on.sandbox.clock.now() }), files[index] as Topology)
  for (const [index, { on: each, run }] of machines.entries()) {
    const claimed = await settled(restore(each, run, plans[index]?.wanted.desired ?? new Map()))
    if (claimed.code !== 0) throw new Error(claimed.text)
    await testify(claimed, files[index] as Topology)
  }
  const after = await heldLocks(on)
  if (after.join('\n') !== before.join('\n')) throw new Error(`locks were\n${before.join('\n')}\nand are\n${after.join('\n')}`)
  const both = offForBoth(log)
  if (both.length > 0) throw new Error(`two runs had a lock off at once:\n${both.join('\n')}`)
  const contested = joins && onlyLowers === undefined && bothSaidSo(log)
  const done = (await person.done()).filter(deed => deed !== astray)
  const honours = ({ honoured }: Deed): boolean => (honoured === 'network' ? networkIfMatch === 'honoured' : honoured)
  return { ...(await fates(on, log, done, await planned(), honours)), contested }
}

interface Testimony {
  readonly claimed: Claimed
  readonly looked: ReadonlyMap<string, LockSeen>
  readonly stage: Topology
}

/** Holds what a machine said against what a witness finds. @throws Error where it is not so */
async function testified({ sandbox: { handle } }: Estate, { claimed, looked, stage }: Testimony): Promise<void> {
  const seen = { paths: await brokenPaths(handle, watchedIn(stage)), locks: await locksDiffer(handle, looked, [subscription]) }
  const lies = untrue(claimed, seen)
  if (lies.length > 0) throw new Error(`the witness: ${lies.join('\n')}\n${claimed.text}`)
}

/** The fate of the person's deeds. @throws Error where one was written over although it need not be, or stands and is not told */
async function fates(
  on: Estate,
  log: readonly Request[],
  meddling: readonly Deed[],
  closing: readonly Planned[],
  honours: (deed: Deed) => boolean
): Promise<Fate> {
  const fate = { lost: 0, overwritten: 0, stoodInTheGap: 0, named: 0 }
  for (const deed of meddling) {
    const { what, path, sign, apiVersion } = deed
    const at = log.findIndex(({ who, line }) => who === 'person' && line === `${deed.method} ${path}`)
    const inTheGap = fellInTheGap(log, path, at)
    if ((await (await arm(on, 'GET', path, apiVersion)).text()).includes(sign)) {
      if (!closing.every(({ plan: { changes } }) => changes.some(change => idOf(change).toLowerCase() === path.toLowerCase())))
        throw new Error(`a person ${what}, it stands, and the closing read does not name it`)
      fate.named += 1
      if (inTheGap && !honours(deed)) fate.stoodInTheGap += 1
    } else if (honours(deed)) fate.lost += 1
    else if (inTheGap) fate.overwritten += 1
    else throw new Error(`${path} was written over, and not in the gap`)
  }
  return fate
}

/** A step that a lock has refused. */
const lockedOut = ([step, outcome]: readonly [string, Outcome]): string[] =>
  outcome.as === 'failed' && 'code' in outcome.error && outcome.error.code === 'ScopeLocked' ? [`${step}: ${outcome.error.message}`] : []

const idOf = (change: Planned['plan']['changes'][number]): string => (change.op === 'delete' ? change.old.id : change.resource.id)

/** Locks that one run took off while another one, which had taken them off, had not restore them. */
function offForBoth(log: readonly Request[]): string[] {
  const holders = new Map<string, string>()
  const both: string[] = []
  for (const { who, line, status } of log) {
    const [method = '', path = ''] = line.toLowerCase().split(' ')
    if (status >= 300 || !path.endsWith('/locks/foreign')) continue
    const holder = holders.get(path)
    if (method === 'delete' && holder !== undefined && holder !== who) both.push(`${path}, by ${holder} and by ${who}`)
    if (method === 'delete') holders.set(path, who)
    if (method === 'put') holders.delete(path)
  }
  return both
}

/** Whether a marker of each run stood before the lock on the network was deleted for the first time. */
function bothSaidSo(log: readonly Request[]): boolean {
  const deleted = log.findIndex(
    ({ line }) => line.toLowerCase() === `delete ${hub}/providers/microsoft.authorization/locks/foreign`.toLowerCase()
  )
  const marked = log.slice(0, deleted).filter(({ line, status }) => /^PUT .*\/pglink-owes-/.test(line) && status < 300)
  return new Set(marked.map(({ who }) => who)).size === runs.length
}

/** Whether a run's look came before the person's write, its own write after it, and nothing of that run between the two. */
function fellInTheGap(log: readonly Request[], path: string, at: number): boolean {
  return runs.some(run => {
    const own = (one: Request): boolean => one.who === run.slice(0, 4) && one.line.toLowerCase().endsWith(` ${path.toLowerCase()}`)
    const before = log.slice(0, at).filter(own).at(-1)
    const next = log.slice(at + 1).find(own)
    return before?.line.startsWith('GET ') === true && /^(PUT|PATCH) /.test(next?.line ?? '')
  })
}

/** @param runs how many orders are drawn */
export async function interleave({ runs: numRuns, seed }: { readonly runs: number; readonly seed: number }): Promise<Interleaved> {
  const sums = { points: 0, lost: 0, overwritten: 0, stoodInTheGap: 0, named: 0, joined: 0, contested: 0 }
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.record({ joins: fc.boolean(), patches: fc.boolean() }).chain(drawnFor),
    async (scheduler, drawn) => {
      sums.points += 1
      const one = await once(scheduler, drawn)
      for (const key of ['lost', 'overwritten', 'stoodInTheGap', 'named'] as const) sums[key] += one[key]
      sums.joined += Number(drawn.joins)
      sums.contested += Number(one.contested)
      if (one.lost > 0) throw new Error('an update was lost where a precondition is honoured')
    }
  )
  const details = await fc.check(property, { numRuns, seed, endOnFailure: true })
  const failed = details.failed ? [`seed ${details.seed}, path ${details.counterexamplePath}: ${String(details.errorInstance)}`] : []
  const { points, lost, overwritten, stoodInTheGap, named, joined, contested } = sums
  const inTheGap = overwritten + stoodInTheGap
  const gap = `${inTheGap} in the gap elsewhere, of which ${stoodInTheGap} stand`
  const removed = `${joined} with a lock removed (${contested} wanted by both at once)`
  const says = `${lost} updates lost where Azure can tell, ${gap}, ${named} that stand named by the closing read, ${removed}`
  return { points, failed, lost, inTheGap, says }
}

const drawnFor = ({ joins, patches }: Variant): fc.Arbitrary<Drawn> => {
  const possible = [...deeds, ...(patches ? [onServer] : []), ...(joins ? [astray] : [])]
  return fc.record({
    meddling: fc.shuffledSubarray(possible, { minLength: 1 }),
    waits: fc.array(fc.oneof(fc.nat(30), fc.constant('look' as const)), { minLength: possible.length, maxLength: possible.length }),
    level: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const),
    joins: fc.constant(joins),
    patches: fc.constant(patches),
    networkIfMatch: fc.constantFrom('honoured' as const, 'ignored' as const),
    onlyLowers: fc.constantFrom(undefined, undefined, 0 as const, 1 as const)
  })
}
