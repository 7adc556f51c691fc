import { isIPv4 } from 'node:net'
import { nameOf } from '../../armPath.ts'
import { timings } from '../../durations.ts'
import { objectAt, textAt } from '../../json.ts'
import type { Refusal } from '../../refusal.ts'
import type { ResourceType, World, Write } from '../../type.ts'
import {
  busyOutcome,
  childBody,
  invalidParameter,
  missingOfType,
  operationNameOf,
  postgresVersions,
  serverType,
  stopped
} from './server.ts'

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

function check(world: World, { method, id, body }: Write): Refusal | undefined {
  if (method === 'DELETE') return stopped(world, id)
  if (!/^[a-zA-Z0-9][-_a-zA-Z0-9]{0,79}$/.test(nameOf(id)) || nameOf(id).endsWith('-')) return invalidParameter('firewallRuleName')
  const [start, end] = ['startIpAddress', 'endIpAddress'].map(key => textAt(body, 'properties', key) ?? '')
  if (start === undefined || !isIPv4(start)) return invalidParameter('startIpAddress')
  if (end === undefined || !isIPv4(end) || numberOf(end) < numberOf(start)) return invalidParameter('endIpAddress')
  return stopped(world, id)
}

/** Also on a server within a virtual network, where they do nothing (azure-rest-api-specs#20616). */
export const firewallRules: ResourceType = {
  type: `${serverType}/firewallRules`,
  apiVersions: postgresVersions,
  style: 'postgres',
  timing: timings.firewallRule,
  visible: 'whenDone',
  operationName: operationNameOf('ServerFirewallRules'),
  check,
  outcome: busyOutcome,
  kept(_world, { body }) {
    const { startIpAddress = '', endIpAddress = '' } = objectAt(body, 'properties')
    return childBody(body, { startIpAddress, endIpAddress })
  },
  show: (_world, { body }) => body,
  // It names the server's type, not its own (CORPUS).
  missing: missingOfType(serverType)
}
