// The costs of the sandbox: a GET over https at a growing estate, seeding, a write, memory, and its share of a plan.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
const providers = `${subscription}/resourceGroups/rg-bench/providers`
const network = `${providers}/Microsoft.Network/virtualNetworks/hub`
const server = index => `${providers}/Microsoft.DBforPostgreSQL/flexibleServers/bench-pg-${index}`

/** Servers with an endpoint each: with its interface and its connection four resources a server. */
function seedOf(servers) {
  const subnet = `${network}/subnets/endpoints`
  const bodies = {
    [network]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
    [subnet]: { properties: { addressPrefix: '10.0.0.0/18' } }
  }
  for (let index = 0; index < servers; index += 1) {
    bodies[server(index)] = {
      location: 'westeurope',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: {
        version: '17',
        administratorLogin: 'bench_admin',
        storage: { storageSizeGB: 128 },
        network: { publicNetworkAccess: 'Disabled' }
      }
    }
    bodies[`${providers}/Microsoft.Network/privateEndpoints/bench-pg-${index}-pe`] = {
      location: 'westeurope',
      properties: {
        subnet: { id: subnet },
        privateLinkServiceConnections: [
          { name: 'bench', properties: { privateLinkServiceId: server(index), groupIds: ['postgresqlServer'] } }
        ]
      }
    }
  }
  return bodies
}

/** A sandbox in a process of its own. */
export async function served(cli, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-bench-'))
  const ca = join(folder, 'ca.pem')
  const state = join(folder, 'estate.json')
  const child = spawn(process.execPath, [cli, 'sandbox', '--port', '0', '--ca-out', ca, '--state', state, ...args], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text
    if (said.includes('\n')) break
  }
  const { url } = JSON.parse(said)
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(ca) })
  return {
    url,
    ca,
    agent,
    pid: child.pid,
    send: (method, path, body, by = agent) => send(url, by, method, path, body),
    async stop() {
      agent.destroy()
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const send = (url, agent, method, path, body) =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { authorization: 'Bearer bench', 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const sent = request(`${url}${path}`, { method, agent, headers }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(text)
  })

const status = pid => (existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '')
const rssMb = pid => Number(/VmRSS:\s+(\d+)/.exec(status(pid))?.[1] ?? Number.NaN) / 1024

/** A process's time so far, where the system tells it; in ticks of 10 ms. */
function cpuMs(pid) {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function each(times, does) {
  const from = process.hrtime.bigint()
  for (let round = 0; round < times; round += 1) await does(round)
  return Number(process.hrtime.bigint() - from) / 1000 / times
}

/** By the wall, and in the sandbox's own work, which a busy machine does not change. */
async function cost(pid, times, does) {
  const before = cpuMs(pid)
  const wall = await each(times, does)
  return `${number(wall, 6)} µs (works ${number(((cpuMs(pid) - before) * 1000) / times, 5)} µs)`
}

const number = (value, width) => value.toFixed(0).padStart(width)

/** One estate: seeding it, then reading, listing and writing in it. */
async function estate(cli, servers) {
  const sandbox = await served(cli)
  try {
    const seedMs = (await each(1, () => sandbox.send('POST', '/_sandbox/seed', seedOf(servers)))) / 1000
    const { resources } = JSON.parse((await sandbox.send('GET', '/_sandbox/state')).text)
    const one = index => `${server(index % servers)}?api-version=2025-08-01`
    await each(300, index => sandbox.send('GET', one(index)))
    const get = await cost(sandbox.pid, 1000, index => sandbox.send('GET', one(index * 7)))
    const endpoint = await cost(sandbox.pid, 1000, index =>
      sandbox.send('GET', `${providers}/Microsoft.Network/privateEndpoints/bench-pg-${index % servers}-pe?api-version=2025-05-01`)
    )
    const write = await cost(sandbox.pid, 300, index =>
      sandbox.send('PUT', `${subscription}/resourceGroups/rg-bench?api-version=2025-04-01`, {
        location: 'westeurope',
        tags: { n: `${index}` }
      })
    )
    const list = await each(3, () =>
      sandbox.send('GET', `${subscription}/providers/Microsoft.DBforPostgreSQL/flexibleServers?api-version=2025-08-01`)
    )
    console.log(
      `${number(resources.length, 6)} resources  seeding ${number(seedMs, 6)} ms  memory ${number(rssMb(sandbox.pid), 4)} MB  list of servers ${number(list / 1000, 5)} ms\n` +
        `       GET of a server ${get}  of an endpoint ${endpoint}  write ${write}`
    )
  } finally {
    await sandbox.stop()
  }
}

/** Open at once, over one connection each. */
async function connections(cli, count) {
  const sandbox = await served(cli)
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(sandbox.ca) }))
  try {
    const ask = agent => sandbox.send('GET', '/subscriptions?api-version=2022-12-01', undefined, agent)
    const opening = await each(1, () => Promise.all(agents.map(ask)))
    const statuses = await Promise.all(agents.map(ask))
    const answered = statuses.filter(one => one.status === 200).length
    console.log(
      `${count} connections open at once: ${answered} answered, opening ${number(opening / count, 4)} µs each, memory ${number(rssMb(sandbox.pid), 4)} MB`
    )
  } finally {
    for (const agent of agents) agent.destroy()
    await sandbox.stop()
  }
}

/** The shares of the work while a fleet that is in place is planned over https. */
async function share(cli, servers, { topologies, bodies }) {
  const sandbox = await served(cli)
  const folder = mkdtempSync(join(tmpdir(), 'pglink-bench-'))
  try {
    await sandbox.send('POST', '/_sandbox/seed', bodies)
    const file = join(folder, 'topology.yaml')
    writeFileSync(file, JSON.stringify(topologies[0]))
    const before = cpuMs(sandbox.pid)
    const plan = spawn(process.execPath, [cli, 'plan', file, '--allow-env', 'BENCH_PASSWORD', '--data-dir', folder], {
      env: {
        ...process.env,
        BENCH_PASSWORD: 'Bench-only-1',
        NODE_EXTRA_CA_CERTS: sandbox.ca,
        PGLINK_ARM_ENDPOINT: sandbox.url,
        ARM_TOKEN: 'bench'
      },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let own = 0
    const looking = setInterval(() => {
      own = Math.max(own, cpuMs(plan.pid) || 0)
    }, 50)
    let said = ''
    plan.stdout.setEncoding('utf8').on('data', text => {
      said += text
    })
    await once(plan, 'exit')
    clearInterval(looking)
    const its = cpuMs(sandbox.pid) - before
    const summary = /^(Plan:|No changes).*$/m.exec(said)?.[0] ?? said.slice(-200)
    console.log(
      `plan of ${servers} servers over https: the sandbox works ${number(its, 6)} ms, pglink ${number(own, 6)} ms: ` +
        `the sandbox's share is ${((100 * its) / (its + own)).toFixed(0)} %   (${summary})`
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await sandbox.stop()
  }
}

export async function sandboxCosts(cli, fleetOf) {
  // A hundred, a thousand and ten thousand resources.
  for (const servers of [14, 143, 1429]) await estate(cli, servers)
  await connections(cli, 400)
  await share(cli, 1000, fleetOf({ servers: 1000 }))
}
