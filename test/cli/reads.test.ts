import { expect, test } from 'vitest'
import { type Folder, folder } from '../support/cli.ts'

const server = (name: string): string => `
  ${name}:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: reads_admin, password: "\${env:READS}" }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { ${name}-pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic } }`

const head = (name: string): string => `version: 1
name: ${name}
subscription: 11111111-1111-4111-8111-111111111111
location: eastus2
resourceGroup: rg-${name}
`
const topology = `${head('reads')}networks: { hub: { addressSpace: [10.20.0.0/16], subnets: { a: { addressPrefix: 10.20.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:${server('reads-one')}${server('reads-two')}
`

/** Declares nothing of its own. */
const referring = `${head('same').replace('rg-same', '{ name: rg-reads, existing: true }')}networks: { hub: { existing: true } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, existing: true } }
`

const ran = async (here: Folder, args: string) => {
  here.write('log', '')
  const ended = await here.pglink(`${args} --sandbox --sandbox-log log --allow-env READS`, { READS: 'Test-only-1' })
  const lines = here.read('log').trim()
  const requests = lines === '' ? [] : lines.split('\n').map(line => JSON.parse(line) as { readonly method: string; readonly path: string })
  return { ...ended, requests, groups: requests.filter(({ method, path }) => method === 'GET' && /privateDnsZoneGroups$/.test(path)) }
}

test('the read after an apply reads each zone group, also where a record stands for it, and a plan after that none', async () => {
  const here = folder({ 'topology.yaml': topology })
  expect((await ran(here, 'apply --auto-approve')).code).toBe(0)
  here.write('topology.yaml', topology.replace('location: eastus2', 'location: eastus2\ntags: { team: data }'))
  const { code, requests } = await ran(here, 'apply --auto-approve')
  expect(code).toBe(0)
  const last = requests.findLastIndex(({ method }) => method !== 'GET')
  const after = requests.slice(last).filter(({ method, path }) => method === 'GET' && /-pe\/privateDnsZoneGroups$/.test(path))
  expect(after.map(({ path }) => path.split('/').at(-2)).sort()).toEqual(['reads-one-pe', 'reads-two-pe'])
  expect((await ran(here, 'plan --detailed-exitcode')).groups).toEqual([])
})

test('a plan lists only the kinds that the file declares in a server, and no connections, which come with it', async () => {
  const here = folder({ 'topology.yaml': topology })
  expect((await ran(here, 'apply --auto-approve')).code).toBe(0)
  const listed = async (): Promise<readonly string[]> => {
    const { requests } = await ran(here, 'plan --detailed-exitcode')
    return requests.flatMap(({ path }) => /flexibleServers\/[^/]+\/(\w+)/.exec(path)?.[1] ?? [])
  }
  expect(await listed()).toEqual([])
  const networking = 'networking: { publicAccess: { enabled: false } }'
  here.write('topology.yaml', topology.replace(networking, `${networking}\n    databases: { orders: {} }`))
  expect((await ran(here, 'apply --auto-approve')).code).toBe(0)
  expect(await listed()).toEqual(['databases'])
})

test('a second topology of a command asks Azure for nothing that the first one has read', async () => {
  const here = folder({ 'topology.yaml': topology, 'same.yaml': referring })
  expect((await ran(here, 'apply topology.yaml --auto-approve')).code).toBe(0)
  const alone = await ran(here, 'plan topology.yaml')
  expect(alone.requests.length).toBeGreaterThan(5)
  const both = await ran(here, 'plan topology.yaml same.yaml')
  expect(both.stdout).toContain('same.yaml')
  // Two files have one group, network and zone each: those come by lists now.
  expect(both.requests).toHaveLength(alone.requests.length)
  expect(new Set(both.requests.map(({ path }) => path)).size).toBe(both.requests.length)
})

test('--explain-reads tells every request of a plan: the kind, how it was read, the calls and why', async () => {
  const here = folder({ 'topology.yaml': topology })
  expect((await ran(here, 'apply --auto-approve')).code).toBe(0)
  const { stdout, requests } = await ran(here, 'plan --explain-reads')
  const rows = stdout
    .slice(stdout.indexOf('KIND'))
    .trim()
    .split('\n')
    .map(line => line.split(/ {2,}/))
  const table = new Map(rows.slice(1, -1).map(([kind, how, resources, calls, why]) => [`${kind} ${how}`, [resources, calls, why]]))
  expect(table.get('private DNS zone group by record')).toEqual(['2', '0', 'a record names the endpoint and leads to its address'])
  expect(table.get('subnet in a body')).toEqual(['1', '0', 'the body of what it lies in carries it'])
  expect(table.get('server list')).toEqual(['2', '1', 'several are declared there'])
  expect(table.get('virtual network one by one')).toEqual(['1', '1', 'only one is declared there'])
  expect([...table.values()].reduce((sum, [, calls]) => sum + Number(calls), 0)).toBe(requests.length)
  expect(rows.at(-1)?.join(' ')).toBe(`${requests.length} ARM reads in all.`)
  here.write('topology.yaml', topology.replace('{ zone: link }', '{ zone: link, name: default }'))
  const named = await ran(here, 'plan --explain-reads')
  expect(named.stdout).toMatch(/private DNS zone group +list +1 +1 +the file names it/)
  const json = await ran(here, 'plan --explain-reads --json')
  expect(JSON.parse(json.stdout)).toHaveProperty('summary.reads', json.requests.length)
  expect(json.stderr).toContain('private DNS zone group')
})

test('an apply reads anew for the second topology once the first one has been applied', async () => {
  const second = `${head('second')}networks: { spoke: { addressSpace: [10.30.0.0/16] } }\n`
  const here = folder({ 'topology.yaml': topology, 'second.yaml': second })
  const { code, stderr, requests } = await ran(here, 'apply topology.yaml second.yaml --auto-approve')
  expect(code, stderr).toBe(0)
  const locks = requests.flatMap(({ method, path }, index) => (method === 'GET' && /Authorization\/locks$/i.test(path) ? [index] : []))
  const written = requests.flatMap(({ method, path }, index) => (method !== 'GET' && path.includes('rg-reads') ? [index] : []))
  const begun = requests.findIndex(({ method, path }) => method !== 'GET' && path.includes('rg-second'))
  expect(locks.some(index => index > Math.max(...written) && index < begun)).toBe(true)
})
