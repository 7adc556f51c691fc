import { Agent } from 'node:https'
import { afterAll, beforeAll, expect } from 'vitest'
import { type ServedSandbox, serveSandbox } from '../support/sandbox.ts'
import { arm, group, networks, ours, subscription, theSandbox } from './arm.ts'
import { ask } from './asking.ts'

const hub = `${networks}/hub?api-version=2025-05-01`
const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const providers = networks.slice(0, networks.lastIndexOf('/Microsoft.Network'))
const names = Array.from({ length: 1000 }, (_, index) => `fleet-${String(index).padStart(4, '0')}`)

/** A thousand servers, each with its endpoint, and the network they lie in. */
function fleet(): Record<string, object> {
  const subnet = `${networks}/fleet/subnets/endpoints`
  const bodies: Record<string, object> = {
    [`${networks}/fleet`]: body,
    [subnet]: { properties: { addressPrefix: '10.0.0.0/20' } }
  }
  for (const name of names) {
    const server = `${providers}/Microsoft.DBforPostgreSQL/flexibleServers/${name}`
    bodies[server] = {
      location: 'eastus2',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: {
        version: '17',
        administratorLogin: 'ours',
        storage: { storageSizeGB: 128 },
        network: { publicNetworkAccess: 'Disabled' }
      }
    }
    bodies[`${providers}/Microsoft.Network/privateEndpoints/${name}`] = {
      location: 'eastus2',
      properties: {
        subnet: { id: subnet },
        privateLinkServiceConnections: [{ name, properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
      }
    }
  }
  return bodies
}

let fast: ServedSandbox
beforeAll(async () => {
  fast = await serveSandbox(['--speed', '20'])
})
afterAll(async () => {
  await fast.stop()
})

ours('CTL-11 at a speed of its own every wait is divided by it', async () => {
  await ask(fast, 'PUT', `${group}?api-version=2025-04-01`, { location: 'eastus2' })
  const put = await ask(fast, 'PUT', hub, body)
  expect([put.status, put.headers['retry-after']]).toEqual([201, '1'])
  const poll = new URL(`${put.headers['azure-asyncoperation']}`)
  expect((await ask(fast, 'GET', poll.pathname + poll.search)).text).toBe('{"status":"InProgress"}')
  let last = ''
  for (let polls = 0; polls < 100 && !last.includes('Succeeded'); polls += 1) {
    await new Promise(resolve => setTimeout(resolve, 100))
    last = (await ask(fast, 'GET', poll.pathname + poll.search)).text
  }
  expect(last).toBe('{"status":"Succeeded"}')
})

ours('CTL-12 only who trusts the authority is served, and only by a name of this machine', async () => {
  await expect(ask({ ...fast, ca: '' }, 'GET', '/')).rejects.toThrow(/certificate/i)
  expect((await ask(fast, 'GET', '/', undefined, { headers: { host: 'evil.example' } })).status).toBe(421)
})

ours('CTL-13 three hundred connections that are open at once are all answered, more than once', async () => {
  const served = await theSandbox()
  // A file before may have left it with principals of its own.
  await arm()
  const agents = Array.from({ length: 300 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  for (let round = 0; round < 2; round += 1) {
    const replies = await Promise.all(
      agents.map(agent => ask(served, 'GET', '/subscriptions?api-version=2022-12-01', undefined, { agent }))
    )
    expect(replies.map(one => one.status).filter(status => status !== 200)).toEqual([])
  }
  expect(agents.flatMap(one => Object.values(one.freeSockets).flat())).toHaveLength(300)
  for (const agent of agents) agent.destroy()
})

ours('CTL-14 a thousand seeded servers with endpoints are listed page by page, each once', async () => {
  const served = await theSandbox()
  const agent = new Agent({ keepAlive: true })
  const send = (method: string, path: string, sent?: Parameters<typeof ask>[3]) => ask(served, method, path, sent, { agent })
  await send('POST', '/_sandbox/reset', { behaviours: { pageSize: 37 } })
  const seeded = await send('POST', '/_sandbox/seed', fleet() as Parameters<typeof ask>[3])
  expect([seeded.status, seeded.text]).toEqual([204, ''])
  for (const [type, version] of [
    ['Microsoft.DBforPostgreSQL/flexibleServers', '2025-08-01'],
    ['Microsoft.Network/privateEndpoints', '2025-05-01']
  ]) {
    const found: string[] = []
    let pages = 0
    for (let next = `${subscription}/providers/${type}?api-version=${version}`; next !== ''; pages += 1) {
      const page: { value: { name: string }[]; nextLink?: string } = JSON.parse((await send('GET', next)).text)
      found.push(...page.value.map(one => one.name))
      const link = page.nextLink === undefined ? undefined : new URL(page.nextLink)
      next = link === undefined ? '' : link.pathname + link.search
    }
    expect([pages, found]).toEqual([Math.ceil(1000 / 37), names])
  }
  agent.destroy()
})
