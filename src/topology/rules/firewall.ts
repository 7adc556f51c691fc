import type { FirewallRule } from '../../model/topology.generated.ts'
import { ipv4 } from './ipv4.ts'
import type { RuleContext, RuleText } from './rule.ts'
import { type At, each, entriesOf, serversOf } from './walk.ts'

function* firewallRules(ctx: RuleContext): Generator<At<FirewallRule>> {
  for (const { path, entry } of serversOf(ctx)) {
    const at = [...path, 'networking', 'publicAccess', 'firewallRules']
    yield* entriesOf(entry.networking?.publicAccess?.firewallRules, at)
  }
}

const firewallRange = each(firewallRules, function* ({ path, entry }) {
  const { start, end } = entry
  for (const [key, text] of Object.entries({ start, end }))
    if (text !== undefined && ipv4(text) === undefined) yield { path: [...path, key], summary: `${text} is not an IPv4 address` }
  const [from = 0, to = Infinity] = [ipv4(start ?? ''), ipv4(end ?? '')]
  if (from > to)
    yield {
      path: [...path, 'end'],
      summary: `the range ends at ${end}, before it starts at ${start}`,
      fix: `write start: ${end} and end: ${start}`,
      related: [{ path: [...path, 'start'], message: 'the start' }]
    }
})

const wideOpen = each(firewallRules, function* ({ path, key, entry }) {
  if (entry.start !== '0.0.0.0') return
  if (entry.end === '0.0.0.0')
    yield { path: [...path, 'start'], summary: `${key} lets in everything that runs in Azure, of other customers too` }
  if (entry.end === '255.255.255.255') yield { path: [...path, 'start'], summary: `${key} lets in the whole internet` }
})

const withoutPublicAccess = each(serversOf, function* ({ path, entry }) {
  const access = entry.networking?.publicAccess
  if (access?.enabled !== false || Object.keys(access.firewallRules ?? {}).length === 0) return
  const at = [...path, 'networking', 'publicAccess']
  yield {
    path: [...at, 'firewallRules'],
    aim: 'key',
    summary: 'the firewall rules let no client in while public access is off',
    related: [{ path: [...at, 'enabled'], message: 'it is turned off here' }]
  }
})

const firewall = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules'

export const firewallRuleRules: readonly RuleText[] = [
  {
    id: 'PGL034',
    name: 'firewall-range',
    source: `${firewall} (Firewall overview)`,
    summary: 'A firewall rule goes from one IPv4 address to the same or a higher one.',
    why: 'Azure refuses a range that is none, and knows no IPv6 ones.',
    fix: 'write both as four numbers from 0 to 255, such as 203.0.113.10',
    check: firewallRange
  },
  {
    id: 'PGL035',
    name: 'firewall-wide-open',
    severity: 'warning',
    lowerable: true,
    source: `${firewall} (Connect from Azure)`,
    summary: 'No firewall rule lets in all of Azure, or all of the internet.',
    why: 'The range 0.0.0.0 to 0.0.0.0 stands for every address of Azure, those of other customers included. Only the password is left to keep them out.',
    fix: 'name the addresses that need it, or use a private endpoint',
    check: wideOpen
  },
  {
    id: 'PGL036',
    name: 'firewall-without-public-access',
    severity: 'warning',
    lowerable: true,
    source:
      'https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link (Private Link combined with firewall rules), https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/postgresql/utils/validators.py (validate_public_access_server)',
    summary: 'Firewall rules stand beside public access that is on.',
    why: 'They count for the public endpoint only. Turned on again, it is open for them at once.',
    fix: 'take them out, or set enabled: true',
    check: withoutPublicAccess
  }
]
