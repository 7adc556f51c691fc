import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { activityLog } from '../../../src/sandbox/activityLog.ts'
import { realistic } from '../../../src/sandbox/behaviours.ts'
import { openEstate } from '../../../src/sandbox/estate.ts'
import { openStateFile, StateFileError } from '../../../src/sandbox/stateFile.ts'
import { arm, armWithGroup, group, networks } from './arm.ts'

const hub = `${networks}/hub`
const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('an operation in flight is in flight again after a save and a load, and ends when it would have', async () => {
  const first = await armWithGroup()
  const poll = (await first.send('PUT', hub, body)).headers.get('azure-asyncoperation') ?? ''
  await first.wait(4)
  const state = JSON.parse(JSON.stringify(first.sandbox.exportState()))
  const second = arm({ state })
  expect(second.sandbox.clock.now()).toBe(first.sandbox.clock.now())
  expect((await second.send('GET', poll)).body).toEqual({ status: 'InProgress' })
  await second.wait(6)
  expect((await second.send('GET', poll)).body).toEqual({ status: 'Succeeded' })
  expect((await second.send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
})

test('the same seed and the same requests make the same estate', async () => {
  const states = []
  for (let run = 0; run < 2; run += 1) {
    const client = await armWithGroup({ seed: 7 })
    await client.done('PUT', hub, body)
    states.push(client.sandbox.exportState())
  }
  // But for its name: two that were made apart are two estates, whatever they hold.
  expect({ ...states[0], estate: '' }).toEqual({ ...states[1], estate: '' })
  expect(states[0]?.estate).not.toBe(states[1]?.estate)
  const other = await armWithGroup({ seed: 8 })
  await other.done('PUT', hub, body)
  expect(other.sandbox.exportState().resources).not.toEqual(states[0]?.resources)
})

test('reading changes nothing, and what persists is told of every change before its answer', async () => {
  const saved: number[] = []
  const client = arm({ persist: (_delta, whole) => void saved.push(whole().resources.length) })
  await client.send('PUT', group, { location: 'eastus2' })
  expect(saved).toEqual([1])
  const before = JSON.stringify(client.sandbox.exportState())
  for (const path of [group, hub, networks]) await client.send('GET', path)
  await client.send('DELETE', hub)
  await client.send('PUT', hub, {})
  expect(JSON.stringify(client.sandbox.exportState())).toBe(before)
  expect([saved.length, client.sandbox.changed()]).toEqual([1, true])
  const reader = arm({ state: client.sandbox.exportState() })
  await reader.send('GET', group)
  expect(reader.sandbox.changed()).toBe(false)
})

describe('the state file', () => {
  test('is written whole, and not at all when nothing changed', async () => {
    const path = join(folder, 'new', 'sandbox.json')
    const file = openStateFile(path)
    expect(file.state).toBeUndefined()
    const client = await armWithGroup({ persist: file.append })
    await client.done('PUT', hub, body)
    file.save(client.sandbox.exportState())
    file.close()
    const written = statSync(path, { bigint: true }).ino
    const again = openStateFile(path)
    const reader = arm({ ...(again.state && { state: again.state }) })
    expect((await reader.send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
    again.save(reader.sandbox.exportState())
    again.close()
    expect(statSync(path, { bigint: true }).ino).toBe(written)
  })

  test.each([
    ['{"version": 1, "resour', 'JSON'],
    ['[]', 'not a JSON object'],
    ['{"version": 2}', 'version is 2'],
    ['{"version":1,"now":1,"random":{"at":1},"resources":[{}],"operations":[],"pending":[],"settlingLocks":[]}', 'no id']
  ])('damaged, it is refused and left alone: %s', (text, why) => {
    const path = join(folder, 'sandbox.json')
    writeFileSync(path, text)
    expect(() => openStateFile(path)).toThrow(why)
    expect(() => openStateFile(path)).toThrow(StateFileError)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('belongs to one process at a time, and is taken over from one that died', () => {
    const path = join(folder, 'sandbox.json')
    const file = openStateFile(path)
    expect(() => openStateFile(path)).toThrow(`in use by process ${process.pid}`)
    file.close()
    openStateFile(path).close()
    // The same process number, started at another time: whoever wrote this is gone.
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.pid, started: 'long ago' }))
    openStateFile(path).close()
    writeFileSync(`${path}.lock`, 'half a li')
    openStateFile(path).close()
  })
})

test('the activity log forgets the oldest of ten thousand events, and keeps the latest', () => {
  const log = activityLog()
  const { core } = openEstate({}, () => ({ behaviours: { ...realistic, logDelayMs: 0 }, faults: [], principals: [] }), log)
  for (let number = 0; number < 6_000; number += 1) {
    const url = new URL(`https://sandbox/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-${number}`)
    log.record(core, { method: 'DELETE', url, headers: new Headers(), outcome: { status: 200 }, correlation: '' })
  }
  const events = log.events(core)
  expect(events.length).toBeLessThanOrEqual(10_000)
  expect(events.length).toBeGreaterThan(5_000)
  expect(events[0]?.['resourceGroupName']).toBe('rg-5999')
})
