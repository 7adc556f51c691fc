import { readFileSync } from 'node:fs'
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { planJson } from '../../src/document/planJson.ts'
import { digestOf } from '../../src/plan/digest.ts'
import type { Planned } from './estate.ts'
import { judgedAlone } from './planView.ts'

export const planSchema = JSON.parse(readFileSync(new URL('../../schema/plan.schema.json', import.meta.url), 'utf8')) as AnySchemaObject

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(planSchema)

/** The complaints of the published schema about a document, one line each. */
export const schemaProblems = (document: unknown): string[] =>
  validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

/** The document of a plan made in this process, as a reader of its JSON gets it, held against the published schema. */
export function planDocument({ plan, wanted, live }: Planned, flags: Partial<Pick<PlanDocument, 'source'>> = {}): PlanDocument {
  const { digest, foundation } = digestOf(plan, wanted.desired, live)
  const view = {
    plan,
    desired: wanted.desired,
    topology: { name: wanted.name, file: 'topology.yaml' },
    live,
    foundation,
    asked: new Map([['reads', 7]]),
    digest,
    ...judgedAlone(plan)
  }
  const record = { toolVersion: '0.0.0', timestamp: '2026-01-01T00:00:00.000Z', flags: {}, warnings: [] }
  const document = JSON.parse(JSON.stringify(planJson(view, { ...record, source: 'sandbox', ...flags })))
  expect(schemaProblems(document)).toEqual([])
  return document
}
