import { afterEach, describe, expect, test } from 'vitest'
import { type CommandLine, commandLine, type Ended } from '../simulate/commandLine.ts'

const opened: CommandLine[] = []
afterEach(() => {
  for (const here of opened.splice(0)) here.remove()
})

interface Wanted {
  readonly name?: string
  readonly subnet?: string
  /** Further members of the endpoint. */
  readonly endpoint?: string
  /** Further members of the server. */
  readonly server?: string
  readonly link?: string
  readonly top?: string
  readonly pe?: boolean
  readonly login?: string
}

const topology = ({
  name = 'orders',
  subnet = 'a',
  endpoint = '',
  server = '',
  link = '',
  top = '',
  pe = true,
  login = 'orders_admin'
}: Wanted): string => `version: 1
name: ${name}
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-orders
${top}
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets: { a: { addressPrefix: 10.20.1.0/24 }, b: { addressPrefix: 10.20.2.0/24 } }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: { ${link} } } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: ${login}, password: "\${env:PG_PASSWORD}", passwordVersion: 1 }
    networking: { publicAccess: { enabled: true } }
    ${server}
${pe ? `    privateEndpoints:\n      pe: { subnet: hub/${subnet}, privateDns: none, approval: { manual: CHG-1 }${endpoint} }` : ''}
`

const env = { PG_PASSWORD: 'Throw-away-1' }
const flags = ['--sandbox', '--allow-env', 'PG_PASSWORD', '--no-color']

/** Applies `before`, so that it is there; gives the end of an apply of `then`. */
async function applied(before: Wanted, then: Wanted, more: readonly string[] = []): Promise<Ended> {
  const here = commandLine({ 'topology.yaml': topology(before), 'before.yaml': topology(before) })
  opened.push(here)
  const first = await here.pglink(['apply', '--auto-approve', ...flags], env)
  expect(`${first.stderr}${first.stdout}`).toContain('Apply complete!')
  here.write('topology.yaml', topology(then))
  return here.pglink(['apply', '--auto-approve', ...flags, ...more], env)
}

const pe = 'servers/orders-pg/privateEndpoints/pe'
const tagged = ', tags: { pglink-protect: "true" }'
const locked = (level: string): string => `, locks: { theirs: { level: ${level} } }`
const prune = ['--prune', '--baseline', 'before.yaml']

function refused({ code, stdout }: Ended, ...says: readonly string[]): void {
  const [, reasons = ''] = stdout.split('Refused, so this plan cannot be applied:')
  for (const text of says) expect(reasons).toContain(text)
  expect(stdout).not.toContain('Apply complete!')
  expect(code).toBe(6)
}

describe('a protected resource is neither deleted nor made again', () => {
  test.each<[string, Wanted, Wanted, readonly string[], string]>([
    ['by the file', { endpoint: ', protect: true' }, { subnet: 'b', endpoint: ', protect: true' }, [], 'protect: true'],
    ['by the file as it was', { endpoint: ', protect: true' }, { pe: false }, prune, 'protect: true'],
    ['by a tag on it', { endpoint: tagged }, { subnet: 'b' }, [], 'az tag update --operation Delete --tags pglink-protect=true'],
    ['by a tag in another case', { endpoint: ', tags: { PGLINK-Protect: on }' }, { subnet: 'b' }, [], 'az tag update'],
    ['by a tag, when it left the file', { endpoint: tagged }, { pe: false }, prune, 'az tag update'],
    ['by a tag, without a baseline', { endpoint: tagged }, { pe: false }, ['--prune'], 'az tag update'],
    ['by a Delete lock', { endpoint: locked('CanNotDelete') }, { subnet: 'b' }, [], `--allow-locked-delete ${pe}`],
    ['by a ReadOnly lock', { endpoint: locked('ReadOnly') }, { subnet: 'b' }, [], `--allow-locked-delete ${pe}`],
    ['by a Delete lock, when it left the file', { endpoint: locked('CanNotDelete') }, { pe: false }, ['--prune'], '--allow-locked-delete ']
  ])(
    '%s',
    async (_, before, then, more, says) => {
      refused(await applied(before, then, more), says)
    },
    60_000
  )

  test('and goes once the way out was taken', async () => {
    const tag = await applied({ endpoint: ', tags: { pglink-protect: "false" }' }, { subnet: 'b' })
    // The new endpoint is Pending again: that is what is left to do.
    expect(tag.code, tag.stdout).toBe(7)
    const lock = await applied({ endpoint: locked('CanNotDelete') }, { subnet: 'b' }, ['--allow-locked-delete', pe])
    expect(lock.stdout).toContain('Locks: 1 to lift, 1 to restore.')
    expect(lock.stdout).toContain('Apply complete! Resources: 1 added, 0 changed, 1 destroyed.')
    expect(lock.code, lock.stdout).toBe(7)
  }, 60_000)

  test('nor is what holds it', async () => {
    const gone = `removed: [resourceGroups/rg-orders]`
    const here = commandLine({ 'topology.yaml': topology({ endpoint: tagged, server: 'tags: { pglink-protect: "yes" }' }) })
    opened.push(here)
    await here.pglink(['apply', '--auto-approve', ...flags], env)
    here.write('before.yaml', topology({}))
    here.write('topology.yaml', `version: 1\nname: orders\nsubscription: \${env:AZURE_SUBSCRIPTION_ID}\n${gone}\n`)
    const ended = await here.pglink(
      ['apply', '--auto-approve', ...flags, '--baseline', 'before.yaml', '--allow-delete', 'resourceGroups/rg-orders'],
      env
    )
    refused(ended, 'holds what is not ours, or is protected', 'flexibleServers/orders-pg', 'its tag pglink-protect')
  }, 60_000)
})

describe('each refusal of safety says the way out', () => {
  test.each<[string, Wanted, Wanted, readonly string[], readonly string[]]>([
    [
      'more deletes than allowed, the delete of a replace included',
      {},
      { subnet: 'b', top: 'safety: { maxDeletes: 0 }' },
      [],
      ['deletes 1 resource', '--max-deletes 1']
    ],
    ['more deletes than the flag allows', {}, { subnet: 'b' }, ['--max-deletes', '0'], ['--max-deletes 1']],
    ['another topology’s', {}, { name: 'theirs' }, [], ['belongs to the topology "orders"', 'pglink-topology']],
    ['what cannot be changed', {}, { login: 'somebody' }, [], ['cannot be changed']],
    [
      'a resource that holds data',
      { server: 'databases: { books: { charset: UTF8, collation: en_US.utf8 } }' },
      { top: 'removed: [servers/orders-pg/databases/books]' },
      ['--baseline', 'before.yaml'],
      ['--allow-delete servers/orders-pg/databases/books']
    ]
  ])(
    '%s',
    async (_, before, then, more, says) => {
      refused(await applied(before, then, more), ...says)
    },
    60_000
  )
})
