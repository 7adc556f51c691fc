import pkg from '../../package.json' with { type: 'json' }
import type { Drifted } from '../engine/drift.ts'
import type { Notice } from '../engine/host.ts'
import type { Planned } from '../engine/look.ts'
import type { AppliedTopology } from '../engine/outcomes.ts'
import type { Session } from '../engine/session.ts'
import type { VerifiedTopology } from '../engine/verify.ts'
import { dayOf } from '../model/drift.ts'
import { type Naming, namingFrom } from '../model/naming.ts'
import { oncePer } from '../model/once.ts'
import { jsonText } from '../model/printable.ts'
import { type AppliedBody, type ApplyBody, appliedJson, proofJson } from './appliedJson.ts'
import { planFlagsOf } from './commandLine.ts'
import type { DriftDocument } from './drift.generated.ts'
import { driftJson, planDriftJson } from './driftJson.ts'
import { type Happened, happenings } from './happened.ts'
import type { PlanDocument } from './plan.generated.ts'
import { planJson } from './planJson.ts'
import type { VerifyDocument } from './verify.generated.ts'
import { verifyJson } from './verifyJson.ts'

const sourceOf = ({ settings: { estate } }: Session): 'sandbox' | 'azure' =>
  estate === undefined || 'azure' in estate ? 'azure' : 'sandbox'

/** The plan for programs, which is also what `--out` saves. A plan is told in several forms, and is one document. */
export const planDocumentOf = oncePer(
  (planned: Planned, session: Session): PlanDocument =>
    planJson(planned, {
      source: sourceOf(session),
      toolVersion: pkg.version,
      timestamp: new Date().toISOString(),
      words: session.settings.words,
      flags: planFlagsOf(session.settings),
      warnings: session.prepared.warnings,
      drift: planned.moved && planDriftJson(planned.moved, dayOf(new Date()))
    })
)

/** A document as it is written: a secret that another program says is not in it. */
export const written = <T>(document: T): T => JSON.parse(jsonText(document)) as T

/** The drift for programs: one document of what was found, in whatever form it is told. */
export const driftDocumentOf = (drifted: Drifted): DriftDocument => driftDocument(drifted.found, drifted)

const driftDocument = oncePer((found: Drifted['found'], { session: { prepared, settings }, session, notes, at, reads }: Drifted) =>
  driftJson(found, {
    toolVersion: pkg.version,
    timestamp: at,
    source: sourceOf(session),
    topology: { name: prepared.resolved.name, path: prepared.file, env: settings.env ?? null },
    baseline: settings.baseline ?? null,
    reads,
    notes
  })
)

/** The paths of one topology, for programs. */
export const verifyDocumentOf = (verified: VerifiedTopology): VerifyDocument => verifyDocument(verified.paths, verified)

const verifyDocument = oncePer(
  (paths: VerifiedTopology['paths'], { session: { prepared, settings }, session, at, reads }: VerifiedTopology) =>
    verifyJson(paths, {
      toolVersion: pkg.version,
      timestamp: at,
      source: sourceOf(session),
      topology: { name: prepared.resolved.name, path: prepared.file, env: settings.env ?? null },
      reads,
      live: settings.live
    })
)

/** The outcome of one topology, for programs. */
export const applyDocumentOf = oncePer(({ session, planned, result, closing, restoredLater }: AppliedTopology): ApplyBody => {
  const made = planDocumentOf(planned, session)
  if (result === undefined) return { format_version: '1.0', plan: made, ...(closing && proofJson(closing)) }
  const naming = namingFrom(session.prepared.resolved.desired)
  const restoreLine = session.restoreLine()
  const document = appliedJson({ made, plan: planned.plan, result, closing, naming, restoreLine, words: session.settings.words })
  return restoredLater ? { ...document, locks_not_restored: [], not_restored: [] } : document
})

/** Whether something was carried out, and the document says what became of it. */
export const isCarriedOut = (document: ApplyBody): document is AppliedBody => document.steps !== undefined

const happeningsOf = oncePer(({ steps }: PlanDocument, naming: Naming) => happenings(steps, naming))

/** An event of an apply in words. @returns `undefined` for a step that the document does not have */
export const happenedOf = ({ event, planned, session, naming }: Extract<Notice, { type: 'step' }>): Happened | undefined =>
  happeningsOf(planDocumentOf(planned, session), naming)(event)
