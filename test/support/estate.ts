import type { Azure, AzureOptions } from '../../src/azure/azure.ts'
import { readLocks } from '../../src/azure/locks.ts'
import { lookAhead, withAhead } from '../../src/engine/lookAhead.ts'
import { standsAsDeclared } from '../../src/engine/recovery.ts'
import { type GroupsRead, touchedByRecord } from '../../src/live/groupsByRecord.ts'
import { readLive } from '../../src/live/read.ts'
import { leftIn, owedLocks } from '../../src/locks/journal.ts'
import { type AllOwed, clearMarkers, restoreLocks } from '../../src/locks/recover.ts'
import type { Plan } from '../../src/model/change.ts'
import { noConsents } from '../../src/model/consents.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { markedIn } from '../../src/model/marker.ts'
import type { PlanOptions } from '../../src/model/planOptions.ts'
import type { Desired, Live, Lock, Position } from '../../src/model/resource.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { makePlan } from '../../src/plan/plan.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { type Resolved, resolve } from '../../src/topology/resolve.ts'
import { type CarriedOut, carryOut, clientsOnSandbox, type Machine, MemoryJournal, maxUnlockedMs, owedIn } from './engine.ts'

/** The PostgreSQL client checks that this is a UUID. */
export const subscription = '11111111-1111-4111-8111-111111111111'

/** An estate in the sandbox and the real clients on it, in this process, with nothing to wait for. */
export interface Estate extends Machine {
  readonly sandbox: Sandbox
  /** The clients of a command that only looks, which let no write through. */
  readonly looking: Azure
  /** Every request that was made, as `METHOD path`. */
  readonly requests: string[]
}

export function estate(
  options: SandboxOptions = {},
  azureOptions: Partial<AzureOptions> = {},
  handle?: (request: Request, sandbox: Sandbox) => Promise<Response>
): Estate {
  const sandbox = createSandbox(options)
  const requests: string[] = []
  const clients = (more: Partial<AzureOptions>): Azure =>
    clientsOnSandbox(sandbox, { ...azureOptions, ...more }, request => {
      requests.push(`${request.method} ${decodeURI(new URL(request.url).pathname)}`)
      return handle ? handle(request, sandbox) : sandbox.handle(request)
    })
  return { sandbox, azure: clients({}), looking: clients({ readOnly: true }), journal: new MemoryJournal(), requests }
}

/** `safety:` as it is by default, with this as the most that may be deleted. */
export const safetyWith = (maxDeletes: number): PlanOptions['safety'] => ({
  maxDeletes,
  maxUnlockedSeconds: 600,
  locks: 'advised',
  liftInheritedLocks: false,
  liftExistingLocks: true,
  lockMemory: 'azure'
})

const nowhere = (): Position => ({ file: 'topology.yaml', line: 1, column: 1 })

export const resolved = (topology: Topology): Resolved => resolve(topology, { subscription, positions: { at: nowhere, later: nowhere } })

export type Settings = Partial<Omit<PlanOptions, 'topology' | 'endpoints' | 'baseline'>> & { readonly baseline?: Topology }

export interface Planned {
  readonly plan: Plan
  readonly live: Live
  readonly wanted: Resolved
}

/** The resources wanted last of an estate: a recovery is one of a topology. */
const wantedOn = new WeakMap<Estate, Desired>()

export async function plan(on: Estate, topology: Topology, settings: Settings = {}): Promise<Planned> {
  const wanted = resolved(topology)
  wantedOn.set(on, wanted.desired)
  const baseline = settings.baseline && resolved(settings.baseline).desired
  const prune = settings.prune ?? false
  const subscriptions = wanted.subscriptions.length > 0 ? wanted.subscriptions : [subscription]
  const options = optionsOf(on, wanted, settings)
  const reading = (groups: GroupsRead): Promise<Live> =>
    readLive(on.looking, {
      groups,
      desired: wanted.desired,
      baseline,
      prune: prune || wanted.removed.length > 0,
      sought: wanted.removed,
      topology: wanted.name,
      subscriptions,
      endpoints: wanted.endpoints,
      owed: owedLocks(on.journal.entries).flatMap(({ lock, scopeGone }) => (scopeGone ? [] : [lock]))
    })
  let groups: ReadonlySet<ResourceId> = new Set()
  let live = await reading(groups)
  let draft = makePlan(wanted.desired, live, options)
  for (;;) {
    const touched = touchedByRecord(live, draft.changes, wanted.endpoints)
    if (touched.size === 0) break
    groups = new Set([...groups, ...touched])
    live = await reading(groups)
    draft = makePlan(wanted.desired, live, options)
  }
  const ahead = await lookAhead(on.looking, wanted, { plan: draft, live })
  return { plan: ahead === undefined ? draft : withAhead(makePlan(wanted.desired, ahead.live, options), ahead), live, wanted }
}

/** Plans from what was read before, as far as that goes. */
export function draftOf(on: Estate, topology: Topology, live: Live): Plan {
  const wanted = resolved(topology)
  return makePlan(wanted.desired, live, optionsOf(on, wanted, {}))
}

function optionsOf(on: Estate, wanted: Resolved, settings: Settings): PlanOptions {
  return {
    removed: wanted.removed,
    moved: wanted.moved,
    lowered: wanted.lowered,
    owed: owedLocks(on.journal.entries).flatMap(({ lock, scopeGone }) => (scopeGone ? [lock] : [])),
    ...noConsents,
    ...settings,
    safety: settings.safety ?? wanted.safety,
    topology: wanted.name,
    prune: settings.prune ?? false,
    baseline: settings.baseline && resolved(settings.baseline).desired,
    endpoints: wanted.endpoints
  }
}

export interface Applied extends Planned, CarriedOut {}

/** Plans and applies, as a user with `--auto-approve` has it. @throws when the plan refuses. */
export async function reconcile(on: Estate, topology: Topology, settings: Settings = {}): Promise<Applied> {
  const planned = await plan(on, topology, settings)
  if (planned.plan.refusals.length > 0) throw new Error(planned.plan.refusals.map(({ code, message }) => `${code}: ${message}`).join('\n'))
  const { desired } = planned.wanted
  return { ...planned, ...(await carryOut(on, planned.plan, { desired, run: runOf(on), parallelism: 10 })) }
}

/** Runs of one estate, one after the other. */
const runOf = ({ journal }: Estate): string => `run-${String(journal.entries.length).padStart(32, '0')}`

/** The next run's first act. It asks Azure's own memory only where the journal is not enough. */
export async function recover(on: Estate, { azure = on.azure, marks = false }: { readonly azure?: Azure; readonly marks?: boolean } = {}) {
  const desired = wantedOn.get(on) ?? new Map()
  const allOwed: AllOwed = {
    ...owedIn(on.journal, desired),
    marked: marks ? markedIn(await readLocks(azure, subscription)).marked : [],
    keep: [],
    atOnce: true
  }
  const isDeclared = (lock: Lock): boolean => standsAsDeclared(lock, desired)
  const ports = { azure, journal: on.journal, run: runOf(on), leaseMs: 0, isDeclared }
  await clearMarkers(leftIn(on.journal.entries).leftover, ports)
  return restoreLocks(allOwed, ports)
}

/** Failures, in a form that reads well in a failed assertion. */
export const failures = ({ events }: Pick<Applied, 'events'>): string[] =>
  events.flatMap(event =>
    event.type === 'failed'
      ? [`${event.step.id}: ${event.error.message}`]
      : event.type === 'waiting'
        ? [`${event.step.id} waits: ${event.reason}`]
        : []
  )

/** Sends a request to the sandbox as some other client would. */
export async function arm(on: Estate, method: string, path: string, apiVersion: string, body?: unknown): Promise<Response> {
  return on.sandbox.handle(
    new Request(`https://management.azure.com${path}?api-version=${apiVersion}`, {
      method,
      headers: { authorization: 'Bearer someone-else', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  )
}

const locksPath = `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks`

/** Every lock there is, with all that has to come back. */
export async function heldLocks(on: Estate): Promise<string[]> {
  const answer = (await (await arm(on, 'GET', locksPath, '2020-05-01')).json()) as { value: { id: string; properties: object }[] }
  return answer.value.map(({ id, properties }) => `${id} ${JSON.stringify(properties)}`).sort()
}

export const putLockOn = (on: Estate, scope: string, name: string, properties: object): Promise<Response> =>
  arm(on, 'PUT', `${scope}/providers/Microsoft.Authorization/locks/${encodeURIComponent(name)}`, '2020-05-01', { properties })

/** Applies a topology, and puts a lock that is not ours on `scope`. @returns the locks that are there then */
export async function appliedUnderLock(
  on: Estate,
  topology: Topology,
  scope: string,
  level: Lock['level'] = 'ReadOnly'
): Promise<string[]> {
  const failed = failures(await reconcile(on, topology))
  if (failed.length > 0) throw new Error(failed.join())
  await putLockOn(on, scope, 'keep', { level, notes: 'theirs' })
  return heldLocks(on)
}

const versions: readonly (readonly [part: RegExp, version: string])[] = [
  [/DBforPostgreSQL/i, '2025-08-01'],
  [/DataFactory/i, '2018-06-01'],
  [/privateDnsZones\/[^/]+(\/virtualNetworkLinks.*)?$/i, '2020-06-01'],
  [/Microsoft\.Network/i, '2024-05-01'],
  [/./, '2021-04-01']
]

export async function isThere(on: Estate, path: string): Promise<boolean> {
  const [, version = ''] = versions.find(([part]) => part.test(path)) ?? []
  return (await arm(on, 'GET', path, version)).status === 200
}

/** Those of these lines of `heldLocks` whose scope is still there: the others are not expected back. */
export async function expectedBack(on: Estate, lines: readonly string[]): Promise<string[]> {
  const kept: string[] = []
  for (const line of lines)
    if (await isThere(on, line.slice(0, line.toLowerCase().indexOf('/providers/microsoft.authorization/')))) kept.push(line)
  return kept
}

/** Everything that `before` declares may go: for tests that look at the order and the locks. */
export function anything(before: Topology): Settings {
  const { desired, safety } = resolved(before)
  const all = [...desired.values()].map(({ address }) => address)
  return {
    baseline: before,
    prune: true,
    allowDelete: all,
    allowLockedDelete: all,
    safety: { ...safety, maxDeletes: 100, liftInheritedLocks: true, lockMemory: 'journal', maxUnlockedSeconds: maxUnlockedMs / 1000 }
  }
}

/** Those of these lines of `heldLocks` whose locks somebody else made: the generated topologies call their own `declared`. */
export const foreign = (lines: readonly string[]): string[] => lines.filter(line => !line.includes('/locks/declared '))
