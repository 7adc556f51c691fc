import { expect, test } from 'vitest'
import type { Azure } from '../../src/azure/azure.ts'
import { deleteLock, putLock, readLocksAt } from '../../src/azure/locks.ts'
import { kinds } from '../../src/kinds/index.ts'
import { clientsOn } from '../support/engine.ts'
import { subscription } from '../support/estate.ts'

interface Recorded {
  readonly asked: string[]
  readonly azure: Azure
}

/** Answers every request as told, and writes down the request and its token. */
function recording(answer: () => Response = () => new Response('{"value":[]}', { status: 200 })): Recorded {
  const asked: string[] = []
  // Time passes with each look, so that what waits for what never comes gives up.
  let now = 0
  const clock = { now: () => (now += 600_000), sleep: async () => undefined }
  const handle = async (request: Request): Promise<Response> => {
    asked.push(request.url)
    return answer()
  }
  const azure = clientsOn(handle, { clock })
  return { asked, azure }
}

const home = (url: string): boolean => new URL(url).origin === 'https://management.azure.com'

const evil = [
  'https://evil.example',
  'https://evil.example/subscriptions/x',
  'http://management.azure.com/subscriptions/x',
  'https://management.azure.com.evil.example/subscriptions/x',
  'https://management.azure.com@evil.example/subscriptions/x',
  'https://user:pw@management.azure.com/subscriptions/x',
  '@evil.example/subscriptions/x',
  '.evil.example/subscriptions/x',
  ':8443/subscriptions/x',
  '\\\\evil.example\\x'
]

test.each(evil)('no token goes to %s', async path => {
  const { asked, azure } = recording()
  await azure.send({ method: 'GET', path, apiVersion: '2020-05-01' }).catch(() => undefined)
  await readLocksAt(azure, path).catch(() => undefined)
  await putLock(azure, { path: `${path}/providers/Microsoft.Authorization/locks/x`, properties: {} }).catch(() => undefined)
  await azure.isInFlight(path).catch(() => undefined)
  expect(asked.filter(url => !home(url) || url.includes('@'))).toEqual([])
})

test.each([
  ['another next page', () => new Response(JSON.stringify({ value: [], nextLink: 'https://evil.example/next' }))],
  ['another place to go', () => new Response(null, { status: 307, headers: { location: 'https://evil.example/there' } })],
  [
    'another place to ask',
    () => new Response('{"status":"InProgress"}', { status: 202, headers: { 'azure-asyncoperation': 'https://evil.example/op' } })
  ]
])('an answer that names %s is not followed there', async (_, answer) => {
  const { asked, azure } = recording(answer)
  const scope = `/subscriptions/${subscription}/resourceGroups/rg`
  await readLocksAt(azure, scope).catch(() => undefined)
  for (const kind of kinds) {
    await kind.list(azure, `${scope}/providers/${kind.type.split('/').slice(0, 2).join('/')}/x`).catch(() => undefined)
    await kind.create({ azure, path: pathOf(kind.type, 'x'), props: {}, tags: {} }).catch(() => undefined)
  }
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter(url => !home(url))).toEqual([])
})

const pathOf = (type: string, name: string): string => {
  const [namespace = '', ...types] = type.split('/')
  return `/subscriptions/${subscription}/resourceGroups/rg/providers/${namespace}/${types.map(one => `${one}/${name}`).join('/')}`
}

const names = [
  '..',
  '.',
  '%2e%2e',
  'a%2F..%2Fb',
  'a\\..\\b',
  'a?api-version=1&x=',
  'a#b',
  '//evil.example',
  '@evil.example',
  'https:',
  'a\nb',
  ' '
]

/** Every name of the path, as Azure would take it apart. */
const asIn = (url: string): string[] => new URL(url).pathname.split('/').map(part => decodeURIComponent(part))

test.each(names)('a resource named %j is asked for as that, or not at all', async name => {
  const { asked, azure } = recording(() => new Response('{}', { status: 404 }))
  const paths = kinds
    .filter(({ name: kind }) => kind !== 'resourceGroup' && kind !== 'managementLock')
    .map(({ type, ...kind }) => ({ kind, path: pathOf(type, name) }))
  for (const { kind, path } of paths) {
    await kind.observe(azure, path).catch(() => undefined)
    await kind.remove({ azure, path, props: {} }).catch(() => undefined)
  }
  await deleteLock(azure, { path: `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks/${name}` }).catch(() => undefined)
  for (const url of asked) {
    expect(home(url)).toBe(true)
    expect(url).not.toMatch(/%2f|%5c/i)
    // Nothing was resolved away: the subscription is where it was, and the name is a part of its own.
    expect(asIn(url).slice(0, 3)).toEqual(['', 'subscriptions', subscription])
    if (!name.includes('/')) expect(asIn(url), url).toContain(name)
    expect(new URL(url).searchParams.getAll('api-version').length).toBe(1)
  }
})
