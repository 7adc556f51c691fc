import { nameOf, sameId } from '../../armPath.ts'
import { isObject, type JsonObject, objectAt, textAt, valueAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { ActionResult, Call, World } from '../../type.ts'
import { badRequest, childOf, factoryNameOf, isBuiltInRuntime, managedRuntimeNetwork } from './document.ts'
import { isInteractive, useInteractiveQuery } from './interactiveQuery.ts'
import { connectionState, managedEndpointType, shownStatus } from './managedPrivateEndpoints.ts'

interface Failure {
  readonly code: string
  readonly message: string
}

const notInteractive = 'InteractiveAuthoringNotEnabled'

/** A linked service's account of the database it leads to. */
interface Login {
  readonly host: string
  readonly database: string
  readonly username: string
  readonly hasSecret: boolean
  /** Whether it signs in with a token of Microsoft Entra. */
  readonly byToken: boolean
}

/**
 * Not in Azure's published interface; the portal calls it. That it takes the linked service and answers `succeeded`
 * is known from public tools, which error stands in a refusal is not: the codes here are inferred.
 */
export function testConnectivity(world: World, { resource: factory, body }: Call): ActionResult {
  const service = objectAt(body, 'linkedService')
  if (factory === undefined || !isObject(service['properties'])) return badRequest("The property 'linkedService' is required.")
  const failure = failureOf(world, factory, service['properties'])
  if (failure?.code === notInteractive && world.behaviours.testWithoutInteractiveAuthoring === 'badRequest')
    return { status: 400, ...failure, details: null }
  return { status: 200, body: failure ? { succeeded: false, errors: [{ ...failure }] } : { succeeded: true } }
}

function failureOf(world: World, factory: StoredResource, properties: JsonObject): Failure | undefined {
  const type = textAt(properties, 'type') ?? ''
  if (type !== 'AzurePostgreSql')
    return { code: 'LinkedServiceTypeNotSupported', message: `A connection of type '${type}' cannot be tested.` }
  const name = textAt(properties, 'connectVia', 'referenceName') ?? 'AutoResolveIntegrationRuntime'
  const runtime = childOf(world, factory.id, 'integrationruntimes', name)
  if (runtime === undefined && !isBuiltInRuntime(name)) {
    return { code: 'IntegrationRuntimeNotFound', message: `The integration runtime '${name}' was not found.` }
  }
  const unable = runtime && runtimeFailure(runtime)
  if (unable) return unable
  const login = loginOf(properties, factoryNameOf(world, factory.id))
  if (login === undefined) {
    return { code: 'SecretNotReadable', message: 'The connection string is kept in a key vault, which cannot be read here.' }
  }
  const server = serverNamed(world, login.host)
  if (server === undefined) return { code: 'UserErrorFailedToConnectToServer', message: `Name or service not known: '${login.host}'.` }
  return routeFailure(world, factory, runtime, server) ?? loginFailure(world, server, login)
}

function runtimeFailure(runtime: StoredResource): Failure | undefined {
  const name = nameOf(runtime.id)
  if (textAt(runtime.body, 'properties', 'type') === 'SelfHosted') {
    return {
      code: 'SelfHostedIntegrationRuntimeOffline',
      message: `The self-hosted integration runtime '${name}' has no node that is online.`
    }
  }
  if (managedRuntimeNetwork(runtime) === undefined || isInteractive(runtime)) return undefined
  return { code: notInteractive, message: `Interactive authoring is not enabled on the integration runtime '${name}'.` }
}

/** Version 2.0 has a property for each part, version 1.0 a connection string; undefined when that one is in a vault. */
function loginOf(properties: JsonObject, factory: string): Login | undefined {
  const parts = objectAt(properties, 'typeProperties')
  const way = textAt(parts, 'authenticationType') ?? ''
  const managedIdentity = /ManagedIdentity/i.test(way)
  const byToken = managedIdentity || /^ServicePrincipal$/i.test(way)
  const hasSecret = ['password', 'encryptedCredential', 'servicePrincipalKey', 'servicePrincipalEmbeddedCert', 'credential'].some(
    key => parts[key] !== undefined
  )
  const text = textAt(parts, 'connectionString')
  if (text === undefined) {
    if (parts['connectionString'] !== undefined) return undefined
    const [host = '', database = '', username = ''] = ['server', 'database', 'username'].map(key => textAt(parts, key))
    return { host, database, username: managedIdentity ? factory : username, hasSecret: hasSecret || managedIdentity, byToken }
  }
  const pairs = new Map(
    text.split(';').map(pair => [pair.split('=')[0]?.trim().toLowerCase() ?? '', pair.slice(pair.indexOf('=') + 1).trim()])
  )
  const first = (...keys: readonly string[]): string => keys.map(key => pairs.get(key)).find(value => value !== undefined) ?? ''
  return { host: first('host', 'server'), database: first('database'), username: first('uid', 'username', 'user id'), hasSecret, byToken }
}

/** Whatever takes private endpoints under that name. */
function serverNamed(world: World, host: string): StoredResource | undefined {
  return world.store.all().find(one => {
    const link = world.type(one.type)?.privateLink
    return link?.groupIds.some(groupId => link.fqdn(one, groupId).toLowerCase() === host.toLowerCase())
  })
}

function routeFailure(
  world: World,
  factory: StoredResource,
  runtime: StoredResource | undefined,
  server: StoredResource
): Failure | undefined {
  const network = managedRuntimeNetwork(runtime)
  const shown = world.show(server)
  if (network === undefined) {
    const access = valueAt(shown, 'properties', 'network', 'publicNetworkAccess') ?? valueAt(shown, 'properties', 'publicNetworkAccess')
    if (access === 'Enabled') return undefined
    return {
      code: 'UserErrorFailedToConnectToServer',
      message: `The server '${nameOf(server.id)}' cannot be reached: its public access is disabled.`
    }
  }
  if (runtime) useInteractiveQuery(world, runtime)
  const endpoints = world.store
    .ofType(managedEndpointType, `${factory.id}/managedvirtualnetworks/${network}`)
    .filter(one => sameId(textAt(one.body, 'properties', 'privateLinkResourceId') ?? '', server.id))
  const approved = endpoints.some(
    one => one.provisioning === 'Succeeded' && shownStatus(one) === 'Approved' && connectionState(world, one)['status'] === 'Approved'
  )
  if (approved) return undefined
  const [first] = endpoints
  const message = first
    ? `The managed private endpoint '${nameOf(first.id)}' to '${nameOf(server.id)}' is not approved (${shownStatus(first) || first.provisioning}).`
    : `The managed virtual network '${network}' has no managed private endpoint to '${nameOf(server.id)}'.`
  return { code: 'UserErrorFailedToConnectToServer', message }
}

function loginFailure(world: World, server: StoredResource, login: Login): Failure | undefined {
  const { database, username, hasSecret } = login
  const shown = world.show(server)
  const state = textAt(shown, 'properties', 'state')
  if (state !== undefined && state !== 'Ready') {
    return { code: 'UserErrorFailedToConnectToServer', message: `The server '${nameOf(server.id)}' is ${state}.` }
  }
  if (username === '' || !hasSecret || !isLetIn(world, server, login)) {
    return { code: 'UserErrorInvalidUserNameOrPassword', message: `28P01: password authentication failed for user "${username}"` }
  }
  const databases = world.type(`${server.type}/databases`)
  const id = `${server.id}/databases/${database}`
  if (databases === undefined || world.store.has(id) || databases.given?.(world, id) !== undefined) return undefined
  return { code: 'UserErrorDatabaseNotFound', message: `3D000: database "${database}" does not exist` }
}

/** Only roles for tokens are known: which user of PostgreSQL has which password, no request to ARM says. */
function isLetIn(world: World, server: StoredResource, { username, byToken }: Login): boolean {
  const takes = objectAt(world.show(server), 'properties', 'authConfig')
  if (!byToken) return takes['passwordAuth'] !== 'Disabled'
  const roles = [
    ...(world.behaviours.databaseRoles[nameOf(server.id)] ?? []),
    ...world.store.ofType(`${server.type}/administrators`, server.id).map(one => textAt(one.body, 'properties', 'principalName') ?? '')
  ]
  return takes['activeDirectoryAuth'] === 'Enabled' && roles.includes(username)
}
