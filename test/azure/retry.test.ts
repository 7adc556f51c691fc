import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { expect, test } from 'vitest'
import { unpaced } from '../../src/azure/call.ts'
import { answerMs } from '../../src/azure/retry.ts'
import { subscription } from '../support/estate.ts'
import { group, rig } from './rig.ts'

type Answer = number | 'drop'

/** Answers as told, then 200 for ever. */
function answering(answers: readonly Answer[], headers: Readonly<Record<string, string>> = {}) {
  const left = [...answers]
  return async (): Promise<Response> => {
    const next = left.shift() ?? 200
    if (next === 'drop') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    return Response.json(next === 200 ? { id: group, value: [] } : { error: { code: `E${next}`, message: 'no' } }, {
      status: next,
      headers
    })
  }
}

const get = { method: 'GET', path: group, apiVersion: '1' } as const
const put = { method: 'PUT', path: group, apiVersion: '1', body: {} } as const

test.each([408, 429, 500, 502, 503, 504, 'drop'] as const)('a read that meets %s is made again, on the clock passed in', async answer => {
  const { azure, clock } = rig(answering([answer, answer]), { retriesMax: 3 })
  await azure.send(get)
  expect(clock.waits).toEqual([1_000, 2_000])
  expect(azure.calls).toMatchObject({ reads: 3, writes: 0 })
})

test.each([400, 403, 404, 409])('a read that meets %i is not', async status => {
  const { azure, clock } = rig(answering([status]), { retriesMax: 3 })
  await expect(azure.send(get)).rejects.toMatchObject({ status })
  expect(clock.waits).toEqual([])
})

test('the wait is the one Azure asks for', async () => {
  const { azure, clock } = rig(answering([429], { 'retry-after': '17' }), { retriesMax: 3 })
  await azure.send(get)
  expect(clock.waits).toEqual([17_000])
})

test.each([429, 503])('a write that meets %i is sent again only when Azure says when', async status => {
  const told = rig(answering([status], { 'retry-after': '5' }), { retriesMax: 3 })
  await told.azure.send(put)
  expect(told.clock.waits).toEqual([5_000])
  expect(told.azure.calls.writes).toBe(2)

  const untold = rig(answering([status]), { retriesMax: 3 })
  await expect(untold.azure.send(put)).rejects.toMatchObject({ status })
  expect(untold.azure.calls.writes).toBe(1)
})

test.each([408, 500, 502, 504, 'drop'] as const)('a write that meets %s may have happened, and is not sent again', async answer => {
  const { azure } = rig(answering([answer], { 'retry-after': '5' }), { retriesMax: 3 })
  await expect(azure.send(put)).rejects.toThrow()
  expect(azure.calls.writes).toBe(1)
})

test('after the last try the answer stands', async () => {
  const { azure, clock } = rig(answering([500, 500, 500, 500, 500]), { retriesMax: 3 })
  await expect(azure.send(get)).rejects.toMatchObject({ status: 500 })
  expect(clock.waits).toEqual([1_000, 2_000, 4_000])
})

test('a poll that is lost does not lose the operation', async () => {
  const address = 'https://management.azure.com/subscriptions/s/providers/Microsoft.X/locations/l/azureAsyncOperation/1?api-version=1'
  let polls = 0
  const { azure } = rig(
    async ({ method, url }) => {
      if (method !== 'GET') return Response.json({}, { status: 202, headers: { 'azure-asyncoperation': address } })
      if (url === address) polls += 1
      if (url === address && polls < 3) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      return Response.json(url === address ? { status: 'Succeeded' } : { name: 'pg', properties: {} })
    },
    { retriesMax: 3 }
  )
  const { servers } = await azure.client('postgres', subscription)
  await servers.beginCreateOrUpdateAndWait('rg', 'pg', { location: 'westeurope' }, unpaced)
  expect(azure.calls.writes).toBe(1)
})

const aborted = (): Error => Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' })

/** A connection over which no answer ever comes, as the SDKs' own client ends it at the time it was given. */
function silent(times: number) {
  let left = times
  const given: number[] = []
  const httpClient: HttpClient = {
    async sendRequest(request) {
      given.push(request.timeout)
      left -= 1
      if (left >= 0) throw aborted()
      return { request, status: 200, headers: createHttpHeaders(), bodyAsText: JSON.stringify({ id: group }) }
    }
  }
  return { ...rig(async () => Response.json({}), { retriesMax: 3, httpClient }), given }
}

test('a read that is never answered is made again', async () => {
  const { azure, given } = silent(2)
  await azure.send(get)
  expect(given).toEqual([answerMs, answerMs, answerMs])
})

test('a write that is never answered may have happened: it is a broken connection, and not sent again', async () => {
  const { azure, given } = silent(1)
  await expect(azure.send(put)).rejects.toMatchObject({ name: 'RestError', code: 'ETIMEDOUT', message: 'No answer after 5 min' })
  expect(given.length).toBe(1)
})

test('a caller that broke a request off is not told of a broken connection', async () => {
  const stopping = new AbortController()
  const { azure } = rig(
    async () => {
      stopping.abort()
      throw aborted()
    },
    { retriesMax: 3 }
  )
  await expect(azure.isInFlight('https://management.azure.com/o/1', stopping.signal)).rejects.toMatchObject({ name: 'AbortError' })
})
