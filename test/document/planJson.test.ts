import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { isPlanDocument, planProblem } from '../../src/document/planDocument.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { htmlOf } from '../../src/report/html.ts'
import { planText } from '../../src/report/planText.ts'
import { plain } from '../../src/report/style.ts'
import { estate, failures, plan, putLockOn, reconcile, resolved } from '../support/estate.ts'
import { planDocument, planSchema, schemaProblems } from '../support/planDocument.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = (server: string): Topology =>
  topologyFrom(`
networks:
  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 }, b: { addressPrefix: 10.0.2.0/24 } } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    administrator: { login: orders_admin, password: Test-only-1, passwordVersion: 1 }
${server}`)

const before = topology(`
    storage: { sizeGiB: 128 }
    networking: { publicAccess: { enabled: true, firewallRules: { office: { start: 203.0.113.10, end: 203.0.113.20 } } } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: none } }`)

const after = topology(`
    storage: { sizeGiB: 256 }
    networking: { publicAccess: { enabled: false } }
    databases: { orders: {} }
    privateEndpoints: { pe: { subnet: hub/b, privateDns: none } }`)

let document: PlanDocument
let text: string

/** Something of everything: created, changed in place, made again, deleted, and a lock in the way. */
beforeAll(async () => {
  const on = estate()
  expect(failures(await reconcile(on, before))).toEqual([])
  const server = [...resolved(before).desired.values()].find(({ address }) => address === 'servers/orders-pg')?.path ?? ''
  expect((await putLockOn(on, server, 'keep', { level: 'ReadOnly' })).status).toBe(201)
  const address = 'servers/orders-pg/networking/publicAccess/firewallRules/office'
  const made = await plan(on, after, { baseline: before, prune: true, allowDelete: [address], allowLockedDelete: [address] })
  document = planDocument(made)
  text = planText(document, plain)
})

test('the document of the plan has something of everything', () => {
  const actions = document.resource_changes.map(({ change }) => change.actions.join(' '))
  expect([...new Set(actions)].sort()).toEqual(['create', 'delete', 'delete create', 'update'])
  expect(document.steps.map(({ op }) => op)).toEqual(expect.arrayContaining(['create', 'update', 'delete', 'prove']))
  expect(document.summary.locks_lift).toBeGreaterThan(0)
})

test('every member of the schema is described, and nothing else is allowed', () => {
  const problems: string[] = []
  const visit = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) for (const [index, item] of node.entries()) visit(item, `${at}/${index}`)
    if (Array.isArray(node)) return
    const schema = node as Readonly<Record<string, unknown>>
    const isSchema = !/\/(properties|\$defs)$/.test(at)
    if (isSchema && !('$ref' in schema) && typeof schema['description'] !== 'string') problems.push(`${at} is not described`)
    if (isSchema && schema['type'] === 'object' && !('additionalProperties' in schema)) problems.push(`${at} is open`)
    for (const [key, value] of Object.entries(schema)) if (key !== 'required') visit(value, `${at}/${key}`)
  }
  visit(planSchema, '')
  expect(problems).toEqual([])
})

test('the generated validator and the published schema agree on every document that is a little off', () => {
  expect(planProblem(document)).toBeUndefined()
  const { foundation, ...rest } = document
  const places = placesIn(rest)
  let wrong = 0
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.constantFrom('remove', 'add', 'null', 'number', 'text'), (place, how) => {
      const changed = changedAt(document, place, how)
      const problems = schemaProblems(changed)
      expect(isPlanDocument(changed), `${place.join('/')} ${how}: ${problems.join(', ')}`).toBe(problems.length === 0)
      if (problems.length > 0) wrong++
    }),
    { seed: 5, numRuns: 400 }
  )
  expect(wrong).toBeGreaterThan(200)
})

test('a file that is no plan at all is told from one', () => {
  expect([undefined, null, 7, [], {}, { ...document, format_version: '3.0' }, { ...document, steps: {} }].map(isPlanDocument)).toEqual(
    Array(7).fill(false)
  )
  expect(planProblem({ ...document, digest: 'sha256:x' })).toContain('/digest must match pattern')
})

test("a reader of a Terraform plan's changes reads these", () => {
  // The expressions that policies and comments are made with: jq, conftest, tfcmt.
  const has = (action: 'create' | 'update' | 'delete'): number =>
    document.resource_changes.filter(({ change }) => change.actions.includes(action)).length
  const { add, change, destroy } = document.summary
  expect([has('create'), has('update'), has('delete')]).toEqual([add, change, destroy])
  for (const { mode, type, name, change: made } of document.resource_changes) {
    expect([mode, type.split('/').length > 1, name.length > 0]).toEqual(['managed', true, true])
    const [was, will] = [made.before !== null, made.after !== null]
    expect([was, will]).toEqual([!/^create/.test(made.actions.join()), made.actions.at(-1) !== 'delete'])
    expect(typeof made.before_sensitive === 'object').toBe(was)
  }
  const [replaced] = document.resource_changes.filter(({ change: made }) => made.actions.length === 2)
  expect(replaced).toMatchObject({ action_reason: 'replace_because_cannot_update', change: { replace_paths: [['subnet']] } })
})

test('the lines of a step are those of the printed plan', () => {
  const printed = text.split('\n').map(line => line.trim())
  const lines = document.steps.flatMap(step => step.lines)
  expect(lines.length).toBeGreaterThan(10)
  for (const { sign, field, from, text: says, remark } of lines) {
    const value = `${from === undefined ? '' : `${from} -> `}${says}${remark === undefined ? '' : ` # ${remark}`}`
    const ends = field === undefined ? value : ` = ${value}`
    expect(printed.filter(line => line.startsWith(`${sign ?? ''} ${field ?? ''}`.trim()) && line.endsWith(ends))).not.toEqual([])
  }
  for (const { n, says } of document.steps)
    expect(text).toMatch(new RegExp(`^(?:[-+~!✓✗?>]|-/\\+) ${n}  ${says.replace(/[()[\]/.]/g, '\\$&')}`, 'm'))
})

test('an estimate stands at every step, and the counts are of the steps', () => {
  const { steps, summary, refusals, waiting } = document
  expect(steps.every(({ seconds }) => seconds >= 1)).toBe(true)
  expect(summary).toMatchObject({
    interrupts: steps.filter(({ interrupts }) => interrupts).length,
    refused: refusals.length,
    waiting: waiting.length,
    reads: 7,
    restarts: 0
  })
  expect(summary.interrupts).toBeGreaterThan(0)
  expect(summary.unlocked_seconds).toBeGreaterThan(0)
})

test('what stays and is referred to has its address beside its id', () => {
  const [[id = '', address] = []] = Object.entries(document.addresses ?? {}).filter(([, one]) => one === 'networks/hub/subnets/b')
  expect([id.split('/').at(-1), address]).toEqual(['b', 'networks/hub/subnets/b'])
  const { addresses: _, ...without } = document
  expect(
    [document, without].map(one => /class="new">(?:<abbr[^>]*>)?(virtualnetworks|networks)\/hub\/subnets\/b/.exec(htmlOf([one]))?.[1])
  ).toEqual(['networks', 'virtualnetworks'])
})

test('the picture has what stays beside what changes', () => {
  const marks = new Map(document.graph.nodes.map(({ id, mark }) => [id, mark]))
  expect(marks.get('networks/hub')).toBe('same')
  expect(marks.get('servers/orders-pg/privateEndpoints/pe')).toBe('replace')
})

type Place = readonly (string | number)[]

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, below]) => {
    const place = [...at, Array.isArray(value) ? Number(key) : key]
    return [place, ...placesIn(below, place)]
  })
}

function changedAt(document: PlanDocument, place: Place, how: string): unknown {
  const copy = structuredClone(document) as unknown
  const last = place.at(-1) ?? ''
  const holder = place.slice(0, -1).reduce((value, key) => (value as Record<string | number, unknown>)[key], copy)
  const members = holder as Record<string | number, unknown>
  if (how === 'remove') delete members[last]
  else if (how === 'add') members['somethingElse'] = 1
  else members[last] = how === 'null' ? null : how === 'number' ? -1 : 'no such thing'
  return JSON.parse(JSON.stringify(copy))
}
