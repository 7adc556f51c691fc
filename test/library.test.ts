import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hidingSecrets, keepHidden, withoutSecrets } from '../src/model/redact.ts'
import { writes } from './examples/example.ts'
import { checkout, hub, keep, locks, project, requests, run, topology } from './support/program.ts'

/** An error as it is written down. */
interface Failed {
  readonly name: string
  readonly isOurs: boolean
  readonly message: string
  readonly code: number
  readonly diagnostics: readonly { readonly rule: string; readonly range?: { readonly start: { readonly line: number } } }[]
  readonly outcome?: {
    readonly code: number
    readonly applies: readonly { readonly complete: boolean; readonly steps: readonly object[] }[]
  }
  readonly said: readonly string[]
}

describe('a program', () => {
  test('validates, plans, draws, applies exactly that, and looks for drift; nothing is printed and no environment is read', async () => {
    const here = project()
    const got = await run<Readonly<Record<string, never>>>(
      here,
      `const events = [], lines = []
const valid = await validate({ environment })
const planned = await plan(options)
const writesByPlan = (await import('node:fs')).readFileSync('requests.ndjson', 'utf8').split('\\n').filter(line => line !== '' && !line.includes('"GET"')).length
const [document] = planned.plans
const applied = await apply({ ...options, planDigest: document.digest, onEvent: event => events.push(event), log: line => lines.push(line) })
result({
  valid, writesByPlan, code: planned.code, summary: document.summary, ids: document.resource_changes.map(({ id }) => id),
  markdown: markdownOf(planned.plans).text.includes('Plan: 3 to add'), html: htmlOf(planned.plans).startsWith('<!doctype html>'),
  mermaid: mermaidOf(document.graph).startsWith('flowchart'), svg: svgOf(document.graph).startsWith('<svg'),
  applied: [applied.code, applied.applies[0].complete, applied.applies[0].locks_not_restored, applied.applies[0].still_differs],
  events: [...new Set(events.map(({ type }) => type))], stamped: events.every(event => !Number.isNaN(Date.parse(event['@timestamp']))),
  said: lines.some(line => line.startsWith('Apply complete!')), whole: lines.every(line => !line.includes('\\n')),
  stale: await failed(apply({ ...options, planDigest: document.digest })),
  left: (await plan(options)).plans[0].steps.length, drift: await drift(options).then(({ code, drifts }) => [code, drifts[0].clean]),
  verified: await verify(options).then(({ code, verified }) => [code, verified[0].verdict.as]), baselined: await failed(verify({ ...options, baseline: 'HEAD' }))
})`
    )
    expect(got).toMatchObject({
      valid: { code: 0, valid: true, diagnostics: [] },
      writesByPlan: 0,
      code: 0,
      summary: { add: 3, locks_lift: 1 },
      ids: ['one', 'three', 'two'].map(name => expect.stringContaining(`${hub}/subnets/${name}`)),
      ...{ markdown: true, html: true, mermaid: true, svg: true, stamped: true, said: true, whole: true, left: 0 },
      applied: [0, true, [], []],
      events: expect.arrayContaining(['version', 'planned_change', 'change_summary', 'apply_start', 'apply_complete']),
      stale: { name: 'PglinkError', isOurs: true, code: 5, message: expect.stringContaining('The plan made now has the digest') },
      drift: [0, true],
      verified: [0, 'none'],
      baselined: { code: 64, message: expect.stringContaining('verify() has no option baseline.') }
    })
    expect(locks(here)).toEqual([keep])
  })

  test('is told what is wrong with the file, and where', async () => {
    const here = project({ 'topology.yaml': topology.replace('10.20.2.0/24', 'nonsense') })
    const got = await run<{ readonly valid: { readonly valid: boolean; readonly code: number }; readonly planned: Failed }>(
      here,
      'result({ valid: await validate({ environment }), planned: await failed(plan(options)) })'
    )
    expect(got.valid).toMatchObject({ valid: false, code: 4 })
    expect(got.planned).toMatchObject({ isOurs: true, code: 4 })
    expect(got.planned.message).toMatch(/^The topology is not sound \(1 error\)\. topology\.yaml:11:\d+ PGL\d+: /)
    expect(got.planned.diagnostics).toMatchObject([{ severity: 'error', range: { filename: 'topology.yaml', start: { line: 11 } } }])
  })

  test('is told what is wrong with what it asks for', async () => {
    const calls = [
      ["plan({ ...options, allowDeletes: ['x'] })", 64, 'plan() has no option allowDeletes. It has: files, '],
      ["validate({ estate: { azure: 'default' } })", 64, 'validate() has no option estate.'],
      ['plan({ ...options, prune: 1 })', 64, 'The option prune of plan() is true or false.'],
      ['plan({ ...options, maxDeletes: -1 })', 64, 'The option maxDeletes of plan() is a whole number from 0.'],
      ['plan({ ...options, environment: undefined })', 4, 'AZURE_SUBSCRIPTION_ID'],
      ['plan()', 64, 'plan() takes an object of options.'],
      ['apply({ environment })', 64, 'apply() needs the option estate.'],
      ["plan({ ...options, estate: { sandbox: true, azure: 'default' } })", 64, 'The option estate is one place.'],
      ["plan({ ...options, estate: { azure: 'me' } })", 64, 'is a credential'],
      ["plan({ ...options, estate: { armEndpoint: 'https://localhost:1' } })", 64, 'needs its token'],
      ["plan({ ...options, estate: { armEndpoint: 'https://elsewhere', token: 'x' } })", 1, 'an https address on this machine'],
      ["plan({ ...options, files: 'nowhere.yaml' })", 4, 'nowhere.yaml'],
      [
        "plan({ ...options, estate: { azure: { getToken: async scope => { throw new Error('no ' + scope) } } } })",
        1,
        'no https://management.azure.com/.default'
      ],
      ['plan({ ...options, estate: { azure: { getToken: async () => null } } })', 1, 'has no token for Azure']
    ] as const
    const got = await run<readonly Failed[]>(
      project(),
      `result([${calls.map(([call]) => `await failed((async () => ${call})())`).join(', ')}])`
    )
    for (const [index, [call, code, message]] of calls.entries()) {
      expect(got[index], call).toMatchObject({ name: 'PglinkError', isOurs: true, code, message: expect.stringContaining(message) })
      expect(got[index]?.message).not.toMatch(/\n\s+at |has a bug/)
    }
  })

  test('may throw in a function that it is called back with: the apply goes on to its end', async () => {
    const here = project()
    const got = await run<Failed>(here, `result(await failed(apply({ ...options, onEvent: () => { throw new Error('not mine') } })))`)
    expect(got).toMatchObject({ isOurs: true, code: 1, message: expect.stringContaining('onEvent threw: not mine'), outcome: { code: 0 } })
    expect(got.outcome?.applies[0]?.complete).toBe(true)
    expect(locks(here)).toEqual([keep])
  })

  test('that asks for another plan than there is now is told so, though that one would be refused as well', async () => {
    const here = project({ 'topology.yaml': `${topology}safety: { maxUnlockedSeconds: 1 }\n` })
    const got = await run<Failed>(here, `result(await failed(apply({ ...options, planDigest: 'sha256:0' })))`)
    expect(got).toMatchObject({ isOurs: true, code: 5, message: expect.stringContaining('The plan made now has the digest') })
  })

  test('that cannot finish is told what was done, and which step failed', async () => {
    const faults = [{ method: 'PUT', path: '/subnets/two', nth: 'every', status: 400, code: 'Bad', message: 'not this one' }]
    const here = project({ 'faults.json': JSON.stringify(faults) })
    const got = await run<Failed>(
      here,
      `result(await failed(apply({ ...options, estate: { sandbox: { ...sandbox, faults: 'faults.json' } } })))`
    )
    expect(got).toMatchObject({ isOurs: true, code: 8, message: expect.stringMatching(/not complete.*subnets\/two.*not this one/) })
    expect(got.outcome?.applies[0]?.steps).toContainEqual(expect.objectContaining({ outcome: 'failed' }))
    expect(locks(here)).toEqual([keep])
  })
})

describe('an AbortSignal', () => {
  test('in the middle of an apply: nothing new is begun, the lock is restored, and the next apply does the rest', async () => {
    const here = project()
    const got = await run<{ readonly aborted: Failed; readonly next: number }>(
      here,
      `const controller = new AbortController()
const onEvent = ({ type, hook }) => { if (type === 'apply_start' && /subnets/.test(hook.id_value) && hook.action === 'create') controller.abort() }
const aborted = await failed(apply({ ...options, signal: controller.signal, onEvent }))
writeFileSync('aborted.json', (await import('node:fs')).readFileSync('estate.json'))
result({ aborted, next: (await apply(options)).code })`
    )
    expect(got.aborted).toMatchObject({ isOurs: true, code: 130, message: expect.stringContaining('the locks are back') })
    expect(got.aborted.outcome?.applies[0]?.complete).toBe(false)
    expect(got.aborted.outcome?.applies[0]?.steps.filter(step => 'outcome' in step && step.outcome === 'done').length).toBe(3)
    expect(locks(here, 'aborted.json')).toEqual([keep])
    expect(got.next).toBe(0)
  })

  test.each([
    ['before it', 'controller.abort()', '() => {}', 0],
    ['before the first read', '', '({ type }) => { if (type === "version") controller.abort() }', 0],
    ['once it has planned', '', '({ type }) => { if (type === "planned_change") controller.abort() }', undefined]
  ])('%s: nothing is changed, and nothing is held', async (_when, first, onEvent, reads) => {
    const here = project()
    const got = await run<Failed>(
      here,
      `const controller = new AbortController()
${first}
result(await failed(apply({ ...options, signal: controller.signal, onEvent: ${onEvent} })))`
    )
    expect(got).toMatchObject({ isOurs: true, code: 130 })
    expect(got.message).toMatch(/^Interrupted/)
    expect(writes(requests(here))).toEqual([])
    if (reads !== undefined) expect(requests(here).length).toBe(reads)
    const held = existsSync(join(here.path, 'data')) ? readdirSync(join(here.path, 'data')).filter(name => name.endsWith('.lock')) : []
    expect(held).toEqual([])
  })
})

describe('two at once in one process', () => {
  test('on different topologies do not know of each other', async () => {
    const here = project({
      'a/topology.yaml': topology,
      'b/topology.yaml': topology.replace('name: net', 'name: other').replace(/ {6}three.*\n/, '')
    })
    const got = await run<readonly { readonly code: number; readonly topologies: readonly string[]; readonly added: number }[]>(
      here,
      `result(await Promise.all(['a', 'b'].map(async name => {
  const topologies = new Set()
  const estate = { sandbox: { seed: 'seed.json', state: name + '.json' } }
  const onEvent = event => { if (event.topology) topologies.add(event.topology) }
  const { code, applies } = await apply({ environment, estate, files: name, onEvent })
  return { code, topologies: [...topologies], added: applies[0].plan.summary.add }
})))`
    )
    expect(got).toEqual([
      { code: 0, topologies: ['a/topology.yaml'], added: 3 },
      { code: 0, topologies: ['b/topology.yaml'], added: 2 }
    ])
  })

  test('on one topology in two estates: neither is in the way of the other', async () => {
    const here = project()
    const got = await run<readonly (Failed & { readonly value?: { readonly code: number } })[]>(
      here,
      `const other = { ...options, estate: { sandbox: { seed: 'seed.json', state: 'other.json' } } }
result(await Promise.all([failed(apply(options)), failed(apply(other))]))`
    )
    expect(got.map(({ value }) => value?.code)).toEqual([0, 0])
  })

  test('on one topology in one estate: the second is kept out', async () => {
    const here = project()
    const got = await run<readonly (Failed & { readonly value?: { readonly code: number } })[]>(
      here,
      'result(await Promise.all([failed(apply(options)), failed(apply(options))]))'
    )
    const [out] = got.filter(({ isOurs }) => isOurs)
    expect(got.filter(({ value }) => value?.code === 0)).toHaveLength(1)
    expect(out).toMatchObject({ code: 1 })
  })

  test('a secret of one is taken out of the texts of all, and is forgotten after the last', async () => {
    const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
    const texts = await Promise.all(
      ['first-secret', 'second-secret'].map(secret =>
        hidingSecrets(async () => {
          keepHidden(secret)
          await tick()
          return withoutSecrets('first-secret second-secret')
        })
      )
    )
    expect(texts).toEqual(['(secret) (secret)', '(secret) (secret)'])
    expect(withoutSecrets('first-secret')).toBe('first-secret')
  })
})

test('examples/library plans, applies what was planned, and leaves nothing to do', async () => {
  const env = { PATH: process.env['PATH'] ?? '' }
  const said = await new Promise<string>(resolve =>
    execFile(process.execPath, [join(checkout, 'examples/library/plan.mjs')], { env }, (_error, stdout, stderr) => resolve(stdout + stderr))
  )
  expect(said).toContain('Plan: 9 to add, 0 to change, 0 to destroy.')
  expect(said).toContain('orders: complete: true; locks were off for ')
  expect(said).toMatch(/Left to do: 0 steps\.\n$/)
  for (const [, value = ''] of readFileSync(join(checkout, 'examples/quickstart/.env.example'), 'utf8').matchAll(/PASSWORD=(.*)/g))
    expect(said).not.toContain(value)
})
