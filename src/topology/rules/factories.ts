import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { isWithoutNames } from '../../kinds/managedPrivateEndpoint.ts'
import { typeOf } from '../../model/id.ts'
import type { AzurePostgreSqlLinkedService, DataFactory, LinkedService } from '../../model/topology.generated.ts'
import type { Path } from '../tree.ts'
import { isOurs } from '../walk.ts'
import type { RuleContext, RuleText, Sound } from './rule.ts'
import { type At, each, entriesOf, factoriesOf, referredTo, targetKey } from './walk.ts'

const managedEndpointWithoutNetwork = each(factoriesOf, function* ({ path, key, entry }, ctx) {
  if (!isOurs(entry) || entry.managedVirtualNetwork === true) return
  const summary = (what: string) => `${what} needs the managed virtual network, which factory ${key} does not have`
  for (const endpoint of entriesOf(entry.managedPrivateEndpoints, [...path, 'managedPrivateEndpoints'])) {
    if (isOurs(endpoint.entry)) yield { path: endpoint.path, aim: 'key', summary: summary(`managed private endpoint ${endpoint.key}`) }
  }
  for (const runtime of entriesOf(entry.integrationRuntimes, [...path, 'integrationRuntimes'])) {
    const at = [...runtime.path, 'managedVirtualNetwork']
    if (ctx.flag(at)) yield { path: at, summary: summary(`integration runtime ${runtime.key}`) }
  }
})

interface PostgresService {
  readonly factory: Path
  readonly path: Path
  readonly key: string
  readonly service: Sound<AzurePostgreSqlLinkedService>
  /** The factory's managed endpoint to the same server. */
  readonly endpoint: Path | undefined
  /** Whether its runtime is in the managed network; undefined when the file does not say. */
  readonly isManaged: boolean | undefined
}

function* postgresServicesOf(ctx: RuleContext): Generator<At<LinkedService>> {
  for (const { path, entry } of factoriesOf(ctx))
    for (const service of entriesOf(entry.linkedServices, [...path, 'linkedServices']))
      if ('type' in service.entry && service.entry.type === 'AzurePostgreSql') yield service
}

function* postgresServices(ctx: RuleContext): Generator<PostgresService> {
  for (const factory of factoriesOf(ctx)) {
    const endpoints = endpointsByServer(ctx, factory)
    for (const { path, key, entry } of entriesOf(factory.entry.linkedServices, [...factory.path, 'linkedServices'])) {
      if (!('type' in entry) || entry.type !== 'AzurePostgreSql') continue
      const server = ctx.target('servers', [...path, 'server'])
      if (!server) continue
      const endpoint = endpoints.get(targetKey(server))
      yield { factory: factory.path, path, key, service: entry, endpoint, isManaged: isManaged(ctx, path) }
    }
  }
}

/** The first managed endpoint to each server. */
function endpointsByServer(ctx: RuleContext, { path, entry }: At<DataFactory>): ReadonlyMap<string, Path> {
  const first = new Map<string, Path>()
  for (const endpoint of entriesOf(entry.managedPrivateEndpoints, [...path, 'managedPrivateEndpoints'])) {
    const server = ctx.target('servers', [...endpoint.path, 'server'])
    if (server && !first.has(targetKey(server))) first.set(targetKey(server), endpoint.path)
  }
  return first
}

function isManaged(ctx: RuleContext, service: Path): boolean | undefined {
  const at = [...service, 'integrationRuntime']
  // Without one the factory's own default runtime connects, which is not in the managed network unless it was overridden.
  if (!ctx.declared(at)) return false
  const runtime = referredTo(ctx, 'dataFactories/{this}/integrationRuntimes', at)
  return runtime && ctx.text([...runtime, 'type']) !== undefined ? ctx.flag([...runtime, 'managedVirtualNetwork']) : undefined
}

const serviceBesideManagedNetwork = each(postgresServices, function* ({ path, key, endpoint, isManaged }, ctx) {
  if (!endpoint || isManaged !== false) return
  const at = [...path, 'integrationRuntime']
  const hasRuntime = ctx.declared(at)
  const runtime = hasRuntime
    ? `runs on ${ctx.text(at) ?? 'a runtime'}, which is outside the managed virtual network`
    : 'names no integration runtime'
  yield {
    path: hasRuntime ? at : path,
    aim: hasRuntime ? 'value' : 'key',
    summary: `linked service ${key} ${runtime}: it does not use the managed private endpoint`,
    related: [{ path: endpoint, aim: 'key', message: 'the endpoint to the server' }]
  }
})

const serviceWithoutManagedEndpoint = each(postgresServices, function* ({ path, key, factory, endpoint, isManaged }) {
  if (endpoint || isManaged !== true) return
  yield {
    path: [...path, 'server'],
    summary: `linked service ${key} runs in the managed virtual network, but factory ${factory[1]} has no managed private endpoint to the server`
  }
})

/** The settings with which each way to sign in goes: all of them, and none of another. */
const signIns: Readonly<Record<string, readonly string[]>> = {
  password: ['username', 'password'],
  managedIdentity: [],
  servicePrincipal: ['username', 'password', 'tenant', 'servicePrincipalId']
}
const signInSettings = ['username', 'password', 'passwordVersion', 'tenant', 'servicePrincipalId']

const signIn = each(postgresServicesOf, function* ({ path, key }, ctx) {
  const way = ctx.text([...path, 'authentication']) ?? 'password'
  const wanted = signIns[way]
  if (wanted === undefined) return
  const named = ctx.declared([...path, 'authentication'])
  const says = named ? `with authentication: ${way}` : 'without authentication:'
  for (const setting of wanted)
    if (!ctx.declared([...path, setting])) yield { path, aim: 'key', summary: `linked service ${key} ${says} needs ${setting}:` }
  const isTaken = (setting: string): boolean =>
    wanted.includes(setting) || (setting === 'passwordVersion' && wanted.includes('password')) || !ctx.declared([...path, setting])
  for (const setting of signInSettings.filter(one => !isTaken(one)))
    yield { path: [...path, setting], aim: 'key', summary: `linked service ${key} ${says} takes no ${setting}:` }
})

/** A server signs users in by passwords unless it says otherwise, and by tokens where it says so. */
const signInRefused = each(postgresServicesOf, function* ({ path, key }, ctx) {
  const way = ctx.text([...path, 'authentication']) ?? 'password'
  const server = ctx.target('servers', [...path, 'server'])
  const entry = server?.kind === 'entry' ? ctx.topology.servers?.[String(server.path[1])] : undefined
  if (server?.kind !== 'entry' || entry === undefined || !isOurs(entry) || signIns[way] === undefined) return
  const [word, isTaken] =
    way === 'password'
      ? ['a password', entry.authentication?.password !== false]
      : ['a token of Microsoft Entra', entry.authentication?.entra !== undefined]
  if (isTaken) return
  yield {
    path: ctx.declared([...path, 'authentication']) ? [...path, 'authentication'] : [...path, 'server'],
    summary: `linked service ${key} signs in with ${word}, and server ${server.path[1]} takes none`,
    related: [{ path: server.path, aim: 'key', message: 'the server' }]
  }
})

const targetOfManagedEndpoint = each(factoriesOf, function* ({ path, entry }, ctx) {
  for (const endpoint of entriesOf(entry.managedPrivateEndpoints, [...path, 'managedPrivateEndpoints'])) {
    const at = [...endpoint.path, 'resource', 'id']
    const id = ctx.text(at)
    if (id === undefined) continue
    if (typeOf(id) === flexibleServer.type.toLowerCase())
      yield { path: at, summary: `${endpoint.key} leads to a PostgreSQL server by resource:` }
    const names = [...endpoint.path, 'resource', 'fqdns']
    if (!isWithoutNames(id) && ctx.declared(names))
      yield { path: names, aim: 'key', summary: `${endpoint.key} gives fqdns: for what is no private link service` }
  }
})

const ssisRuntime = each(factoriesOf, function* ({ path, entry }, ctx) {
  for (const runtime of entriesOf<unknown>(entry.integrationRuntimes, [...path, 'integrationRuntimes'])) {
    const at = [...runtime.path, 'type']
    if (ctx.text(at) === 'Azure-SSIS')
      yield { path: at, summary: 'Azure-SSIS integration runtimes cannot be declared: pglink makes Azure and SelfHosted ones' }
  }
})

export const factoryRules: readonly RuleText[] = [
  {
    id: 'PGL014',
    name: 'managed-network-needed',
    source: 'https://learn.microsoft.com/azure/data-factory/managed-virtual-network-private-endpoint (Managed private endpoints)',
    summary: 'Managed private endpoints, and runtimes in the managed virtual network, need a factory that has one.',
    why: 'There is no network the endpoint could be made in.',
    fix: 'add managedVirtualNetwork: true to the factory; it cannot be taken away again',
    check: managedEndpointWithoutNetwork
  },
  {
    id: 'PGL015',
    name: 'linked-service-runtime',
    source: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/31482',
    summary: 'A linked service to a server with a managed private endpoint runs on a runtime in the managed virtual network.',
    why: 'Any other runtime goes to the public address of the server, past the endpoint.',
    fix: 'set integrationRuntime: to one with type: Azure and managedVirtualNetwork: true',
    check: serviceBesideManagedNetwork
  },
  {
    id: 'PGL016',
    name: 'linked-service-endpoint',
    source:
      'https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-connect-data-factory-private-endpoint (Create a private endpoint)',
    summary: 'A linked service that runs in the managed virtual network has a managed private endpoint to its server.',
    why: 'The managed virtual network has no other private way to the server.',
    fix: 'add a managed private endpoint with this server to the factory',
    check: serviceWithoutManagedEndpoint
  },
  {
    id: 'PGL095',
    name: 'linked-service-sign-in',
    source: 'https://learn.microsoft.com/azure/postgresql/integration/how-to-connect-data-factory (Linked service JSON)',
    summary:
      'A linked service signs in with username: and password:, with the identity of its factory alone, or with a service principal, its tenant and its key.',
    why: 'Data Factory takes other members for each way to sign in.',
    fix: 'give the settings of the way that authentication: names, and take out the others',
    check: signIn
  },
  {
    id: 'PGL096',
    name: 'linked-service-token',
    source: 'https://learn.microsoft.com/azure/postgresql/integration/how-to-connect-data-factory (Authentication)',
    summary: 'A server takes what its linked services sign in with: passwords, or tokens of Microsoft Entra.',
    why: 'The server refuses every connection of such a linked service.',
    fix: 'add authentication: entra: to the server, or let the linked service sign in the other way',
    check: signInRefused
  },
  {
    id: 'PGL105',
    name: 'managed-endpoint-resource',
    source: 'https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/data_factory_managed_private_endpoint (fqdns)',
    summary: 'A managed private endpoint leads to a PostgreSQL server by server:, and only one to a private link service has fqdns:.',
    why: 'The connection on a server is approved by its DBA, who has it in a topology. Data Factory knows the names of any other resource itself, and refuses them.',
    fix: 'write server: { id: … } for a server, and take fqdns: out',
    check: targetOfManagedEndpoint
  },
  {
    id: 'PGL017',
    name: 'ssis-runtime',
    source: 'https://learn.microsoft.com/azure/data-factory/concepts-integration-runtime (Integration runtime types)',
    summary: 'Integration runtimes are of the type Azure or SelfHosted.',
    why: 'An Azure-SSIS runtime is a cluster with a catalogue of its own; it takes no part in the connection to PostgreSQL.',
    fix: 'take it out; one made elsewhere can be referred to with existing: true',
    check: ssisRuntime
  }
]
