import type { RuleText } from './rule.ts'
import { each, endpointsOf, ourServersOf } from './walk.ts'

const endpointOnIntegratedServer = each(endpointsOf, function* ({ path, server }, ctx) {
  const integration = [...server.path, 'networking', 'virtualNetwork']
  if (!ctx.declared(integration)) return
  yield {
    path,
    aim: 'key',
    summary: `server ${server.key} has VNet integration and cannot have a private endpoint`,
    related: [{ path: integration, aim: 'key', message: 'VNet integration is chosen here' }]
  }
})

const administratorWithPassword = each(ourServersOf, function* ({ path, key, entry }, ctx) {
  const administrator = [...path, 'administrator']
  const authentication = [...path, 'authentication', 'password']
  const takesPasswords = entry.authentication?.password !== false
  // A read replica has those of its source.
  if (ctx.declared([...path, 'replicaOf'])) return
  if (takesPasswords && !ctx.declared(administrator)) {
    yield { path, aim: 'key', summary: `server ${key} takes passwords but has no administrator` }
  } else if (!takesPasswords && ctx.declared(administrator)) {
    yield {
      path: administrator,
      aim: 'key',
      summary: `server ${key} takes no passwords, so it can have no administrator with one`,
      fix: 'take the administrator out, or authentication.password: false',
      related: [{ path: authentication, message: 'passwords are turned off here' }]
    }
  }
})

export const serverRules: readonly RuleText[] = [
  {
    id: 'PGL008',
    name: 'endpoint-on-integrated-server',
    source:
      'https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link (Limitations), https://github.com/hashicorp/terraform-provider-azurerm/issues/27732',
    summary: 'A server with VNet integration has no private endpoints.',
    why: 'The two are different connectivity methods. Azure refuses the endpoint with PrivateEndpointFeatureNotSupportedOnServer.',
    fix: 'take the endpoint out, or make the server with publicAccess',
    check: endpointOnIntegratedServer
  },
  {
    id: 'PGL009',
    name: 'administrator-with-password',
    source: 'https://learn.microsoft.com/rest/api/postgresql/servers/create-or-update (administratorLogin, authConfig)',
    summary: 'A server that takes passwords has an administrator, one that does not has none.',
    why: 'Azure refuses to make a server with password authentication and no administrator, and takes no login without it.',
    fix: 'add administrator: with login and password, or authentication: {password: false, entra: …}',
    check: administratorWithPassword
  }
]
