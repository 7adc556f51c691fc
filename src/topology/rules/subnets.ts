import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { isOurs } from '../walk.ts'
import type { RuleText } from './rule.ts'
import { each, endpointsOf, ourServersOf, referredTo, subnetAt } from './walk.ts'

const service = flexibleServer.type

const integrationWithoutDelegation = each(ourServersOf, function* ({ path }, ctx) {
  const at = [...path, 'networking', 'virtualNetwork', 'subnet']
  const found = referredTo(ctx, 'networks/*/subnets', at)
  const subnet = found && subnetAt(ctx, found)
  if (!found || !subnet || !isOurs(subnet)) return
  const delegation = [...found, 'delegation']
  const isOpen = subnet.delegation === undefined && ctx.declared(delegation)
  if (isOpen || subnet.delegation?.toLowerCase() === service.toLowerCase()) return
  const to = subnet.delegation === undefined ? 'not delegated' : `delegated to ${subnet.delegation}`
  const place = ctx.declared(delegation) ? { path: delegation } : { path: found, aim: 'key' as const }
  yield { path: at, summary: `the subnet is ${to}; the server needs ${service}`, related: [{ ...place, message: 'the subnet' }] }
})

const endpointInDelegatedSubnet = each(endpointsOf, function* ({ path }, ctx) {
  const at = [...path, 'subnet']
  const found = referredTo(ctx, 'networks/*/subnets', at)
  const delegation = found && subnetAt(ctx, found)?.delegation
  if (!found || delegation === undefined) return
  yield {
    path: at,
    summary: `the subnet is delegated to ${delegation} and takes no private endpoints`,
    related: [{ path: [...found, 'delegation'], message: 'the delegation' }]
  }
})

export const subnetRules: readonly RuleText[] = [
  {
    id: 'PGL012',
    name: 'integration-subnet-delegation',
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private (Delegated subnet)',
    summary: 'The subnet of a server with VNet integration is delegated to Microsoft.DBforPostgreSQL/flexibleServers.',
    why: 'Azure puts the server only into a subnet that is reserved for PostgreSQL.',
    fix: 'add delegation: Microsoft.DBforPostgreSQL/flexibleServers to the subnet',
    check: integrationWithoutDelegation
  },
  {
    id: 'PGL013',
    name: 'endpoint-in-delegated-subnet',
    source: 'https://github.com/MicrosoftDocs/azure-docs/issues/101357',
    summary: 'A private endpoint is not in a delegated subnet.',
    why: 'A delegated subnet is reserved for the service it is delegated to.',
    fix: 'use another subnet for the endpoint',
    check: endpointInDelegatedSubnet
  }
]
