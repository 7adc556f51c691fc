import { expect, test } from 'vitest'
import { listAt, textAt } from '../../src/sandbox/json.ts'
import { folder } from '../support/cli.ts'
import { type Estate, estateIn, isWithin, type Run, writes } from './example.ts'

const server = '/providers/Microsoft.DBforPostgreSQL/flexibleServers/billing-pg'
const endpoint = '/providers/Microsoft.Network/privateEndpoints/billing-pg-pe'
const record = '/privateDnsZones/privatelink.postgres.database.azure.com/A/billing-pg'

test('public access and its rule go when the endpoint is Approved and its record stands, and not before', async () => {
  const here = await reachedInPublic()
  const ran = await cutOver(here, privately('automatic'))
  expect(ran.code).toBe(0)
  expect(publicAccess(here)).toBe('Disabled')

  const removals = ['DELETE', 'PATCH'].map(method => ran.requests.findIndex(one => one.method === method && one.path.includes(server)))
  const looks = [`${server}/privateEndpointConnections`, endpoint, record].map(path =>
    ran.requests.findLastIndex((one, index) => index < Math.min(...removals) && one.method === 'GET' && one.path.endsWith(path))
  )
  const gives = writes(ran.requests).filter(one => isWithin(one.path.slice(one.path.indexOf('/providers/')), endpoint))
  expect(gives.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
  const given = Math.max(...gives.map(one => ran.requests.indexOf(one)))
  for (const look of looks) expect(look).toBeGreaterThan(given)
  for (const removal of removals) expect(removal).toBeGreaterThan(Math.max(...looks))
})

test('at the moment public access was to go, the new path stood', async () => {
  const here = await reachedInPublic()
  const stopped = { path: `${server}(/firewallRules/office)?$`, nth: 'every', status: 400, code: 'MadeToFail', message: 'it was to be' }
  here.files.write(
    'faults.json',
    JSON.stringify([
      { method: 'PATCH', ...stopped },
      { method: 'DELETE', ...stopped }
    ])
  )
  const ran = await cutOver(here, privately('automatic'), '--sandbox-faults faults.json')
  expect(ran.code).toBe(8)
  expect(connectionStatus(here)).toBe('Approved')
  const [card] = here.resources().filter(({ id }) => id.includes('/networkInterfaces/billing-pg-pe.nic.'))
  const address = textAt(listAt(card?.body, 'properties', 'ipConfigurations')[0], 'properties', 'privateIPAddress')
  expect(address).toBe('10.80.1.4')
  expect(JSON.stringify(here.resources().find(({ id }) => id.endsWith(record))?.body)).toContain(`"${address}"`)
  standsInPublic(here)
})

test('a connection that the file rejects: public access stays on', async () => {
  const here = await reachedInPublic()
  const rejecting = `${privately('{ manual: "CHG-4012" }')}
    connections:
      - { from: servers/billing-pg/privateEndpoints/billing-pg-pe, decision: reject, response: not this quarter }
`
  const ran = await cutOver(here, rejecting)
  expect(ran.code).toBe(8)
  expect(connectionStatus(here)).toBe('Rejected')
  nothingRemoved(ran)
  standsInPublic(here)
})

test('a connection that waits, and is then rejected by somebody else: public access stays on', async () => {
  const here = await reachedInPublic()
  const waiting = await cutOver(here, privately('{ manual: "CHG-4012" }'))
  expect(connectionStatus(here)).toBe('Pending')
  expect(waiting.code).toBe(7)
  nothingRemoved(waiting)

  here.files.write('dba.yaml', decision)
  expect((await here.run('apply dba.yaml --auto-approve')).code).toBe(0)
  expect(connectionStatus(here)).toBe('Rejected')
  const refused = await cutOver(here, privately('{ manual: "CHG-4012" }'))
  expect(refused.code).toBe(8)
  nothingRemoved(refused)
  standsInPublic(here)
})

const topology = (networking: string): string => `version: 1
name: billing
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-billing
networks:
  hub:
    addressSpace: [10.80.0.0/16]
    subnets:
      endpoints: { addressPrefix: 10.80.1.0/24 }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
servers:
  billing-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: billing_admin, password: "\${env:BILLING_PG_PASSWORD}" }
    networking:
${networking}`

const inPublic = topology(`      publicAccess:
        enabled: true
        firewallRules:
          office: { start: 203.0.113.10, end: 203.0.113.20 }
`)

const privately = (approval: string): string =>
  topology(`      publicAccess: { enabled: false }
    privateEndpoints:
      billing-pg-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: ${approval} }
`)

const decision = `version: 1
name: billing-data
subscription: \${env:AZURE_SUBSCRIPTION_ID}
servers:
  billing-pg:
    existing: true
    resourceGroup: rg-billing
    connections:
      - from: { id: "/subscriptions/\${env:AZURE_SUBSCRIPTION_ID}/resourceGroups/rg-billing${endpoint}" }
        decision: reject
`

const variables = 'AZURE_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111\nBILLING_PG_PASSWORD=Throw-away-9\n'

async function reachedInPublic(): Promise<Estate> {
  const here = estateIn(folder({ 'public.yaml': inPublic, '.env.example': variables }))
  expect((await here.run('apply public.yaml --auto-approve')).code).toBe(0)
  standsInPublic(here)
  return here
}

/** The rule has left the file too, and goes with it. */
function cutOver(here: Estate, file: string, flags = ''): Promise<Run> {
  here.files.write('topology.yaml', file)
  return here.run(`apply topology.yaml --auto-approve --prune --baseline public.yaml ${flags}`)
}

const publicAccess = (here: Estate): string | undefined =>
  textAt(here.resources().find(({ id }) => id.endsWith(server))?.body, 'properties', 'network', 'publicNetworkAccess')

const connectionStatus = (here: Estate): string | undefined =>
  textAt(
    here.resources().find(({ id }) => id.includes(`${server}/privateEndpointConnections/`))?.body,
    'properties',
    'privateLinkServiceConnectionState',
    'status'
  )

function standsInPublic(here: Estate): void {
  expect(publicAccess(here)).toBe('Enabled')
  expect(here.resources().filter(({ id }) => id.endsWith(`${server}/firewallRules/office`))).toHaveLength(1)
}

function nothingRemoved({ requests }: Run): void {
  expect(requests.filter(({ method, path }) => (method === 'PATCH' || method === 'DELETE') && path.includes(server))).toEqual([])
}
