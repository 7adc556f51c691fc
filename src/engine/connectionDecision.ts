import { readAllLocks } from '../azure/allLocks.ts'
import type { Azure } from '../azure/azure.ts'
import { until } from '../azure/deadline.ts'
import { WaitTimedOut } from '../azure/error.ts'
import { lookupIn, type Read } from '../kinds/kind.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import type { Audit } from '../model/decision.ts'
import type { Ending } from '../model/ending.ts'
import { given } from '../model/given.ts'
import { parentOf, resourceId, scopesOf, subscriptionOf } from '../model/id.ts'
import { at } from '../model/naming.ts'
import { present, type Resource } from '../model/resource.ts'
import { auditOf } from './audit.ts'
import type { Connection } from './azure.ts'
import { type Cloud, withoutFile } from './connections.ts'
import { type ConnectionView, connectionsAt, type Declared, declaredIn, type EndSeen, viewOf } from './connectionView.ts'
import type { Host } from './host.ts'
import type { DriftOptions } from './options.ts'
import { inSession } from './session.ts'
import { type Settings, settingsOf } from './settings.ts'
import { Stop, UsageError } from './stop.ts'
import { prepare } from './topology.ts'

export type Verb = 'approve' | 'reject' | 'remove'

/** One connection, and the decision that is asked for. */
export interface DecisionAsked {
  /** The ARM id of the connection. */
  readonly connection: string
  readonly verb: Verb
  /** The ARM id of the endpoint that the connection has to come from. */
  readonly expected: string
  /** The text that the requester sees. */
  readonly response: string | undefined
  readonly cloud: Cloud
}

/** A connection after a decision. `written`: this run wrote it; else it was so already. */
export interface Decided {
  readonly ending: Ending
  readonly verb: Verb
  readonly written: boolean
  /** The state before it. */
  readonly from: string
  readonly view: ConnectionView
}

const stateAfter = { approve: 'Approved', reject: 'Rejected', remove: 'Removed' } as const

/**
 * Looks at one connection, by its id. Makes no request but reads. Files that are not sound give `undefined`: the host was told why.
 *
 * @throws Stop where there is none of that id
 */
export const connectionAt = (
  options: DriftOptions,
  { connection, cloud }: Pick<DecisionAsked, 'connection' | 'cloud'>,
  host: Host
): Promise<ConnectionView | undefined> =>
  opened(options, cloud, host, async ({ azure, declared, subscriptions }) =>
    viewOf(await found(azure, connection), { azure, declared, subscriptions })
  )

/**
 * Decides on one connection, and waits until both ends show it. With a file only a decision that the file declares is approved, and no path of
 * a declared endpoint is cut.
 *
 * @throws Stop where it is refused, is not the connection that is expected, or changed since it was shown; nothing was written then
 */
export const decide = (options: DriftOptions, asked: DecisionAsked, host: Host): Promise<Decided | undefined> =>
  opened(options, asked.cloud, host, way => decideIn(way, asked, host))

interface Way {
  readonly azure: Azure
  readonly connection: Connection
  readonly declared: Declared | undefined
  readonly subscriptions: readonly string[]
  readonly dataDir: string
  readonly run: string
}

async function opened<T>(options: DriftOptions, cloud: Cloud, host: Host, work: (way: Way) => Promise<T>): Promise<T | undefined> {
  const settings: Settings = settingsOf(options)
  const subscriptions = settings.subscription === undefined ? [] : [settings.subscription]
  if (settings.files.length === 0)
    return withoutFile({ settings, host, cloud }, way => work({ ...way, declared: undefined, subscriptions }))
  const files = await prepare(settings, host)
  if (!files.sound) return undefined
  const [one, ...more] = files.prepared
  if (one === undefined || more.length > 0) throw new UsageError('A decision is about one topology; there are several.')
  return inSession(one, { settings, host }, async ({ connection, prepared, run }) => {
    const azure = connection.open('reading', connection.answers)
    const { desired, subscriptions: own } = prepared.resolved
    return work({ azure, connection, declared: await declaredIn(azure, desired), subscriptions: own, dataDir: prepared.dataDir, run })
  })
}

async function found(azure: Azure, connection: string): Promise<Read> {
  const read = await privateEndpointConnection.observe(azure, connection)
  if (read.observed.state === 'present') return read
  throw new Stop('error', `There is no connection ${connection}. \`pglink connections list\` shows those that are there.`)
}

async function decideIn(way: Way, asked: DecisionAsked, host: Host): Promise<Decided> {
  const { azure, declared, subscriptions, connection } = way
  const looking = { azure, declared, subscriptions }
  const { verb, expected, response } = asked
  const read = await found(azure, asked.connection)
  const view = await viewOf(read, looking)
  mustComeFrom(view.endpoint, expected, 'refused')
  if (declared !== undefined) mustBeDeclared(read, view, verb, declared)
  const isThere = verb !== 'remove' && isState(view.status, stateAfter[verb])
  if (isThere && (response === undefined || response === view.response))
    return { ending: 'ok', verb, written: false, from: view.status, view }
  mustBePossible(view, verb)
  if (declared !== undefined) await mustLeavePath(view, verb, way, declared)
  await mustBeUnlocked(azure, view, verb)
  await host.confirm({ about: 'decision', verb, view, response, interrupts: cuts(view, verb) })
  const writing = connection.open('writing')
  const again = await found(writing, view.id)
  mustComeFrom(endpointIn(again), expected, 'stale')
  const now = present(again.observed)?.facts.connection?.status ?? ''
  if (!isState(now, view.status))
    throw new Stop(
      'stale',
      `The connection was ${view.status} and is ${now} now: another person or tool decided on it. Nothing was written. Look again.`
    )
  const audit = auditOf({ dataDir: way.dataDir, estate: connection.estate, run: way.run, objectId: connection.objectId, host })
  await written(writing, asked, again, { audit, say: what => host.notify({ type: 'deciding', what }) })
  const { ending, view: after } = await bothEnds(view, verb, { ...looking, azure: writing }, host)
  return { ending: audit.isUnwritten() ? 'partial' : ending, verb, written: true, from: view.status, view: after }
}

const isState = (status: string, wanted: string): boolean => status.toLowerCase() === wanted.toLowerCase()

/** Whether a client loses its path to the server. */
const cuts = ({ status }: ConnectionView, verb: Verb): boolean => verb !== 'approve' && isState(status, 'Approved')

const endpointIn = ({ body }: Read): string | undefined =>
  (body as { readonly privateEndpoint?: { readonly id?: string } }).privateEndpoint?.id

function mustComeFrom(endpoint: string | undefined, expected: string, ending: 'refused' | 'stale'): void {
  if (endpoint !== undefined && resourceId(endpoint) === resourceId(expected)) return
  throw new Stop(ending, 'The connection does not come from the endpoint that is expected. Nothing was written.', [
    `expected: ${expected}`,
    `it comes from: ${endpoint ?? 'an endpoint that Azure does not name'}`
  ])
}

function mustBePossible({ status, endpoint }: ConnectionView, verb: Verb): void {
  if (verb !== 'approve') return
  // Accepted, and the operation fails with InternalServerError [REC-PE].
  if (isState(status, 'Rejected'))
    throw new Stop(
      'waiting',
      `Azure cannot approve a connection that was rejected: have the owner of ${endpoint} delete it and make it again. Nothing was written.`
    )
  if (isState(status, 'Disconnected'))
    throw new Stop(
      'waiting',
      `The connection is Disconnected, and nothing revives it: have the owner of ${endpoint} delete it and make it again. Nothing was written.`
    )
}

/** The decision of the file on this connection. */
function decisionIn(read: Read, { desired, behind }: Declared): Resource | undefined {
  const resources = new Map(
    [...behind.values()].map(({ id, facts, path }) => [
      id,
      { kind: '', path, observed: { state: 'present' as const, props: {}, tags: {}, refs: [], reach: [], facts } }
    ])
  )
  return [...desired.values()].find(
    one =>
      one.kind === privateEndpointConnection.name &&
      parentOf(one.id) === parentOf(resourceId(read.path)) &&
      privateEndpointConnection.match?.(one.props, [read], lookupIn({ resources })) === read.path
  )
}

function mustBeDeclared(read: Read, view: ConnectionView, verb: Verb, declared: Declared): void {
  const decision = decisionIn(read, declared)
  if (decision !== undefined) {
    const { status } = decision.props as { readonly status: string }
    if (verb === 'remove' || isState(status, stateAfter[verb])) return
    throw new Stop(
      'refused',
      `${decision.address} says the opposite (${at(decision.at)}). Change the file, and apply it. Nothing was written.`
    )
  }
  if (verb !== 'approve') return
  throw new Stop(
    'refused',
    'The file does not declare this connection. Nothing was written. To approve it, add to the file and apply it:',
    entryFor(view, declared)
  )
}

/** The lines of a file that declare the approval. */
function entryFor({ server, endpoint = '', factory, address }: ConnectionView, { desired }: Declared): readonly string[] {
  const own = desired.get(resourceId(server))
  const key = own?.address.split('/').at(-1) ?? server.split('/').at(-1) ?? ''
  const from =
    address ??
    (factory?.id === undefined ? `{ id: ${endpoint} }` : `{ factory: ${factory.id}, managedPrivateEndpoint: ${factory.endpoint} }`)
  const entry = [
    'servers:',
    `  ${key}:`,
    ...(own === undefined ? [`    id: ${server}`] : []),
    '    connections:',
    `      - from: ${from}`,
    '        decision: approve'
  ]
  return factory?.isTold === false
    ? [...entry, 'No factory that this login may read says that the endpoint is its own: look twice at who asks.']
    : entry
}

/** @throws Stop where the endpoint is one of the file, and no other connection of it is Approved */
async function mustLeavePath(view: ConnectionView, verb: Verb, { azure }: Way, { desired, behind }: Declared): Promise<void> {
  if (!cuts(view, verb) || view.endpoint === undefined) return
  const from = resourceId(view.endpoint)
  const entry = desired.get(behind.get(from)?.id ?? from)
  if (entry === undefined) return
  const others = (await connectionsAt(azure, view.server)).filter(one => resourceId(one.path) !== resourceId(view.id))
  const stays = others.some(one => {
    const facts = present(one.observed)?.facts
    return facts?.from === from && isState(facts.connection?.status ?? '', 'Approved')
  })
  if (stays) return
  throw new Stop(
    'refused',
    `This is the only path of ${entry.address}, which the file declares (${at(entry.at)}). Take the endpoint out of the file first. Nothing was written.`
  )
}

/** @throws Stop where a lock would have ARM refuse the write [DOC-LOCK]. This command lifts none */
async function mustBeUnlocked(azure: Azure, { id, server }: ConnectionView, verb: Verb): Promise<void> {
  const [own, scope] = [resourceId(id), resourceId(server)]
  const { raw } = await readAllLocks(azure, { subscriptions: [subscriptionOf(server).toLowerCase()], scopes: [own, scope] })
  const above = new Set(scopesOf(own))
  const stops = raw.filter(lock => above.has(lock.scope) && (lock.level === 'ReadOnly' || verb === 'remove'))
  if (stops.length === 0) return
  throw new Stop(
    'refused',
    `Azure refuses this under ${stops.length === 1 ? 'a lock' : 'locks'}, and this command lifts none. Nothing was written. \`pglink apply\` of a file that declares the decision lifts what it may, and restores it.`,
    stops.map(({ level, path }) => `${level}: ${path}`)
  )
}

interface Telling {
  readonly audit: Audit
  readonly say: (what: string) => void
}

async function written(azure: Azure, { verb, response }: DecisionAsked, { path, body, observed }: Read, telling: Telling): Promise<void> {
  const from = endpointIn({ path, body, observed })
  if (verb === 'remove') return privateEndpointConnection.remove({ azure, path, props: {}, ...telling })
  const props = given({ from: from && resourceId(from), status: stateAfter[verb], description: response })
  await privateEndpointConnection.update({ azure, path, props, tags: {}, fields: new Set(['status']), ...telling })
}

/** Data Factory looks after several minutes [HOWTO-ADF]. */
const limitMs = 15 * 60_000

/** Reads until both ends show the decision, or the other end may not be read. Where the time is up the last look stands. */
async function bothEnds(
  before: ConnectionView,
  verb: Verb,
  looking: Parameters<typeof viewOf>[1],
  host: Host
): Promise<Pick<Decided, 'ending' | 'view'>> {
  const { azure } = looking
  let last = before
  let said = false
  try {
    await until({ azure, limitMs, what: 'the other end of the connection' }, async () => {
      const read = await privateEndpointConnection.observe(azure, before.id)
      const { observed } = read
      if (verb === 'remove') {
        last = { ...before, status: observed.state === 'present' ? before.status : 'Removed' }
        return observed.state === 'present' ? undefined : true
      }
      if (observed.state !== 'present')
        throw new Stop('stale', 'The connection was decided on, and is gone now: another person or tool removed it.')
      last = await viewOf(read, looking)
      if (!said && !shows(last.otherEnd, verb)) host.notify({ type: 'deciding', what: 'waiting for the other end to show it' })
      said = true
      return isState(last.status, stateAfter[verb]) && shows(last.otherEnd, verb) ? true : undefined
    })
    return { ending: 'ok', view: last }
  } catch (error) {
    if (error instanceof WaitTimedOut) return { ending: 'waiting', view: last }
    throw error
  }
}

/** An end that may not be read is not waited for. */
const shows = (end: EndSeen, verb: Verb): boolean => 'unread' in end || isState(end.status, stateAfter[verb])
