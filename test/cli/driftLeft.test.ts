import { expect, test } from 'vitest'
import type { DriftDocument } from '../../src/document/drift.generated.ts'
import { type Folder, folder } from '../support/cli.ts'

const state = '.pglink/sandbox.json'

interface Kept {
  readonly id: string
  readonly type: string
  body: { properties: Record<string, unknown> }
}

/** Changes the estate behind everybody's back. */
function change(here: Folder, edit: (resources: Kept[]) => void): void {
  const kept = JSON.parse(here.read(state)) as { resources: Kept[] }
  edit(kept.resources)
  here.write(state, JSON.stringify(kept))
}

const bodyOf = (resources: readonly Kept[], end: string): Kept['body'] => {
  const found = resources.find(({ id }) => id.endsWith(end))
  if (found === undefined) throw new Error(`nothing ends in ${end}`)
  return found.body
}

async function applied(topology: string): Promise<Folder> {
  const here = folder({ 'topology.yaml': topology })
  const done = await here.pglink('apply --sandbox --auto-approve')
  expect(done.code, done.stdout + done.stderr).toBe(0)
  return here
}

const network = `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-net
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    locks: { keep: { level: ReadOnly, notes: ours } }
`

test('a lock that a run has off is not missing while its lease lasts, and has drifted when nobody restore it by then', async () => {
  const here = await applied(network)
  const off = (until: string) => {
    const notes = `Lifted by pglink, run 11111111-1111-4111-8111-111111111111, until ${until}. Put back: pglink locks restore. <{"l":"ReadOnly","n":"ours"}>`
    change(here, resources => {
      bodyOf(resources, '/locks/keep').properties = { level: 'CanNotDelete', notes }
    })
  }
  off('2099-01-01T00:00:00.000Z')
  expect((await here.pglink('drift --sandbox')).code).toBe(0)
  expect((await here.pglink('plan --sandbox')).stdout).toContain('is leased by the run 11111111-1111-4111-8111-111111111111 until 2099')
  off('2020-01-01T00:00:00.000Z')
  expect((await here.pglink('plan --sandbox')).stdout).toContain('whose lease ended at 2020-01-01T00:00:00.000Z; an apply, or `pglink')
  const ran = await here.pglink('drift --sandbox --json --baseline topology.yaml')
  expect(ran.code).toBe(3)
  const { entries, clean } = JSON.parse(ran.stdout) as DriftDocument
  expect(clean).toBe(false)
  expect(entries).toMatchObject([{ class: 'drifted', address: 'networks/hub/locks/keep', counts: true }])
  expect(entries[0]?.message).toContain('was lowered to CanNotDelete by the run 11111111-1111-4111-8111-111111111111')
  const accept = await here.pglink('drift --sandbox --accept')
  expect(accept.stdout).toContain('Not accepted:\n  networks/hub/locks/keep: was lowered')
  expect(accept.code).toBe(3)
  expect(here.read('topology.yaml')).toBe(network)
  expect((await here.pglink('locks restore --sandbox')).code).toBe(0)
  expect((await here.pglink('drift --sandbox')).code).toBe(0)
})

const server = `version: 1
name: pg
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-pg
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets: { endpoints: { addressPrefix: 10.20.1.0/24 } }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
servers:
  pg1:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    authentication:
      password: false
      entra: { tenantId: 33333333-3333-4333-8333-333333333333, administrators: { dba: { objectId: 22222222-2222-4222-8222-222222222222, type: Group } } }
    networking: { publicAccess: { enabled: true } }
    privateEndpoints:
      pg1-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic }
    locks: { keep: { level: CanNotDelete } }
`

test('the way back says what it does not restore, takes what a plan must be agreed to with, and claims no match', async () => {
  const here = await applied(server)
  change(here, resources => {
    const rule = resources.find(({ id }) => id.endsWith('/flexibleServers/pg1'))
    resources.push({
      ...structuredClone(rule as Kept),
      id: `${rule?.id}/firewallRules/theirs`,
      type: 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules',
      body: { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } }
    })
    bodyOf(resources, '/A/pg1').properties['aRecords'] = [{ ipv4Address: '203.0.113.99' }]
  })
  const ran = await here.pglink('drift --sandbox --revert --out back.json --baseline topology.yaml')
  expect(ran.code).toBe(3)
  expect(ran.stdout).toContain('Drift: 1 drifted, 1 unmanaged.')
  expect(ran.stdout).toMatch(/servers\/pg1\/privateEndpoints\/pg1-pe\/privateDns .*will be written again/)
  expect(ran.stdout).toMatch(/Drifted, and not in this plan:\n {2}servers\/pg1\/firewallRules\/theirs: lets .*\n(?! {2})/)
  const accept = await here.pglink('drift --sandbox --accept')
  expect(accept.stdout).toMatch(/Not accepted:\n.*privateDns\/aRecord: pg1 leads to 203.0.113.99.*\n.*theirs: it is in no file: /)
  expect((await here.pglink('apply back.json')).stdout).not.toContain('matches the topology')

  change(here, resources => {
    const [connection] = resources.filter(({ id }) => id.includes('/privateEndpointConnections/'))
    if (connection) connection.body.properties['privateLinkServiceConnectionState'] = { status: 'Disconnected', description: '' }
  })
  const refused = await here.pglink('drift --sandbox --revert')
  const [, asked = ''] = /`(--allow-locked-delete [^`]+)`/.exec(refused.stdout) ?? []
  expect([refused.code, asked]).toEqual([6, '--allow-locked-delete servers/pg1/privateEndpoints/pg1-pe'])
  // The lock is on the one thing that could carry a marker: its memory is the journal alone, and that is agreed to as well.
  const agreed = await here.pglink(`drift --sandbox --revert ${asked} --journal-only-memory`)
  expect(agreed.stdout).not.toContain('[locked-delete]')
  expect(agreed.code).toBe(3)
})

test('an unreadable resource is named in every form, with a way out that helps', async () => {
  const faults = [{ method: 'GET', path: 'virtualNetworks', nth: 'every', status: 403, code: 'AuthorizationFailed', message: 'no' }]
  const here = await applied(network)
  here.write('faults.json', JSON.stringify(faults))
  const ran = await here.pglink('drift --sandbox --sandbox-faults faults.json --json-into d.ndjson --sarif d.sarif --html d.html')
  expect(ran.code).toBe(1)
  const last = JSON.parse(here.read('d.ndjson').trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  expect(last).toMatchObject({
    type: 'change_summary',
    '@message': expect.stringMatching(/^Not everything could be read/),
    clean: false,
    complete: false
  })
  expect(here.read('d.html')).toContain('Not everything could be read: what could not is not known to be clean.')
  const sarif = here.read('d.sarif')
  expect(JSON.parse(sarif)).toMatchObject({ runs: [{ tool: { driver: { informationUri: 'https://github.com/pglink/pglink#readme' } } }] })
  expect(sarif).toContain('see to it that it may be read')
  expect(sarif).not.toContain('Fix: pglink drift --revert')
  const plan = await here.pglink('plan --sandbox --sandbox-faults faults.json --html p.html')
  expect(plan.stdout).toContain('No changes in what could be read; 1 unknown:')
  expect(here.read('p.html')).toContain('No changes in what could be read; 1 unknown.')
})

test('each of several topologies is named, the clean one as well', async () => {
  const here = folder({ 'a/topology.yaml': 'version: 1\nname: first\n', 'b/topology.yaml': 'version: 1\nname: second\n' })
  const { code, stdout } = await here.pglink('drift a b --sandbox')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^Topology first \(a\/topology\.yaml\):\n\nNo drift\.[\s\S]*^Topology second \(b\/topology\.yaml\):\n\nNo drift\./m
  )
})

test('what is in no file and may not be looked for is said, and no failure; what is declared is', async () => {
  const here = await applied(server)
  const drift = async (path: string) => {
    here.write(
      'faults.json',
      JSON.stringify([{ method: 'GET', path, nth: 'every', status: 403, code: 'AuthorizationFailed', message: 'no' }])
    )
    const { code, stdout } = await here.pglink('drift --sandbox --sandbox-faults faults.json')
    return [code, stdout] as const
  }
  const [code, rules] = await drift('/firewallRules$')
  expect(rules).toContain('No drift in what is declared. Not all that is in no file could be looked for: 1 unknown.')
  expect([code, rules.includes('the firewall rules there may not be listed')]).toEqual([0, true])
  // A lock is declared there: that one is unknown, too.
  const [failed, locks] = await drift('/locks')
  expect(locks).toContain('is unknown as to locks: those on it and beneath it may not be listed, and one that is off is not seen')
  expect([failed, locks.includes('Not everything could be read, so that it is not known whether it drifted')]).toEqual([1, true])
}, 60_000)
