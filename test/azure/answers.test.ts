import { expect, test } from 'vitest'
import { unpaced } from '../../src/azure/call.ts'
import { asking } from '../../src/azure/error.ts'
import { getLock, readLocks, readLocksAt } from '../../src/azure/locks.ts'
import { pagesMax } from '../../src/azure/pages.ts'
import { errorLine, explained } from '../../src/engine/errorText.ts'
import { kindNamed } from '../../src/kinds/index.ts'
import { isLost } from '../../src/locks/lostAnswer.ts'
import { keepHidden } from '../../src/model/redact.ts'
import { subscription } from '../support/estate.ts'
import { group, rig } from './rig.ts'

const lock = `${group}/providers/Microsoft.Authorization/locks/keep`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const html = '<!doctype html><title>Sign in to the hotel</title>'
const at = 'https://management.azure.com'

/** Answers in turn; the last one for ever. */
function inTurn(...answers: readonly (() => Response)[]) {
  let asked = 0
  return async (): Promise<Response> => {
    asked += 1
    return answers[Math.min(asked, answers.length) - 1]?.() ?? new Response()
  }
}

const body = (text: string | null, type = 'application/json', status = 200) =>
  new Response(text, { status, headers: { 'content-type': type } })

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error
  )

const noJson: readonly (readonly [string, string | null, string?])[] = [
  ['HTML', html, 'text/html'],
  ['HTML that says it is JSON', html],
  ['nothing', null],
  ['blanks', ' \r\n '],
  ['half of it', '{"id":"/subscriptions/1","properties":{"level":"Can'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '7'],
  ['a text', '"ok"'],
  ['too many levels', `{"id":"${lock}","name":"keep","properties":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
  ['no id and no name', '{"properties":{"level":"ReadOnly"}}'],
  ['no properties', `{"id":"${lock}","name":"keep"}`],
  ['no level', `{"id":"${lock}","name":"keep","properties":{}}`],
  ['another sort of id', '{"id":5,"name":"keep","properties":{"level":"ReadOnly"}}'],
  ['another sort of state', `{"id":"${lock}","name":"keep","properties":{"level":"ReadOnly","provisioningState":5}}`]
]

test.each(noJson)('a lock that is answered with %s is asked for again, and is what the next answer says', async (_, text = null, type) => {
  const whole = () => Response.json({ id: lock, name: 'keep', properties: { level: 'ReadOnly' } })
  const { azure, clock, requests } = rig(
    inTurn(() => body(text, type ?? undefined), whole),
    { retriesMax: 3 }
  )
  expect((await getLock(azure, lock)).level).toBe('ReadOnly')
  expect(requests.length).toBe(2)
  expect(clock.waits).toEqual([1_000])
})

test.each(noJson)('a lock that is answered with %s for ever is an error that names the address', async (_, text = null, type) => {
  const { azure } = rig(async () => body(text, type ?? undefined))
  const error = await thrown(getLock(azure, lock))
  expect(explained(error)).toBeDefined()
  expect(errorLine(error)).toContain(`GET ${at}${lock}`)
  expect(errorLine(error)).not.toMatch(/has a bug|answered 502/)
  expect(isLost(error)).toBe(true)
})

test('the first characters of what is no JSON are shown, escaped and without a secret', async () => {
  keepHidden('hunter2-hunter2')
  const text = `\u001b[31m<p>${'n'.repeat(180)}hunter2-hunter2${'y'.repeat(400)}`
  const { azure } = rig(async () => body(text))
  const said = errorLine(await thrown(getLock(azure, lock)))
  expect(said).toContain('Azure answered with something that is no JSON')
  expect(said).toContain('\\u001b[31m<p>nnn')
  expect(said).not.toMatch(/hunter2|yyyyy/)
})

test('JSON that says it is something else is read all the same', async () => {
  const { azure } = rig(async () => body(JSON.stringify({ id: hub, name: 'hub', properties: {} }), 'text/plain'))
  const { virtualNetworks } = await azure.client('network', subscription)
  expect((await virtualNetworks.get('rg', 'hub')).name).toBe('hub')
})

test.each([
  ['no value', '{}'],
  ['a value that is none', '{"value":null}'],
  ['an item that is none', '{"value":[null]}'],
  ['an item without an id', '{"value":[{"properties":{"level":"ReadOnly"}}]}'],
  ['an item without properties', `{"value":[{"id":"${lock}","name":"keep"}]}`],
  ['a next page that is none', '{"value":[],"nextLink":{}}']
])('a list with %s is no list of locks, whoever reads it', async (_, text) => {
  const { azure } = rig(async () => body(text))
  for (const work of [() => readLocks(azure, subscription), () => readLocksAt(azure, group)]) {
    const error = await thrown(work())
    expect(errorLine(error)).toMatch(/^Azure answered with .*locks/)
    expect(isLost(error)).toBe(true)
  }
})

test.each([
  ['a name of another sort', { id: hub, name: 5, properties: {} }],
  ['a location of another sort', { id: hub, name: 'hub', location: 5, properties: {} }],
  ['addresses of another sort', { id: hub, name: 'hub', properties: { addressSpace: { addressPrefixes: [{}] } } }],
  ['subnets of another sort', { id: hub, name: 'hub', properties: { subnets: [null] } }]
])('a network with %s is no bug of pglink', async (_, network) => {
  const { azure } = rig(async () => Response.json(network))
  const error = await thrown(kindNamed.get('virtualNetwork')?.observe(azure, hub) ?? Promise.resolve())
  if (error !== undefined) expect(explained(error)?.message).toMatch(/^Azure answered with /)
})

test('what breaks on an answer is the answer’s fault, and what somebody threw is not', async () => {
  const broken = asking('GET /x', async () => (JSON.parse('{}') as { a: { b: string } }).a.b)
  await expect(broken).rejects.toThrow('Azure answered with something that cannot be read, to GET /x')
  await expect(
    asking('GET /x', async () => {
      throw new Error('ours')
    })
  ).rejects.toThrow('ours')
})

test.each([html, 'null', '[]', '{"a":', '"x"'])(
  'a write that is answered with %s may have taken effect, and is not sent again',
  async text => {
    const { azure, requests } = rig(async () => body(text), { retriesMax: 3 })
    const error = await thrown(azure.send({ method: 'PUT', path: lock, apiVersion: '1', body: {} }))
    expect(isLost(error)).toBe(true)
    expect(requests.length).toBe(1)
  }
)

test('nothing is an answer where the operation declares none', async () => {
  const { azure } = rig(async () => new Response(null, { status: 200 }))
  await expect(azure.send({ method: 'DELETE', path: lock, apiVersion: '1' })).resolves.toBeUndefined()
  await expect(azure.send({ method: 'POST', path: lock, apiVersion: '1', body: {}, mayBeEmpty: true })).resolves.toBeUndefined()
  await expect(azure.send({ method: 'POST', path: lock, apiVersion: '1', body: {} })).rejects.toThrow('nothing')
})

test('a body has a size that is stated', async () => {
  const big = new Uint8Array(1024 * 1024).fill(0x20)
  const { azure } = rig(
    async () =>
      new Response(
        new ReadableStream({
          pull: controller => controller.enqueue(big)
        })
      )
  )
  await expect(azure.send({ method: 'GET', path: lock, apiVersion: '1' })).rejects.toThrow('more than 32 MiB')
})

test.each([
  ['{"error":"no"}', 'no'],
  ['{"error":{"code":5,"message":{"a":1},"details":{"a":1}}}', '5'],
  ['{"Code":"Large","Message":"letters"}', 'letters'],
  ['{"error":null}', 'did not say why'],
  ['[]', 'did not say why'],
  ['null', 'did not say why'],
  ['"no"', 'did not say why'],
  [`{"error":{"code":"Deep","details":${'[{"details":'.repeat(3_000)}[]${'}]'.repeat(3_000)}}}`, 'Deep']
])('an error body %s is told', async (text, said) => {
  const { azure } = rig(async () => body(text.slice(0, 100_000), undefined, 409))
  expect(errorLine(await thrown(azure.send({ method: 'GET', path: lock, apiVersion: '1' })))).toContain(said)
})

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
