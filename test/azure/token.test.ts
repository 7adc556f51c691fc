import type { AccessToken, GetTokenOptions } from '@azure/core-auth'
import { expect, test } from 'vitest'
import { subscription } from '../support/estate.ts'
import { group, rig } from './rig.ts'

const minute = 60_000

/** A login whose tokens last as told, one after the other; then for an hour. */
function login(lives: readonly (number | 'error')[], extra: Partial<AccessToken> = {}) {
  const left = [...lives]
  const asked: GetTokenOptions[] = []
  return {
    asked,
    credential: {
      async getToken(_scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
        asked.push(options)
        const life = left.shift() ?? 60 * minute
        if (life === 'error') throw new Error('no login')
        return { token: `token-${asked.length}`, expiresOnTimestamp: Date.now() + life, ...extra }
      }
    }
  }
}

const get = { method: 'GET', path: group, apiVersion: '1' } as const
const on = (credential: ReturnType<typeof login>['credential']) => rig(async () => Response.json({ id: group, value: [] }), { credential })
const signedWith = ({ requests }: { readonly requests: readonly Request[] }) => requests.map(({ headers }) => headers.get('authorization'))

test('one token serves all requests for as long as it is good', async () => {
  const { credential, asked } = login([])
  const here = on(credential)
  for (let count = 0; count < 3; count += 1) await here.azure.send(get)
  for await (const _ of (await here.azure.client('locks', subscription)).managementLocks.listAtSubscriptionLevel());
  expect(asked.length).toBe(1)
  expect(new Set(signedWith(here))).toEqual(new Set(['Bearer token-1']))
})

test('a token that ends soon is renewed before it does', async () => {
  const { credential, asked } = login([minute])
  const here = on(credential)
  await here.azure.send(get)
  await here.azure.send(get)
  expect(signedWith(here)).toEqual(['Bearer token-1', 'Bearer token-2'])
  expect(asked.length).toBe(2)
})

test('a token that is to be refreshed is, and goes on serving where it cannot be', async () => {
  const { credential } = login([30 * minute, 'error'], { refreshAfterTimestamp: Date.now() - minute })
  const here = on(credential)
  await here.azure.send(get)
  await here.azure.send(get)
  expect(signedWith(here)).toEqual(['Bearer token-1', 'Bearer token-1'])
})

test('without a login the request says why', async () => {
  const { credential } = login(['error'])
  await expect(on(credential).azure.send(get)).rejects.toThrow('no login')
})

test('a token that lasts long enough is not renewed', async () => {
  const { credential, asked } = login([20 * minute])
  expect(await on(credential).azure.tokenLifeMs(15 * minute)).toBeGreaterThan(19 * minute)
  expect(asked.length).toBe(1)
})

test('one that does not is asked for again, and the new one signs the requests', async () => {
  const { credential, asked } = login([10 * minute, 60 * minute])
  const here = on(credential)
  await here.azure.send(get)
  expect(await here.azure.tokenLifeMs(15 * minute)).toBeGreaterThan(59 * minute)
  await here.azure.send(get)
  expect(signedWith(here)).toEqual(['Bearer token-1', 'Bearer token-2'])
  expect(asked.map(({ claims }) => claims)).toEqual([undefined, undefined])
})

test('where a cache answers with the same one, a newer one is asked for by its date', async () => {
  const { credential, asked } = login([10 * minute, 10 * minute, 60 * minute])
  expect(await on(credential).azure.tokenLifeMs(15 * minute)).toBeGreaterThan(59 * minute)
  const { access_token } = JSON.parse(asked[2]?.claims ?? '{}')
  expect(Math.abs(Number(access_token.nbf.value) - Date.now() / 1_000)).toBeLessThan(60)
  // Tokens with and without continuous access evaluation are cached apart: each is asked for as the requests do.
  expect(new Set(asked.map(({ enableCae }) => enableCae))).toEqual(new Set([true]))
})

test.each([
  ['errors', ['error', 'error'] as const],
  ['older ones', [5 * minute, 2 * minute] as const]
])('where renewing ends in %s, what was held is still used', async (_what, next) => {
  const { credential } = login([10 * minute, ...next])
  const here = on(credential)
  const life = await here.azure.tokenLifeMs(15 * minute)
  expect(life).toBeGreaterThan(9 * minute)
  expect(life).toBeLessThanOrEqual(10 * minute)
  await here.azure.send(get)
  expect(signedWith(here)).toEqual(['Bearer token-1'])
})

test.each([
  'https://management.azure.example/a',
  'https://management.azure.com.example/a',
  'https://evilmanagement.azure.com/a',
  'https://management.azure.com:8443/a'
])('the token is not shown to %s, whoever says to go there', async url => {
  const here = on(login([]).credential)
  await expect(here.azure.isInFlight(url)).rejects.toMatchObject({ name: 'StrayRequest' })
  expect(here.requests).toEqual([])
})

test('a region of the cloud is the cloud', async () => {
  const here = on(login([]).credential)
  expect(await here.azure.isInFlight('https://westeurope.management.azure.com/subscriptions/s/operations/1')).toBe(false)
  expect(here.requests.length).toBe(1)
})

test.each([
  ['InProgress', 200, { status: 'InProgress' }, true],
  ['a state nobody knows', 200, { status: 'Restarting' }, true],
  ['202 and nothing else', 202, null, true],
  ['the resource itself, in work', 200, { properties: { provisioningState: 'Updating' } }, true],
  ['Succeeded', 200, { status: 'Succeeded' }, false],
  ['the resource itself, done', 200, { properties: {} }, false]
])('an operation that answers %s goes on, or not', async (_what, status, body, isInFlight) => {
  const { azure } = rig(async () => Response.json(body, { status }))
  expect(await azure.isInFlight('https://management.azure.com/subscriptions/s/operations/1?t=1')).toBe(isInFlight)
})
