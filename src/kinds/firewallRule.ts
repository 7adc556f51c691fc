import type { FirewallRule as RuleBody } from '@azure/arm-postgresql-flexible'
import type { FirewallRule } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import { matching } from './names.ts'
import { update } from './rule.ts'
import { members } from './setting.ts'

/**
 * One field, not two: moving a range by its ends one after the other would open everything between the old
 * and the new place until the second write.
 */
interface Props {
  readonly range: { readonly start: string; readonly end: string }
}

/** An IPv4 address as a number; `-1` for what is none. */
const ipv4 = (address: string): number => {
  const parts = address.split('.').map(Number)
  return parts.length === 4 && parts.every(Number.isInteger) ? parts.reduce((sum, part) => sum * 256 + part, 0) : -1
}

/** 0.0.0.0 to 0.0.0.0 is no range of addresses but stands for every Azure service [TF-PG]. */
const azureServices = ({ start, end }: Props['range']): boolean => ipv4(start) === 0 && ipv4(end) === 0

const contains = (outer: Props['range'], inner: Props['range']): boolean =>
  azureServices(outer) === azureServices(inner) && ipv4(outer.start) <= ipv4(inner.start) && ipv4(outer.end) >= ipv4(inner.end)

function rangeText(range: Props['range']): string {
  if (azureServices(range)) return "every Azure service, other customers' included (0.0.0.0)"
  const count = ipv4(range.end) - ipv4(range.start) + 1
  if (count === 2 ** 32) return 'the whole internet (0.0.0.0 to 255.255.255.255)'
  return range.start === range.end ? range.start : `${range.start} to ${range.end}, ${count} addresses`
}

/** The server's network setting, as its kind has it. */
const isPublic = (props: unknown): boolean => (props as { readonly publicAccess?: boolean }).publicAccess !== false

/** A range of public addresses that a server lets in. */
export const firewallRule: Kind = defineKind({
  name: 'firewallRule',
  title: 'firewall rule',
  duty: 'dba',
  seconds: { create: 61, update: 61, remove: 61 },
  oneWriteAtATime: false,
  drawn: 'on its parent',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules',
  inFile: {
    at: 'servers/*/networking/publicAccess/firewallRules/*',
    isNeverReferred: true,
    names: matching(
      /^[A-Za-z0-9](?:[\w-]{0,78}\w)?$/,
      '1 to 80 letters, digits, hyphens and underscores, beginning with a letter or digit and not ending in a hyphen'
    )
  },
  client: 'postgres',
  carriesMarkers: { rank: 6, onlyOurs: true },
  fallsWithParent: true,
  undeclared: {
    // A server in a virtual network has no firewall rules at all.
    matters: server => (server as { readonly publicAccess?: boolean }).publicAccess !== undefined,
    says: ({ props: { range } }, server) => `lets ${range.start || '?'} to ${range.end || '?'} in to ${server}`
  },
  // While public access is off a rule lets no client in.
  path: { part: 'access', leads: (_, server) => server?.state !== 'present' || isPublic(server.props) },

  desired: ({ start, end }: FirewallRule): Props => ({ range: { start, end } }),
  way: ({ range }, name) => range && `${name}: ${rangeText(range)}`,
  exposes: ({ range }, before) => (before !== undefined && contains(before.range, range) ? undefined : `lets in ${rangeText(range)}`),
  fields: {
    range: update({
      at: { path: [], writes: members('start', 'end') },
      givesPath: true,
      cutsPath: (live, desired) => live !== undefined && !contains(desired, live)
    })
  },

  toArm: ({ range }): RuleBody => ({ startIpAddress: range.start, endIpAddress: range.end }),
  fromArm: ({ startIpAddress = '', endIpAddress = '' }) => ({ range: { start: startIpAddress, end: endIpAddress } }),

  read: (postgres, at) => postgres.firewallRules.get(...at),
  list: (postgres, under) => postgres.firewallRules.listByServer(...under),
  put: (postgres, at, body, call) => postgres.firewallRules.beginCreateOrUpdateAndWait(...at, body, call),
  remove: (postgres, at, call) => postgres.firewallRules.beginDeleteAndWait(...at, call)
})
