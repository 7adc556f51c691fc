import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VerifyDocument } from '../../src/document/verify.generated.ts'
import { runs, shared } from '../support/parts.ts'
import { type Breakage, converged, file, Refused, type Ways } from './breaking.ts'

const schema = JSON.parse(readFileSync('schema/verify.schema.json', 'utf8')) as object
const isOfSchema = new Ajv2020.Ajv2020({ strict: false }).compile(schema)

let ways: Ways
beforeAll(async () => {
  ways = await converged()
}, 60_000)
afterAll(() => ways.remove())

const pathAt = ({ paths }: VerifyDocument, address: string) => paths.find(one => one.address === address)
const brokenIn = ({ paths }: VerifyDocument): string[] =>
  paths.flatMap(({ address, hops }) => hops.flatMap(({ hop, as, message }) => (as === 'broken' ? [`${address} ${hop}: ${message}`] : [])))

test('there are at least 30 breakages, three of each hop', () => {
  expect(file.breakages.length).toBeGreaterThanOrEqual(30)
  const hops = [...new Set(file.breakages.map(({ hop }) => hop))]
  // Data Factory's own test says of itself what the hops before it say of theirs.
  const few = hops.filter(hop => hop !== 'connectionTest' && file.breakages.filter(one => one.hop === hop).length < 3)
  expect(few).toEqual([])
  expect(hops.length).toBeGreaterThanOrEqual(12)
})

test('the converged estate is whole, and the witness agrees', async () => {
  const { code, document, witness } = await ways.verified([])
  expect(brokenIn(document)).toEqual([])
  expect(document.verdict).toEqual({ as: 'whole', text: 'Whole: every hop of 4 paths and 2 zones holds, as Azure says.' })
  expect(code).toBe(0)
  expect(witness).toEqual([])
  for (const { via, hops } of document.paths) {
    const order = file.order[via] ?? []
    expect(hops.map(({ hop }) => order.indexOf(hop))).toEqual(hops.map(({ hop }) => order.indexOf(hop)).sort((a, b) => a - b))
    expect(order).toEqual(expect.arrayContaining(hops.map(({ hop }) => hop)))
  }
})

/** The witness looks at endpoints in networks alone, and at nothing that filters, is shared or stands beside them. */
const isWitnessed = ({ at, hop }: Breakage): boolean =>
  at.includes('/privateEndpoints/') && ['endpoint', 'connection', 'zoneGroup', 'record', 'link', 'secondZone'].includes(hop)

describe('a breakage is ✗ at its hop, which is the first that is broken, with its fix, and the witness agrees', () => {
  test.each(shared(file.breakages, 6))('$at: $fault', async breakage => {
    const { code, document, witness, stdout, stderr } = await ways.verified(breakage.does)
    const path = pathAt(document, breakage.at)
    const why = `${brokenIn(document).join('\n')}\n${stderr}${stdout.slice(0, 200)}`
    expect(path?.first, why).toBe(breakage.hop)
    expect(path?.hops.find(({ as }) => as === 'broken')?.fix, why).toContain(breakage.fix)
    expect([code, document.verdict.as, path?.as], why).toEqual([3, 'broken', 'broken'])
    if (isWitnessed(breakage)) expect(witness).not.toEqual([])
    expect(isOfSchema(document), JSON.stringify(isOfSchema.errors)).toBe(true)
  })
})

test.each(file.whole)('not broken: $fault', async ({ does }) => {
  const { code, document, witness } = await ways.verified(does)
  expect([brokenIn(document), witness]).toEqual([[], []])
  expect(code).toBe(0)
})

test.each(file.unseen)('not seen, or waiting: $fault', async ({ does, at, hop, why }) => {
  const { code, document } = await ways.verified(does)
  expect(brokenIn(document)).toEqual([])
  const all = pathAt(document, at)?.hops.filter(one => one.hop === hop && (one.as === 'unknown' || one.as === 'waiting')) ?? []
  expect(all.map(one => one.why).join()).toContain(why)
  expect([code, document.verdict.as]).toEqual([7, 'unsure'])
})

const rankOf = (via: string, hop: string): number => (file.order[via] ?? []).indexOf(hop)

/** The one of some hops that is told first on a path. */
const firstOf = (via: string, ...hops: readonly string[]): string => [...hops].sort((a, b) => rankOf(via, a) - rankOf(via, b))[0] ?? ''

test('of two breakages of a path the first broken hop is named, and each path says its own', async () => {
  const pair = fc.tuple(fc.constantFrom(...file.breakages), fc.constantFrom(...file.breakages)).filter(([a, b]) => a.fault !== b.fault)
  for (const [a, b] of fc.sample(pair, { numRuns: runs(150, 3), seed: 17 })) {
    const both = await ways.verified([...a.does, ...b.does]).catch((error: Error) => error)
    // The second deed of some is refused after the first, as in Azure.
    if (both instanceof Refused) continue
    if (both instanceof Error) throw both
    const { document, code, witness } = both
    const why = `${a.fault} + ${b.fault}\n${brokenIn(document).join('\n')}`
    expect(code, why).toBe(3)
    if (isWitnessed(a) || isWitnessed(b)) expect(witness, why).not.toEqual([])
    for (const at of new Set([a.at, b.at])) {
      const { via = '', first } = pathAt(document, at) ?? {}
      const told = [a, b].filter(one => one.at === at).map(({ hop }) => hop)
      expect(`${at} ${first}`, why).toBe(`${at} ${firstOf(via, ...told, first ?? '')}`)
      expect(rankOf(via, first ?? ''), why).toBeLessThanOrEqual(rankOf(via, firstOf(via, ...told)))
    }
  }
}, 120_000)
