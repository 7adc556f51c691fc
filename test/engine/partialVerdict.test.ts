import { expect, test } from 'vitest'
import { proofOf } from '../../src/engine/closing.ts'
import { type VerdictInput, verdictOf } from '../../src/engine/verdict.ts'
import type { Plan } from '../../src/model/change.ts'

const part = { target: ['servers/pg'], exclude: [], left: ['servers/pg/firewallRules/x', 'privateDnsZones/link'] }
const plan: Plan = { changes: [], steps: [], refusals: [], waiting: [], notes: [], unmanaged: [], unknown: [], part }
const address = 'servers/pg/privateEndpoints/pe'
const hops = [{ hop: 'record', as: 'broken', message: 'the record is gone' }]
const input = { plan, paths: [{ address, as: 'broken', hops }], drift: [], locks: [], markers: [] } as unknown as VerdictInput

test('where changes are left out, whatever else is not as declared may be so by them: nothing is called right or wrong', () => {
  const verdict = verdictOf(input)
  const text = 'Nothing to do in this part. Partial: 2 changes of the whole plan are left out.'
  expect(verdict).toEqual({ as: 'partial', text, findings: [], unknown: [] })
  expect(proofOf({ plan, verdict, paths: input.paths, desired: new Map() }).text).toBe(`Read again. ${text}`)
})

test('a part that is refused or waits says so, and one without which nothing is left is the whole', () => {
  const refusals = [{ code: 'missing', address, message: 'is not there', exit: 1 as const }]
  expect(verdictOf({ ...input, plan: { ...plan, refusals } }).as).toBe('refused')
  expect(verdictOf({ ...input, plan: { ...plan, waiting: [{ address, message: 'is Pending' }] } }).as).toBe('waiting')
  const whole = { ...plan, part: { ...part, left: [] } }
  expect(verdictOf({ ...input, plan: whole }).as).toBe('findings')
  expect(verdictOf({ ...input, plan: whole, paths: [] }).as).toBe('matches')
})
