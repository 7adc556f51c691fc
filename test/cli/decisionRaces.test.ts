import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, jsonLines } from '../support/cli.ts'
import { sandboxHere } from '../support/sandbox.ts'
import { ranOn, silentTerminal } from '../support/terminal.ts'
import { trusting } from '../support/trust.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const server = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`
const endpoint =
  '/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/orders-pe'
const connection = `${server}/privateEndpointConnections/orders-pe.0000`

const seed = {
  [server]: {
    location: 'eastus2',
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: { version: '17', administratorLogin: 'dba', storage: { storageSizeGB: 64 }, network: { publicNetworkAccess: 'Disabled' } }
  },
  [connection]: {
    properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: { status: 'Pending', description: 'hello' } }
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const objectId = '0b1d0000-0000-4000-8000-000000000001'
const token = [part({ alg: 'none' }), part({ oid: objectId, tid: '7e000000-0000-4000-8000-000000000001', exp: 4_102_444_800 }), 'x'].join(
  '.'
)

test('a decision of another while the user is asked stops this one, and is told with the login that made it', async () => {
  const here = folder({ 'seed.json': JSON.stringify(seed) })
  const sandbox = await sandboxHere(['--seed', join(here.path, 'seed.json'), '--speed', '6000'])
  try {
    const env = { NODE_EXTRA_CA_CERTS: sandbox.caFile, ARM_TOKEN: token, PATH: process.env['PATH'] ?? '' }
    const words = (verb: string, ...more: string[]) => [
      'connections',
      verb,
      connection,
      '--expect',
      endpoint,
      '--arm-endpoint',
      sandbox.url,
      ...more
    ]
    const said: string[] = []
    const terminal = silentTerminal(
      { cwd: here.path, env },
      () => undefined,
      text => void said.push(text)
    )
    const ask = async (): Promise<string> => {
      expect(await ranOn(terminal, words('reject', '--auto-approve'))).toBe(0)
      return 'yes'
    }
    await trusting(env, async () => {
      expect(await ranOn({ ...terminal, interactive: true, ask }, words('approve'))).toBe(5)
      expect(said.join('')).toContain('was Pending and is Rejected now')
      // The same, had it been removed: then there is none of that id.
      expect(await ranOn(terminal, words('remove', '--auto-approve'))).toBe(0)
      expect(await ranOn(terminal, words('approve', '--auto-approve'))).toBe(1)
    })
    const [estate = ''] = readdirSync(join(here.path, '.pglink')).filter(name => !name.includes('.'))
    expect(jsonLines(here, `.pglink/${estate}/audit.ndjson`)).toEqual([
      expect.objectContaining({ objectId, endpoint, connection, from: 'Pending', to: 'Rejected' }),
      expect.objectContaining({ objectId, endpoint, connection, from: 'Rejected', to: 'Removed' })
    ])
  } finally {
    await sandbox.stop()
  }
})
