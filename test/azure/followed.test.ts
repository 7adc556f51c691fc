import { expect, test } from 'vitest'
import { unpaced } from '../../src/azure/call.ts'
import { getLock, readLocks, readLocksAt } from '../../src/azure/locks.ts'
import { pagesMax } from '../../src/azure/pages.ts'
import { errorLine } from '../../src/engine/errorText.ts'
import { subscription } from '../support/estate.ts'
import { at, inTurn, lock, thrown } from './answering.ts'
import { group, rig } from './rig.ts'

const stray = [
  'https://evil.example/op',
  'http://management.azure.com/op',
  'https://management.azure.com:8443/op',
  'https://management.azure.com.evil.example/op',
  'https://user@management.azure.com/op',
  '//evil.example/op',
  'https://',
  'https://management.azure.com/%zz',
  'https://management.azure.com/a%2f..%2fb',
  'javascript:alert(1)',
  'https://[::/op'
]

test.each(stray)('an operation that is to be followed to %s fails that write alone, with the address', async to => {
  for (const header of ['azure-asyncoperation', 'location', 'operation-location']) {
    const { azure, requests } = rig(async () => Response.json({ properties: {} }, { status: 202, headers: { [header]: to } }))
    const { servers } = await azure.client('postgres', subscription)
    const error = await thrown(servers.beginCreateOrUpdateAndWait('rg', 'pg', { location: 'x' }, unpaced))
    expect(errorLine(error)).toMatch(/^Azure answered with .*Nothing was sent there/)
    expect(errorLine(error)).toContain(JSON.stringify(to).slice(1, -1))
    expect(requests.length).toBe(1)
  }
})

test.each(stray)('a list that goes on at %s is an error with the address', async to => {
  const { azure, requests } = rig(async () => Response.json({ value: [], nextLink: to }))
  expect(errorLine(await thrown(readLocksAt(azure, group)))).toContain(JSON.stringify(to).slice(1, -1))
  expect(errorLine(await thrown(readLocks(azure, subscription)))).toContain('a nextLink')
  expect(requests.length).toBe(2)
})

test.each([301, 302, 307, 308])('a redirect with %i to elsewhere is an error with the address', async status => {
  const { azure, requests } = rig(async () => new Response(null, { status, headers: { location: 'https://evil.example/there' } }))
  expect(errorLine(await thrown(getLock(azure, lock)))).toContain('evil.example')
  expect(requests.length).toBe(1)
})

test.each([
  ['/op/1?t=1', `${at}/op/1?t=1`],
  ['https://MANAGEMENT.azure.com:443/op/1', `${at}/op/1`],
  ['https://eastus.management.azure.com/op/1', 'https://eastus.management.azure.com/op/1'],
  ['op/1', undefined]
])('an operation is followed to %s, as from the request', async (to, asked) => {
  const { azure, requests } = rig(
    inTurn(
      () => Response.json({}, { status: 202, headers: { 'azure-asyncoperation': to } }),
      () => Response.json({ status: 'Succeeded' })
    )
  )
  const { servers } = await azure.client('postgres', subscription)
  await servers.beginDeleteAndWait('rg', 'pg', unpaced)
  if (asked !== undefined) expect(requests[1]?.url.replace(/[?&]api-version=[^&]*/, '')).toBe(asked)
  else expect(requests[1]?.url).toContain('/flexibleServers/op/1')
})

test('an operation that does not say how it goes has not succeeded', async () => {
  const { azure } = rig(
    inTurn(
      () => Response.json({}, { status: 202, headers: { 'azure-asyncoperation': `${at}/op/1` } }),
      () => Response.json({})
    )
  )
  const { servers } = await azure.client('postgres', subscription)
  await expect(servers.beginDeleteAndWait('rg', 'pg', unpaced)).rejects.toThrow('does not say how the operation goes')
})

test.each([
  ['itself', (url: string) => url],
  ['one before it', (url: string) => (url.includes('page=2') ? `${at}/next?page=1` : `${at}/next?page=2`)]
])('a list that goes on at %s does not go on, also where it is asked again', async (_, next) => {
  const { azure, requests } = rig(async ({ url }) => Response.json({ value: [], nextLink: next(url) }), { retriesMax: 3 })
  await expect(readLocksAt(azure, group)).rejects.toThrow('the list does not end')
  expect(requests.length).toBeLessThan(12)
})

test('a list has a most of pages', async () => {
  const { azure, requests } = rig(async ({ url }) =>
    Response.json({ value: [], nextLink: `${at}/next?page=${url.length}&x=${Math.random()}` })
  )
  await expect(readLocksAt(azure, group)).rejects.toThrow(`more than ${pagesMax} pages`)
  expect(requests.length).toBe(pagesMax)
})

test('a list that says there is no more, and says so with a null, has ended', async () => {
  const { azure, requests } = rig(async () => Response.json({ value: [], nextLink: null }))
  expect(await readLocksAt(azure, group)).toEqual([])
  expect(await readLocks(azure, subscription)).toEqual([])
  expect(requests.length).toBe(2)
})

test.each([
  ['0', 1_000],
  ['-5', 1_000],
  ['99999999999999999999', 900_000],
  ['1e400', 0],
  ['NaN', 0],
  ['Infinity', 0],
  [new Date(8.64e15).toUTCString(), 900_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 1_000]
])('a poll with Retry-After %s comes after a time that is one, or at once', async (after, ms) => {
  const { azure, clock } = rig(
    inTurn(
      () => Response.json({}, { status: 202, headers: { 'azure-asyncoperation': `${at}/op/1`, 'retry-after': after } }),
      () => Response.json({ status: 'Succeeded' })
    )
  )
  await (await azure.client('postgres', subscription)).servers.beginDeleteAndWait('rg', 'pg', unpaced)
  expect(clock.waits).toEqual(ms === 0 ? [] : [ms])
})

test('a date is meant by the clock of whoever says it', async () => {
  const headers = { date: 'Mon, 05 Jan 2099 09:00:00 GMT', 'retry-after': 'Mon, 05 Jan 2099 09:00:30 GMT' }
  const { azure, clock } = rig(
    inTurn(
      () => new Response(null, { status: 429, headers }),
      () => Response.json({ id: group, properties: {} })
    ),
    { retriesMax: 1 }
  )
  await azure.send({ method: 'GET', path: group, apiVersion: '1' })
  expect(clock.waits).toEqual([30_000])
})

test('a longer wait is told as it begins', async () => {
  const told: number[] = []
  const { azure } = rig(
    inTurn(
      () => new Response(null, { status: 429, headers: { 'retry-after': '3600' } }),
      () => Response.json({ id: group })
    ),
    { retriesMax: 1, onWait: ({ ms }) => void told.push(ms) }
  )
  await azure.send({ method: 'GET', path: group, apiVersion: '1' })
  expect(told).toEqual([900_000])
})
