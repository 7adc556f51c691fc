import type { Azure } from '../azure/azure.ts'
import { asking, isForbidden, isNotFound, isUnreadable } from '../azure/error.ts'
import { itemsOf } from '../azure/items.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import type { Read } from '../kinds/kind.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { messageOf } from '../model/message.ts'
import { type Connection, connect } from './azure.ts'
import { type ConnectionView, connectionsAt, declaredIn, type Looking, viewOf } from './connectionView.ts'
import { dataDirOf } from './dataDir.ts'
import type { Host } from './host.ts'
import type { DriftOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { runId } from './runId.ts'
import { oneByOne } from './session.ts'
import { type Settings, settingsOf } from './settings.ts'
import { Stop, UsageError } from './stop.ts'

/** The cloud of what no file names. */
export type Cloud = Parameters<typeof connect>[0]['cloud']

/** Servers to list beside those of the files. */
export interface ServersAsked {
  /** ARM ids. */
  readonly servers: readonly string[]
  /** All of one subscription: the one of the options, of AZURE_SUBSCRIPTION_ID, or the only one that the login sees. */
  readonly all: boolean
  readonly cloud: Cloud
}

/**
 * Lists the connections of the servers of each topology, and of those that are asked for by themselves. Makes no request but reads. Without
 * files only the latter are listed.
 *
 * @throws UsageError where the subscription to list cannot be told
 */
export async function listConnections(
  options: DriftOptions,
  { servers, all, cloud }: ServersAsked,
  host: Host
): Promise<Outcome<readonly ConnectionView[]>> {
  const settings = settingsOf(options)
  const isAsked = servers.length > 0 || all
  const files: Outcome<readonly ConnectionView[]> =
    isAsked && settings.files.length === 0 ? { sound: true, topologies: [], diagnostics: [] } : await ofFiles(options, host)
  if (!files.sound || !isAsked) return files
  const others = await withoutFile({ settings, host, cloud }, async ({ azure }) => {
    const subscriptions = all ? [await subscriptionIn(azure, settings)] : []
    const looking: Looking = { azure, declared: undefined, subscriptions }
    const views: ConnectionView[] = []
    for (const server of servers) views.push(...(await ofServer(server, server, looking, host)))
    for (const subscription of subscriptions) views.push(...(await ofSubscription(subscription, looking)))
    return views
  })
  const seen = new Set(files.topologies.flat().map(({ id }) => id.toLowerCase()))
  const more = [...new Map(others.map(one => [one.id.toLowerCase(), one])).values()].filter(({ id }) => !seen.has(id.toLowerCase()))
  return { ...files, topologies: [...files.topologies, more] }
}

const ofFiles = (options: DriftOptions, host: Host): Promise<Outcome<readonly ConnectionView[]>> =>
  oneByOne(options, host, async ({ prepared, connection }) => {
    const { desired, subscriptions } = prepared.resolved
    const azure = connection.open('reading', connection.answers)
    const looking: Looking = { azure, declared: await declaredIn(azure, desired), subscriptions }
    const views: ConnectionView[] = []
    for (const one of desired.values())
      if (one.kind === flexibleServer.name) views.push(...(await ofServer(one.path, one.address, looking, host)))
    return views
  })

/** Opens the way to Azure without a file; what is remembered lies where that of a file in this folder does. */
export async function withoutFile<T>(
  { settings, host, cloud }: { readonly settings: Settings; readonly host: Host; readonly cloud: Cloud },
  work: (way: { readonly azure: Azure; readonly connection: Connection; readonly dataDir: string; readonly run: string }) => Promise<T>
): Promise<T> {
  const [dataDir, run] = [dataDirOf('topology.yaml', settings, settings.cwd), runId()]
  const connection = await connect({ settings, host, cloud, dataDir, run })
  try {
    return await work({ azure: connection.open('reading', connection.answers), connection, dataDir, run })
  } finally {
    connection.close()
  }
}

/** One that is not there, or may not be read, is told and hides no other. */
async function ofServer(path: string, address: string, looking: Looking, host: Host): Promise<readonly ConnectionView[]> {
  try {
    return await viewsOf(await connectionsAt(looking.azure, path), looking)
  } catch (error) {
    if (!isNotFound(error) && !isUnreadable(error)) throw error
    const why = isNotFound(error) ? 'not there' : isForbidden(error) ? 'forbidden' : messageOf(error)
    host.notify({ type: 'server unread', address, path, why })
    return []
  }
}

async function viewsOf(reads: readonly Read[], looking: Looking): Promise<readonly ConnectionView[]> {
  const views: ConnectionView[] = []
  for (const read of reads) if (read.observed.state === 'present') views.push(await viewOf(read, looking))
  return views
}

/** The list of a subscription's servers carries their connections. */
async function ofSubscription(subscription: string, looking: Looking): Promise<readonly ConnectionView[]> {
  const servers = await flexibleServer.list(looking.azure, `/subscriptions/${subscription}`)
  const reads = servers.flatMap(({ body }) => privateEndpointConnection.embedded?.(body) ?? [])
  return viewsOf(reads, looking)
}

/** @throws UsageError where the login sees none, or several and none is named */
async function subscriptionIn(azure: Azure, { subscription, environment }: Settings): Promise<string> {
  const named = subscription ?? environment['AZURE_SUBSCRIPTION_ID']
  if (named !== undefined && named !== '') return named
  const seen = await asking('GET the subscriptions of this login', async () => {
    const ids: string[] = []
    for await (const { subscriptionId } of itemsOf<{ readonly subscriptionId?: string }>(azure.send, '/subscriptions', '2022-12-01'))
      if (subscriptionId !== undefined) ids.push(subscriptionId)
    return ids
  })
  const [only, ...more] = seen
  if (only !== undefined && more.length === 0) return only
  if (only === undefined) throw new Stop('error', 'This login sees no subscription. Name one, or give the login a role in it.')
  throw new UsageError(`This login sees ${seen.length} subscriptions: ${seen.join(', ')}. Name the one to list.`)
}
