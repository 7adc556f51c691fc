import type { PostgreSQLManagementFlexibleServerClient, Server as ServerBody } from '@azure/arm-postgresql-flexible'
import type { RawRequest } from '../../azure/azure.ts'
import { until } from '../../azure/deadline.ts'
import { ArmError, isForbidden } from '../../azure/error.ts'
import { subscriptionOf } from '../../model/id.ts'
import type { InvokeResult, Io } from '../kind.ts'
import { usualMotion } from '../motion.ts'
import { sameText } from '../rule.ts'
import type { ChangingCall } from '../said.ts'

/*
 * Out of a virtual network, to Private Link. All of it is documentation, nothing was recorded: the page
 * learn.microsoft.com/azure/postgresql/network/how-to-migrate-vnet-private-endpoint-capable-server [DOC-MIGRATE], and the REST reference
 * (servers/migrate-network-mode, view rest-postgresql-2026-10-01). There is no way back.
 */

/** For how long we wait for the operation, and for one before it: three times as long as it takes. */
const limitMs = 60 * 60_000

/** The last part of its address. */
export const migrateNetwork = 'migrateNetwork'

/** About 20 minutes, in which the server is Updating, and about 10 of them without connections; afterwards an endpoint has to be made [DOC-MIGRATE]. */
export const networkMigration: ChangingCall = {
  becomes: 'migrated out of its virtual network',
  seconds: 20 * 60,
  meanwhile:
    'no connections for about 10 minutes, within the 20 minutes that Azure takes to migrate it; there is no way back into the virtual network',
  afterwards: 'no client reaches it from the end of the migration until its private endpoint is made and its record proven',
  untried({ props, facts: { replica, state } }) {
    const { highAvailability: mode } = props as { readonly highAvailability?: string }
    return [
      ...(replica ? ['it is a read replica'] : []),
      ...(mode === undefined || sameText(mode, 'Disabled') ? [] : [`its high availability is ${mode}`]),
      ...(state === undefined || sameText(state, 'Ready') ? [] : [`it is ${state} and not Ready`])
    ]
  }
}

/** The first API version that has the call [AZAPI-PG]. */
const first = '2026-01-01-preview'

const namespace = 'Microsoft.DBforPostgreSQL'

interface ProviderBody {
  readonly resourceTypes?: readonly { readonly resourceType?: string; readonly apiVersions?: readonly string[] }[]
}

/** The version to call it in, or those that there are where none has it. */
type Version = { readonly version: string } | { readonly offered: readonly string[] }

/**
 * Reads which API versions Azure has for servers. A login without a role on the subscription is told them above it, where no right is
 * needed (Providers - Get At Tenant Scope).
 *
 * @returns the newest that has the call: by its day, and of one day the one that is no preview
 * @throws ArmError where Azure does not say
 */
export async function migrationVersion(send: (request: RawRequest) => Promise<unknown>, subscription: string): Promise<Version> {
  const ask = async (scope: string) =>
    (await send({ method: 'GET', path: `${scope}/providers/${namespace}`, apiVersion: '2021-04-01' })) as ProviderBody
  const body = await ask(`/subscriptions/${subscription}`).catch(error => {
    if (isForbidden(error)) return ask('')
    throw error
  })
  const offered = (body.resourceTypes ?? []).find(({ resourceType }) => /^flexibleServers$/i.test(resourceType ?? ''))?.apiVersions ?? []
  const [newest] = offered.filter(one => dayOf(one) >= dayOf(first)).sort(newestFirst)
  return newest === undefined ? { offered: [...offered].sort(newestFirst) } : { version: newest }
}

const dayOf = (version: string): string => version.slice(0, 10)

const newestFirst = (a: string, b: string): number => (dayOf(a) === dayOf(b) ? a.length - b.length : dayOf(a) < dayOf(b) ? 1 : -1)

/** The sentence for a subscription in which no version has the call. */
export const noVersion = (offered: readonly string[]): string =>
  `Azure offers no API version for servers in which it migrates one out of its virtual network: that takes ${first} or a later one, and its own list has ${offered.length === 0 ? 'none' : offered.join(', ')}. Ask Microsoft when the region and cloud have it; nothing was changed.`

const isInside = ({ network }: ServerBody): boolean => Boolean(network?.delegatedSubnetResourceId)

const isBusy = ({ state }: ServerBody): boolean => usualMotion({ ...(state !== undefined && { state }) }) !== 'at rest'

/**
 * Has Azure take a server out of its virtual network, and waits for the end. A server that Azure still works on is waited for first, and one
 * that is out already is left alone: so no call that was accepted is followed by another, whoever made it.
 *
 * @throws ArmError where Azure refuses, or ends the operation with a failure: the server is then where it was
 */
export async function migrated(
  postgres: PostgreSQLManagementFlexibleServerClient,
  at: readonly [string, string],
  io: Io
): Promise<InvokeResult> {
  const atRest = (): Promise<ServerBody> =>
    until({ azure: io.azure, limitMs, what: `the server ${at[1]} is still being changed` }, async () => {
      const server = await postgres.servers.get(...at)
      if (!isBusy(server)) return server
      io.say(`waiting for the server to be at rest: it is ${server.state}`)
      return undefined
    })
  if (!isInside(await atRest())) return { outcome: 'ok', message: 'it had left its virtual network already' }
  const found = await migrationVersion(io.send, subscriptionOf(io.path))
  if (!('version' in found)) throw new ArmError(400, { code: 'NoRegisteredProviderFound', message: noVersion(found.offered) })
  io.say('migrating the server out of its virtual network')
  await ended(await begun(found.version, io), io)
  if (isInside(await atRest()))
    throw new ArmError(200, {
      code: 'NetworkMigrationFailed',
      message: `Azure ended the migration without an error, and the server ${at[1]} is still in its virtual network.`
    })
  return { outcome: 'ok', message: 'migrated out of its virtual network' }
}

/** @returns the address at which Azure tells how the operation goes, where it gave one */
async function begun(apiVersion: string, io: Io): Promise<string | undefined> {
  let url: string | undefined
  const path = `${io.path}/${migrateNetwork}`
  const unheard = io.azure.onOperation(operation => {
    if (operation.path.toLowerCase() === path.toLowerCase()) url = operation.url
  })
  try {
    await io.send({ method: 'POST', path, apiVersion, mayBeEmpty: true, once: true })
  } finally {
    unheard()
  }
  return url
}

/** Follows the operation. Its failure goes by a code of its own: no refusal after which the same call would be made again. */
async function ended(url: string | undefined, io: Io): Promise<void> {
  if (url === undefined) return
  try {
    await until({ azure: io.azure, limitMs, what: 'Azure is still migrating the server' }, async () =>
      (await io.azure.isInFlight(url)) ? undefined : true
    )
  } catch (error) {
    if (!(error instanceof ArmError) || error.ofPoll || error.status === 0) throw error
    const message = `Azure could not migrate the server out of its virtual network, where it stays: ${[error.code, error.message].filter(Boolean).join(': ')}`
    throw new ArmError(error.status, { code: 'NetworkMigrationFailed', message, details: error.details })
  }
}
