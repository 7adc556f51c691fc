import { expect, test } from 'vitest'
import { faultCounter, parseFaults } from '../../../src/sandbox/faults.ts'
import { armWithGroup, networks } from './arm.ts'

test.each([
  ['{', 'is no JSON: line 1, column 2'],
  ['{}', 'must be an array'],
  ['[1]', 'fault 1: must be an object'],
  ['[{"path":"a","status":500,"code":"x"},{"path":"a","what":1}]', 'fault 2: unknown member "what"'],
  ['[{"path":"(","drop":"after"}]', '"path": Invalid regular expression'],
  ['[{"status":500,"code":"x"}]', '"path" must be'],
  ['[{"path":"a","method":1,"status":500,"code":"x"}]', '"method" must be'],
  ['[{"path":"a","nth":0,"status":500,"code":"x"}]', '"nth" must be'],
  ['[{"path":"a"}]', 'exactly one of'],
  ['[{"path":"a","status":500,"drop":"after"}]', 'exactly one of'],
  ['[{"path":"a","status":200,"code":"x"}]', '"status" must be'],
  ['[{"path":"a","status":500}]', '"code" and "message"'],
  ['[{"path":"a","operation":{"code":1}}]', '"operation": "code" and "message"'],
  ['[{"path":"a","operation":{"code":"x","message":"y","target":"z"}}]', '"operation": unknown member "target"'],
  ['[{"path":"a","drop":"never"}]', '"drop" must be'],
  ['[{"path":"a","drop":"after","message":"x"}]', '"message" belongs to "status", not to "drop"'],
  ['[{"path":"a","delayMs":-1}]', '"delayMs" must be'],
  ['[{"path":"a","pauseMs":"1s"}]', '"pauseMs" must be'],
  ['[{"path":"a","expire":false}]', '"expire" must be true'],
  ['[{"path":"a","reset":1}]', '"reset" must be true'],
  ['[{"path":"a","method":"PUT","stale":true}]', '"stale" is for reads'],
  ['[{"path":"a","pageSize":0}]', '"pageSize" must be'],
  ['[{"path":"a","probability":0,"drop":"after"}]', '"probability" must be'],
  ['[{"path":"a","probability":0.5,"nth":1,"drop":"after"}]', '"nth" and "probability" exclude'],
  ['[{"path":"a","seed":1,"drop":"after"}]', '"seed" belongs to "probability"'],
  ['[{"path":"a","status":500,"body":"x","code":"y"}]', '"code" and "body" exclude'],
  ['[{"path":"a","status":500,"code":"y","contentType":"text/html"}]', '"contentType" belongs to "body"'],
  ['[{"path":"a","status":500,"code":"x","after":true,"before":true}]', '"after" and "before" exclude'],
  ['[{"path":"a","azure":"Nonsense"}]', '"azure" must be one of'],
  ['[{"path":"a","azure":"constructor"}]', '"azure" must be one of'],
  ['[{"path":"a","azure":"OperationTimedOut","after":true}]', '"after" does not go with "OperationTimedOut"']
])('a wrong file says what is wrong: %s', (text, why) => {
  expect(() => parseFaults(text, 'faults.json')).toThrow(why)
  expect(() => parseFaults(text, 'faults.json')).toThrow('faults.json')
})

test('faults are counted apart from each other, and told as they were given', () => {
  const given = [
    { path: 'a', nth: 2, drop: 'after' },
    { method: 'put', path: 'A/B', nth: 'every', delayMs: 5 }
  ]
  const { effects, report } = faultCounter(parseFaults(JSON.stringify(given), 'faults.json'))
  expect(effects('PUT', '/a/b')).toEqual([{ do: 'delay', ms: 5 }])
  expect(effects('GET', '/a/b')).toEqual([{ do: 'drop', when: 'after' }])
  expect(effects('GET', '/x')).toEqual([])
  expect(report()).toEqual([
    { fault: given[0], matched: 2, came: 1 },
    { fault: given[1], matched: 1, came: 1 }
  ])
})

test('in this process a broken connection is an error like that of the network', async () => {
  const faults = parseFaults(
    JSON.stringify([
      { path: 'networks/hub$', drop: 'before' },
      { path: 'networks/hub$', nth: 2, reset: true }
    ]),
    'faults.json'
  )
  const { send, log } = await armWithGroup({ faults })
  await expect(send('GET', `${networks}/hub`)).rejects.toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' })
  await expect(send('GET', `${networks}/hub`)).rejects.toMatchObject({ code: 'ECONNRESET', message: 'read ECONNRESET' })
  expect((await send('GET', `${networks}/hub`)).status).toBe(404)
  expect(log.map(one => one.status)).toEqual([201, 0, 0, 404])
})
