import { expect, test } from 'vitest'
import { asking } from '../../src/azure/error.ts'
import { getLock, readLocks, readLocksAt } from '../../src/azure/locks.ts'
import { errorLine, explained } from '../../src/engine/errorText.ts'
import { kindNamed } from '../../src/kinds/index.ts'
import { isLost } from '../../src/locks/lostAnswer.ts'
import { keepHidden } from '../../src/model/redact.ts'
import { subscription } from '../support/estate.ts'
import { at, body, html, hub, inTurn, lock, thrown } from './answering.ts'
import { group, rig } from './rig.ts'

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
