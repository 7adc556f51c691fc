import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { htmlOf } from '../../src/report/html.ts'
import { hostileNames } from './graphs.ts'
import { emptyDocument, hostileDocument, largeDocument, mixedDocument, password } from './htmlDocuments.ts'
import { expectSound, read } from './htmlSound.ts'
import { hostile, planDocuments } from './markdownDocuments.ts'

let mixed: PlanDocument
beforeAll(async () => {
  mixed = await mixedDocument()
})

test('the policy lets in this script and this style, and nothing else', () => {
  const page = htmlOf([mixed])
  const { elements, scripts, styles } = expectSound(page)
  const policy = elements.find(({ attributes }) => attributes.has('http-equiv'))?.attributes.get('content') ?? ''
  const hash = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hash(styles[0])}`,
    `script-src ${hash(scripts[0])}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'"
  ])
  expect(page).not.toMatch(/\b(?:https?:)?\/\/(?!www\.w3\.org\/2000\/svg)[a-z]/i)
})

test('the same documents give the same bytes', () => expect(htmlOf([mixed])).toBe(htmlOf([structuredClone(mixed)])))

describe('a plan', () => {
  test('begins with what a reviewer has to see', () => {
    const { text } = expectSound(htmlOf([mixed]))
    const order = ['Plan: ', 'Look at this first', 'Topology', 'LocksLock', 'Connections', 'Steps', 'Apply'].map(word => text.indexOf(word))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBeGreaterThan(0)
    const { add, change, destroy } = mixed.summary
    expect(text).toContain(`Plan: ${add} to add, ${change} to change, ${destroy} to destroy.`)
    expect(mixed.dangers.length).toBeGreaterThan(4)
    for (const { message } of mixed.dangers) expect(text).toContain(message)
  })

  test('has every step once, under its wave, with what it waits for', () => {
    const page = htmlOf([mixed])
    for (const { n, subject, wave, depends_on: after } of mixed.steps) {
      const line = lineOf(page, n)
      expect(line).toContain(`<code>${subject}</code>`)
      for (const one of after) expect(isNamed(line, one), `step ${n} waits for ${one}`).toBe(true)
      const heading = page.lastIndexOf('>Wave ', page.indexOf(`id="p1-${n}"`))
      expect(page.slice(heading + 1)).toMatch(new RegExp(`^Wave ${wave} `))
    }
  })

  test('shows fields before and after', () => {
    const update = mixed.steps.find(({ op, subject }) => op === 'update' && subject === 'servers/orders-pg')
    expect(lineOf(htmlOf([mixed]), update?.n ?? 0)).toContain(
      '<tr><th scope="row">computeSize <em>restarts the server</em><td class="old">Standard_D2ds_v5<td class="new">Standard_D4ds_v5'
    )
    const gone = mixed.steps.find(({ op, subject }) => op === 'delete' && subject === 'servers/orders-pg/privateEndpoints/first')
    expect(lineOf(htmlOf([mixed]), gone?.n ?? 0)).toContain('<dl class="old"><dt>location<dd>eastus2<dt>subnet<dd>')
    const made = mixed.steps.find(({ op, subject }) => op === 'create' && subject === 'servers/orders-pg/privateEndpoints/second')
    const fields = lineOf(htmlOf([mixed]), made?.n ?? 0)
    expect(fields).toContain('<dt>manual<dd>true')
    expect(fields).toContain('<dt>ipAddress<dd><i>known after apply</i>')
    expect(fields).toContain('<dt>target<dd>servers/orders-pg<')
  })

  test('says of each lock from when to when it is off, and for about how long', () => {
    const lift = mixed.steps.find(({ op }) => op === 'lock.lift')
    const back = mixed.steps.find(({ op, lock }) => op === 'lock.restore' && lock?.id === lift?.lock?.id)
    const [seconds] = lift?.lines.flatMap(({ text: says }) => /off for about (\d+) seconds/.exec(says)?.[1] ?? []) ?? []
    expect(Number(seconds)).toBeGreaterThan(0)
    const { text } = read(/<section class="locks">.*?<\/section>/s.exec(htmlOf([mixed]))?.[0] ?? '')
    expect(text).toMatch(new RegExp(`subnets/b lock keepReadOnly, offstep ${lift?.n}step ${back?.n}\\d*m?${Number(seconds) % 60}s$`))
  })

  test('says how exactly it is applied, by its digest', () => {
    const { text } = read(htmlOf([mixed]))
    expect(text).toContain(`pglink apply topology.yaml --plan-digest=${mixed.digest}`)
    expect(mixed.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    const refused = read(htmlOf([{ ...mixed, errored: true }])).text
    expect(refused).not.toContain('pglink apply')
    expect(refused).toContain('A refused plan cannot be applied.')
  })

  test('holds no secret', () => {
    const page = htmlOf([mixed])
    expect(page).not.toContain(password)
    const set: PlanDocument = {
      ...mixed,
      steps: mixed.steps.map(step => (step.op === 'update' ? { ...step, fields: [secretChange] } : step))
    }
    expect(htmlOf([set])).toContain('administratorPassword<td class="old"><i>sensitive value</i><td class="new"><i>sensitive value</i>')
  })

  const secretChange = { field: 'administratorPassword', from: '(sensitive value)', to: '(sensitive value)', restarts: false }
})

test('a plan of the base branch is never taken for one of Azure, nor applied', () => {
  const { text } = expectSound(htmlOf([{ ...mixed, source: 'base branch' }]))
  expect(text).toContain('Not read from Azure.')
  expect(text).not.toContain('pglink apply')
  expect(read(htmlOf([mixed])).text).not.toContain('Not read from Azure.')
})

test('a plan without changes says so, and has nothing to filter', async () => {
  const { text, elements } = expectSound(htmlOf([await emptyDocument()]))
  expect(text).toContain('No changes. Your infrastructure matches the topology.')
  expect(elements.filter(({ name }) => name === 'form')).toEqual([])
})

test('several plans stand in one page, each with its own lines', async () => {
  const { text, elements } = expectSound(
    htmlOf([mixed, await emptyDocument(), { ...mixed, errored: true, resource_changes: [], steps: [] }])
  )
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(['p1-1', 'p1', 'p2', 'p3']))
  expect(text).toContain('3 topologies')
  expect(text).toContain('Refused.')
  expect(elements.filter(({ name }) => name === 'h1')).toHaveLength(1)
})

test('a resource that no step writes has a line, too', () => {
  const change = mixed.resource_changes.find(({ address }) => address === 'servers/orders-pg')
  expect(htmlOf([mixed])).not.toContain('Along with the steps above')
  const along = { ...mixed, steps: mixed.steps.filter(({ id_of: id, op }) => id !== change?.id || op === 'prove') }
  expect(along.steps.some(({ op }) => op === 'prove')).toBe(true)
  const [, line = ''] = htmlOf([along]).split('Along with the steps above')
  expect(line).toContain('<code>servers/orders-pg</code>')
  expect(line).toContain('<td class="new">Standard_D4ds_v5')
})

test('two thousand resources are less than 2 MB', async () => {
  const document = await largeDocument(2_000)
  expect(document.resource_changes.length).toBeGreaterThanOrEqual(2_000)
  const page = htmlOf([document])
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000)
  expectSound(page)
  expect(page.match(/<li id="p1-\d+"/g)).toHaveLength(document.steps.length)
}, 120_000)

describe('hostile texts', () => {
  test.each([...hostileNames, ...hostile])('number %# is a text wherever it stands', name => {
    const { text } = expectSound(htmlOf([hostileDocument(mixed, name)]))
    if (/^[<>&"'\w/() =.!-]{1,30}$/.test(name)) expect(text.split(name).length).toBeGreaterThan(20)
  })

  test('whatever a document holds, the page is ours', () => {
    fc.assert(
      fc.property(fc.array(planDocuments(3), { minLength: 1, maxLength: 2 }), documents => {
        expectSound(htmlOf(documents))
      }),
      { seed: 20_261_122, numRuns: 60 }
    )
  }, 120_000)

  test('an object in the place of a text is no markup', () => {
    const digest: string = JSON.parse('{"markup":"<img>","own":"<img>","0":"<img>"}')
    expect(htmlOf([{ ...mixed, digest }])).not.toContain('<img>')
  })
})

/** The line of a step: from its item to the next. */
const lineOf = (page: string, n: number): string => {
  const [, line = ''] = page.split(`<li id="p1-${n}"`)
  return line.split(/<li (?:id="p1-|class=)|<\/ol>/)[0] ?? ''
}

/** By itself or within a range. */
const isNamed = (line: string, n: number): boolean =>
  [...line.matchAll(/<a href="#p1-(\d+)">\d+<\/a>(?:–<a href="#p1-(\d+)">)?/g)].some(
    ([, first, last]) => Number(first) <= n && n <= Number(last ?? first)
  ) || / and \d+ more/.test(line)
