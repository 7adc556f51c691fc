import { describe, expect, test } from 'vitest'
import { parseFaults } from '../../src/sandbox/faults.ts'
import type { Json } from '../../src/sandbox/json.ts'
import { ConnectionDropped } from '../../src/sandbox/sandbox.ts'
import { type Arm, armWithGroup, networks } from './arm.ts'

const hub = `${networks}/hub`
const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const withFaults = (...faults: Json[]): Promise<Arm> => armWithGroup({ faults: parseFaults(JSON.stringify(faults), 'faults.json') })

describe('faults', () => {
  test('the second matching request is answered with an error, and has no effect', async () => {
    const { send } = await withFaults({
      method: 'get',
      path: '/VIRTUALNETWORKS/',
      nth: 2,
      status: 503,
      code: 'ServerTimeout',
      message: 'later',
      headers: { 'Retry-After': '7' }
    })
    expect((await send('GET', hub)).status).toBe(404)
    const second = await send('GET', hub)
    expect([second.status, second.headers.get('retry-after'), second.body]).toEqual([
      503,
      '7',
      { error: { code: 'ServerTimeout', message: 'later' } }
    ])
    expect((await send('GET', hub)).status).toBe(404)
  })

  test('a write is accepted and its operation fails', async () => {
    const { send, done } = await withFaults({
      method: 'PUT',
      path: 'virtualNetworks/hub$',
      operation: { code: 'InternalServerError', message: 'no' }
    })
    expect((await done('PUT', hub, body)).body).toEqual({
      status: 'Failed',
      error: { code: 'InternalServerError', message: 'no', details: [] }
    })
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Failed' } })
    expect((await done('PUT', hub, body)).body).toEqual({ status: 'Succeeded' })
    expect((await send('GET', hub)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } })
  })

  test('an update whose operation fails leaves the resource as it was', async () => {
    const { send, done } = await withFaults({
      method: 'PUT',
      path: 'virtualNetworks/hub$',
      nth: 2,
      operation: { code: 'X', message: 'no' }
    })
    await done('PUT', hub, body)
    await done('PUT', hub, { ...body, tags: { a: 'b' } })
    expect((await send('GET', hub)).body).not.toHaveProperty('tags')
  })

  test('a connection that breaks before the request did nothing, one that breaks after it did it', async () => {
    const { send, log } = await withFaults(
      { method: 'PUT', path: 'networks/hub$', drop: 'before' },
      { method: 'PUT', path: 'networks/hub$', nth: 2, drop: 'after' }
    )
    await expect(send('PUT', hub, body)).rejects.toThrow(ConnectionDropped)
    expect((await send('GET', hub)).status).toBe(404)
    await expect(send('PUT', hub, body)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await send('GET', hub)).status).toBe(200)
    expect(log.map(one => `${one.method} ${one.status}`)).toEqual(['PUT 201', 'PUT 0', 'GET 404', 'PUT 0', 'GET 200'])
  })

  test('a delay is a delay on the clock', async () => {
    const { send, sandbox } = await withFaults({ path: 'networks/hub$', nth: 'every', delayMs: 30_000 })
    const before = sandbox.clock.now()
    await send('GET', hub)
    await send('GET', hub)
    expect(sandbox.clock.now() - before).toBe(60_000)
  })

  test.each([
    ['{', 'not JSON'],
    ['{}', 'must be an array'],
    ['[1]', 'fault 1: must be an object'],
    ['[{"path":"a","status":500,"code":"x"},{"path":"a","what":1}]', 'fault 2: unknown member "what"'],
    ['[{"path":"("}]', '"path": Invalid regular expression'],
    ['[{"status":500,"code":"x"}]', '"path" must be'],
    ['[{"path":"a","nth":0,"status":500,"code":"x"}]', '"nth" must be'],
    ['[{"path":"a"}]', 'exactly one of'],
    ['[{"path":"a","status":500,"drop":"after"}]', 'exactly one of'],
    ['[{"path":"a","status":200,"code":"x"}]', '"status" must be'],
    ['[{"path":"a","status":500}]', '"code" and "message"'],
    ['[{"path":"a","operation":{"code":1}}]', '"operation": "code" and "message"'],
    ['[{"path":"a","drop":"never"}]', '"drop" must be'],
    ['[{"path":"a","drop":"after","message":"x"}]', '"message" belongs to "status"']
  ])('a wrong file says what is wrong: %s', (text, why) => {
    expect(() => parseFaults(text, 'faults.json')).toThrow(why)
    expect(() => parseFaults(text, 'faults.json')).toThrow('faults.json')
  })
})
