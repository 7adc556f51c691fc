import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type ServedSandbox, serveSandbox } from '../support/sandbox.ts'
import { group, networks, ours } from './arm.ts'
import { ask } from './asking.ts'

const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const server = networks.replace('Microsoft.Network/virtualNetworks', 'Microsoft.DBforPostgreSQL/flexibleServers/orders-pg')
const serverBody = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: { version: '17', administratorLogin: 'ours', administratorLoginPassword: 'Only-a-test-1', storage: { storageSizeGB: 128 } }
}
const at = (path: string): string => `${path}?api-version=2025-05-01`
const network = (index: number): string => at(`${networks}/net-${index}`)

let folder = ''
let state = ''
let begun: ServedSandbox[] = []
const serve = async (...args: readonly string[]): Promise<ServedSandbox> => {
  const served = await serveSandbox(['--speed', '0', ...args], state)
  begun.push(served)
  return served
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
  state = join(folder, 'estate.json')
  begun = []
})
afterEach(async () => {
  for (const served of begun) await served.kill()
  rmSync(folder, { recursive: true, force: true })
})
const withNetworks = async (served: ServedSandbox, count: number): Promise<void> => {
  await ask(served, 'PUT', at(group), { location: 'eastus2' })
  const agent = new Agent({ keepAlive: true })
  for (let index = 0; index < count; index += 1) expect((await ask(served, 'PUT', network(index), body, { agent })).status).toBe(201)
  agent.destroy()
}

ours('STATE-01 STATE-02 a sandbox that is killed in the middle of many writes goes on with each that it had answered', async () => {
  const first = await serve()
  await ask(first, 'PUT', at(group), { location: 'eastus2' })
  const begun = await ask(first, 'PUT', `${server}?api-version=2025-08-01`, serverBody)
  const poll = new URL(`${begun.headers['azure-asyncoperation']}`)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const answered: number[] = []
  const writes = Array.from({ length: 300 }, async (_, index) => {
    await ask(first, 'PUT', network(index), body, { agent })
    answered.push(index)
    if (answered.length === 60) await first.kill()
  })
  const outcomes = await Promise.allSettled(writes)
  expect(outcomes.filter(one => one.status === 'rejected').length).toBeGreaterThan(0)
  expect(answered.length).toBeGreaterThanOrEqual(60)

  const second = await serve()
  for (const index of answered)
    expect([index, (await ask(second, 'GET', network(index), undefined, { agent })).status]).toEqual([index, 200])
  expect(JSON.parse((await ask(second, 'GET', poll.pathname + poll.search)).text)).toMatchObject({ status: 'InProgress' })
  await ask(second, 'POST', '/_sandbox/clock', { advanceSeconds: 3600 })
  expect(JSON.parse((await ask(second, 'GET', poll.pathname + poll.search)).text)).toMatchObject({ status: 'Succeeded' })
  agent.destroy()
})

ours('STATE-03 a file that is damaged is refused, and left as it is byte for byte', async () => {
  for (const [text, why] of [
    ['{"version": 1, "resour', 'is not a state of the sandbox'],
    ['{"version": 2}', 'its version is 2'],
    ['{"version":1,"now":1,"random":{"at":1},"resources":[{"id":"/a"}],"operations":[],"pending":[],"settlingLocks":[]}', 'no type'],
    ['\u0000\u0001', 'is not a state of the sandbox']
  ] as const) {
    writeFileSync(state, text)
    await expect(serve()).rejects.toThrow(why)
    expect(readFileSync(state, 'utf8')).toBe(text)
  }
  expect(existsSync(`${state}.lock`)).toBe(false)
})

ours('STATE-04 a second process is refused the file while the first has it', async () => {
  const first = await serve()
  await expect(serve()).rejects.toThrow(`is in use by process ${first.pid}`)
  await first.kill()
  expect((await ask(await serve(), 'GET', at(group))).status).toBe(404)
})

ours('STATE-05 a write adds to a journal beside the file what it changes, and not the estate', async () => {
  const served = await serve()
  await withNetworks(served, 50)
  const [file, journal] = [statSync(state), statSync(`${state}.log`)]
  await ask(served, 'PUT', network(50), body)
  expect(statSync(state).mtimeMs).toBe(file.mtimeMs)
  const written = statSync(`${state}.log`).size - journal.size
  expect(written).toBeGreaterThan(200)
  expect(written).toBeLessThan(journal.size / 4)
})

ours('STATE-06 a sandbox that is stopped leaves one whole file and no journal', async () => {
  const first = await serve()
  await withNetworks(first, 3)
  expect(existsSync(`${state}.log`)).toBe(true)
  expect(await first.stop()).toBe(0)
  expect([existsSync(`${state}.log`), existsSync(`${state}.lock`)]).toEqual([false, false])
  expect(JSON.parse(readFileSync(state, 'utf8')).resources).toHaveLength(4)
  const second = await serve()
  expect(JSON.parse((await ask(second, 'GET', at(networks))).text).value).toHaveLength(3)
})

ours('STATE-07 half a line at the end of a journal is no damage, a broken one before it is', async () => {
  const first = await serve()
  await withNetworks(first, 3)
  await first.kill()
  appendFileSync(`${state}.log`, '{"now":17')
  const second = await serve()
  expect(JSON.parse((await ask(second, 'GET', at(networks))).text).value).toHaveLength(3)
  await ask(second, 'PUT', network(3), body)
  await second.kill()
  const third = await serve()
  expect(JSON.parse((await ask(third, 'GET', at(networks))).text).value).toHaveLength(4)
  await third.kill()
  const broken = readFileSync(`${state}.log`, 'utf8').replace('\n{"now"', '\n{"nwo"')
  writeFileSync(`${state}.log`, broken)
  await expect(serve()).rejects.toThrow('line 2 is damaged')
  expect(readFileSync(`${state}.log`, 'utf8')).toBe(broken)
})

ours('STATE-08 a journal of another file is not read', async () => {
  const first = await serve()
  await withNetworks(first, 2)
  await first.kill()
  rmSync(state)
  expect((await ask(await serve(), 'GET', at(group))).status).toBe(404)
})

ours('STATE-09 who only reads changes no byte', async () => {
  const first = await serve()
  await withNetworks(first, 2)
  await first.kill()
  const before = [readFileSync(state), readFileSync(`${state}.log`)]
  const second = await serve()
  await ask(second, 'GET', at(networks))
  await ask(second, 'PUT', network(9), {})
  expect(await second.stop()).toBe(0)
  expect([readFileSync(state), readFileSync(`${state}.log`)]).toEqual(before)
})

const estateAt = async (served: ServedSandbox): Promise<string> => {
  const said: { readonly sandboxEstate: string } = JSON.parse((await ask(served, 'GET', '/metadata/endpoints?api-version=2022-09-01')).text)
  return said.sandboxEstate
}

ours('STATE-10 a state is the same estate on every port, whoever ends how, and an empty one is another', async () => {
  const first = await serve()
  const estate = await estateAt(first)
  await ask(first, 'PUT', at(group), { location: 'eastus2' })
  await first.kill()
  const second = await serve()
  expect(second.url).not.toBe(first.url)
  expect(await estateAt(second)).toBe(estate)
  await second.stop()
  const third = await serve()
  expect(await estateAt(third)).toBe(estate)
  await third.kill()
  rmSync(state)
  expect(await estateAt(await serve())).not.toBe(estate)
})

ours('STATE-10 a state of an older sandbox gets its id with the first write, once', async () => {
  const first = await serve()
  await withNetworks(first, 1)
  await first.stop()
  const { estate: _, ...older } = JSON.parse(readFileSync(state, 'utf8'))
  writeFileSync(state, JSON.stringify(older))
  const second = await serve()
  const estate = await estateAt(second)
  await ask(second, 'PUT', network(1), body)
  await second.kill()
  expect(await estateAt(await serve())).toBe(estate)
})
