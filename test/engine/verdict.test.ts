import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathJson } from '../../src/document/planJson.ts'
import type { Judged } from '../../src/drift/ignore.ts'
import { proofOf } from '../../src/engine/closing.ts'
import type { PlanView } from '../../src/engine/verdict.ts'
import { driftVerdictOf, type VerdictInput, verdictOf } from '../../src/engine/verdict.ts'
import type { Plan } from '../../src/model/change.ts'
import type { Desired, Existing } from '../../src/model/resource.ts'
import type { EndpointPath, Hop } from '../../src/proof/path.ts'
import { planEvents } from '../../src/report/events.ts'
import { htmlOf } from '../../src/report/html.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import { planText } from '../../src/report/planText.ts'
import { plain } from '../../src/report/style.ts'
import { endpointLines } from '../../src/report/verifyText.ts'
import { documentFrom, nowhere } from '../support/planView.ts'

const nothing: Plan = { changes: [], steps: [], refusals: [], waiting: [], notes: [], unmanaged: [], unknown: [] }
const none: VerdictInput = { plan: nothing, paths: [], drift: [], locks: [], markers: [] }
const matching = 'No changes. Your infrastructure matches the topology.'

const endpoint = 'servers/pg/privateEndpoints/pe'
const said = { address: 'servers/pg', message: 'servers/pg is so' }
const refusal = { ...said, code: 'missing', exit: 1 as const }

function pathOf(as: EndpointPath['as'], hop: Hop['hop'] = 'record', connection = 'Approved'): EndpointPath {
  const how = as === 'whole' ? 'holds' : as
  return {
    endpoint: '/subscriptions/s/pe' as EndpointPath['endpoint'],
    address: endpoint,
    zone: undefined,
    server: '/subscriptions/s/servers/pg' as EndpointPath['server'],
    as,
    hops: [{ hop, as: how, message: `the ${hop} ${how}` }],
    notes: [],
    addresses: ['10.0.0.4'],
    fqdn: 'pg.postgres.database.azure.com',
    connection
  }
}

const drifted = (of: Partial<Judged>): Judged => ({
  class: 'differs',
  kind: 'firewallRule',
  id: '/x' as Judged['id'],
  path: '/x',
  address: 'servers/pg/firewallRules/x',
  counts: true,
  message: 'is so',
  ...of
})

const gone = {
  kind: 'firewallRule',
  id: '/y',
  path: '/y',
  address: 'servers/pg/firewallRules/y',
  props: {},
  tags: {},
  refs: [],
  reach: [],
  facts: {}
} as unknown as Existing
const made = { ...nothing, changes: [{ op: 'create', resource: { address: 'a', id: 'a' } }] } as unknown as Plan

describe('the verdict of a plan', () => {
  test('matches, where everything was read, is equal and leads where it should', () => {
    expect(verdictOf(none)).toEqual({ as: 'matches', text: matching, findings: [], unknown: [] })
    expect(verdictOf({ ...none, paths: [pathOf('whole')] }).as).toBe('matches')
  })

  const left: readonly [string, Partial<VerdictInput>, string][] = [
    ['a broken path', { paths: [pathOf('broken')] }, 'findings'],
    ['a path that waits', { paths: [pathOf('waiting', 'connection')] }, 'waiting'],
    ['something that waits', { plan: { ...nothing, waiting: [said] } }, 'waiting'],
    ['a refusal', { plan: { ...nothing, refusals: [refusal] } }, 'refused'],
    ['something unmanaged', { plan: { ...nothing, unmanaged: [gone] } }, 'findings'],
    ['something undeclared', { drift: [drifted({ class: 'unmanaged' })] }, 'findings'],
    ['a difference that no step mends', { drift: [drifted({})] }, 'findings'],
    ['a lock that is off', { locks: [said] }, 'findings'],
    ['a leftover marker', { markers: [said] }, 'findings']
  ]
  test.each(left)('%s is a finding', (_, more, as) => {
    const verdict = verdictOf({ ...none, ...more })
    expect(verdict.as).toBe(as)
    expect(verdict.text).toBe('No changes that an apply could make. 1 finding.')
    expect(verdict.findings).toHaveLength(1)
  })

  test('an unreadable resource is neither a match nor a finding', () => {
    const unread = { ...nothing, unknown: [said] }
    expect(verdictOf({ ...none, plan: unread })).toMatchObject({
      as: 'unknown',
      text: 'No changes in what could be read; 1 unknown.'
    })
    expect(verdictOf({ ...none, paths: [pathOf('unknown')] }).text).toBe('No changes in what could be read; 1 unknown.')
    expect(verdictOf({ ...none, plan: unread, paths: [pathOf('broken')] }).text).toBe(
      'No changes that an apply could make. 1 finding, 1 unknown.'
    )
  })

  test('agreed drift is none: undeclared things are as the file says, declared ones still differ', () => {
    const ignored = { path: 'servers/pg', reason: 'DBA is tracing', owner: 'dba' }
    expect(verdictOf({ ...none, drift: [drifted({ class: 'unmanaged', counts: false, ignored })] }).as).toBe('matches')
    const [finding] = verdictOf({ ...none, drift: [drifted({ counts: false, ignored })] }).findings
    expect(finding?.message).toContain('agreed to by driftIgnore: DBA is tracing')
  })

  test('a resource of another topology, or a pending change, is none', () => {
    expect(
      verdictOf({ ...none, drift: [drifted({ class: 'others', counts: false }), drifted({ class: 'pending', counts: false })] }).as
    ).toBe('matches')
  })

  test('a path that is not whole yet is what a plan with steps is for', () => {
    const verdict = verdictOf({ ...none, plan: made, paths: [pathOf('broken')] })
    expect([verdict.as, verdict.text, verdict.findings]).toEqual(['changes', 'Plan: 1 to add, 0 to change, 0 to destroy.', []])
  })

  test('one fact is said once', () => {
    const waiting = { address: endpoint, message: `${endpoint} is Pending on the server pg: its DBA approves or rejects` }
    const input = {
      ...none,
      plan: { ...nothing, waiting: [waiting] },
      paths: [pathOf('waiting', 'connection', 'Pending')],
      drift: [drifted({ address: `${endpoint}/privateDns`, field: 'aRecord' }), drifted({ address: endpoint, field: 'connection' })]
    }
    expect(verdictOf(input).findings).toEqual([{ as: 'waiting', ...waiting }])
  })
})

/** A file that declares these addresses. */
const declaring = (addresses: readonly string[]): Desired => new Map(addresses.map(address => [address, { address }])) as unknown as Desired

describe('the verdict of an apply', () => {
  const proof = (more: Partial<VerdictInput>, declared: readonly string[] = []) => {
    const input = { ...none, ...more }
    return proofOf({ plan: input.plan, verdict: verdictOf(input), paths: input.paths, desired: declaring(declared) })
  }

  test.each<readonly [string, Partial<VerdictInput>, readonly string[], string, RegExp]>([
    ['all of it', { paths: [pathOf('whole')] }, [], 'proven', /^Proven by a fresh read: your infrastructure matches the topology\.$/],
    [
      'a record in a zone that may not be read',
      { paths: [pathOf('unknown')] },
      [],
      'proven',
      /^Proven, but for the record of pg \(zone unreadable\)\.$/
    ],
    [
      'the server’s end of an approved connection',
      { paths: [pathOf('unknown', 'connection')] },
      [],
      'proven',
      /^Proven, but for the server's end of/
    ],
    ['a connection that is not known to be approved', { paths: [pathOf('unknown', 'connection', '')] }, [], 'waiting', /^Not proven/],
    ['a link that may not be read', { paths: [pathOf('unknown', 'link')] }, [], 'waiting', /^Not proven/],
    ['a broken path', { paths: [pathOf('broken')] }, [], 'wrong', /^Not proven/],
    ['a path that waits', { paths: [pathOf('waiting', 'zoneGroup')] }, [], 'waiting', /^Not proven yet/],
    ['a difference', { plan: made }, [], 'wrong', /^Not proven/],
    ['a refusal', { plan: { ...nothing, refusals: [refusal] } }, [], 'wrong', /^Not proven/],
    ['a lock that is off', { locks: [said] }, [], 'waiting', /^Not proven yet/],
    [
      'something declared that could not be read',
      { plan: { ...nothing, unknown: [said] } },
      ['servers/pg'],
      'proven',
      /^Proven, but for servers\/pg \(unreadable\)\.$/
    ],
    [
      'locks that may not be listed, and none is declared',
      { plan: { ...nothing, unknown: [said] } },
      [],
      'proven',
      /^Proven, but for the locks on servers\/pg/
    ],
    [
      'something undeclared',
      { drift: [drifted({ class: 'unmanaged' })] },
      [],
      'proven',
      /^Proven by a fresh read: everything declared is there.* 1 finding beside/
    ],
    ['a leftover marker', { markers: [said] }, [], 'proven', /1 finding beside/]
  ])('%s', (_, more, declared, as, text) => {
    const made = proof(more, declared)
    expect([made.as, made.text]).toEqual([as, expect.stringMatching(text)])
  })

  test('"Proven" and "matches" are said of nothing else', () => {
    fc.assert(
      fc.property(inputs, input => {
        const { as, text } = proofOf({
          plan: input.plan,
          verdict: verdictOf(input),
          paths: input.paths,
          desired: declaring(['servers/pg'])
        })
        expect(/^Proven/.test(text)).toBe(as === 'proven')
        if (as === 'proven') expect(input.paths.every(path => path.as === 'whole' || path.as === 'unknown')).toBe(true)
        expect(text.includes('matches the topology')).toBe(isBare(input))
      }),
      { seed: 7, numRuns: 500 }
    )
  })

  test('where each endpoint leads is said, and what its path is short of', () => {
    const { hops } = pathOf('whole')
    expect(endpointLines([pathJson(pathOf('whole'))], plain)).toEqual([
      'Endpoints:',
      `  ${endpoint}`,
      '    10.0.0.4 for pg.postgres.database.azure.com, Approved',
      '    ✓ record'
    ])
    const short = {
      ...pathOf('broken'),
      hops: [...hops, ...hops, ...pathOf('broken', 'link').hops, ...pathOf('waiting', 'zoneGroup').hops]
    }
    const [, , where = '', ...lines] = endpointLines([pathJson(short)], plain)
    expect(where).toContain('(path broken)')
    expect(lines.map(line => line.replace(/:.*/, ''))).toEqual(['    ✓ record', '    ✗ link', '    ? zone group'])
    expect(endpointLines([], plain)).toEqual([])
  })
})

test('drift that is known counts whatever is unknown, and what is declared and unknown is never clean', () => {
  const summary = { drifted: 0, both: 0, differs: 0, unmanaged: 0, waiting: 0, pending: 0, unknown: 0, asking: 0, ignored: 0 }
  const of = (complete: boolean, ...counts: boolean[]) =>
    driftVerdictOf({ complete, declaredUnread: !complete, summary, entries: counts.map(one => ({ counts: one })) }).as
  expect([of(true), of(true, false), of(false), of(true, true), of(false, true)]).toEqual(['clean', 'clean', 'unknown', 'drift', 'drift'])
  expect(driftVerdictOf({ complete: false, declaredUnread: false, summary: { ...summary, unknown: 1 }, entries: [] })).toEqual({
    as: 'clean',
    text: 'No drift in what is declared. Not all that is in no file could be looked for: 1 unknown.'
  })
  expect(driftVerdictOf({ complete: true, declaredUnread: false, summary, entries: [] }).text).toBe(
    'No drift. Azure is as the topology says.'
  )
})

const some = <T>(...one: T[]): fc.Arbitrary<T[]> => fc.subarray(one)

/** Plans that have nothing to do, with any of what may be left. */
const inputs: fc.Arbitrary<VerdictInput> = fc.record({
  plan: fc
    .record({ refusals: some(refusal), waiting: some(said), unmanaged: some(gone), unknown: some(said) })
    .map((more): Plan => ({ ...nothing, ...more })),
  paths: some(pathOf('whole'), pathOf('whole', 'link'), pathOf('unknown'), pathOf('unknown', 'link'), pathOf('broken'), pathOf('waiting')),
  drift: some(
    drifted({}),
    drifted({ class: 'unmanaged' }),
    drifted({ class: 'unknown', counts: false }),
    drifted({ class: 'others', counts: false })
  ),
  locks: some(said),
  markers: some(said)
})

/** By itself, without the function: nothing at all is left. */
const isBare = ({ plan, paths, drift, locks, markers }: VerdictInput): boolean =>
  [...plan.refusals, ...plan.waiting, ...plan.unmanaged, ...plan.unknown, ...locks, ...markers].length === 0 &&
  paths.every(({ as }) => as === 'whole') &&
  drift.every(({ class: of }) => of === 'others')

test('no form of a plan says "matches" when another does not, and none says it when something is left', () => {
  fc.assert(
    fc.property(inputs, input => {
      const { plan, paths } = input
      const verdict = verdictOf(input)
      const view: PlanView = {
        plan,
        paths,
        verdict,
        estate: 'a sandbox',
        desired: new Map(),
        topology: { name: 'net', file: 'topology.yaml' },
        asked: new Map(),
        live: nowhere,
        foundation: () => ({}),
        digest: `sha256:${'0'.repeat(64)}`
      }
      const document = documentFrom(view)
      const forms = {
        terminal: planText(document, plain),
        json: JSON.stringify(document),
        markdown: markdownOf([document]).text,
        several: markdownOf([document, document]).text,
        html: htmlOf([document]),
        overview: htmlOf([document, document]),
        events: JSON.stringify(planEvents(document))
      }
      const says = Object.entries(forms).map(([form, text]) => [form, /matches the topology/.test(text)])
      expect(says).toEqual(Object.keys(forms).map(form => [form, isBare(input)]))
      for (const text of Object.values(forms)) expect(text).toContain(verdict.text.replace(/\.$/, ''))
    }),
    { seed: 11, numRuns: 120 }
  )
})
