import pkg from '../../package.json' with { type: 'json' }
import type { Drifted } from '../engine/drift.ts'
import type { Notice } from '../engine/host.ts'
import type { Planned } from '../engine/look.ts'
import type { AppliedTopology } from '../engine/outcomes.ts'
import type { Session } from '../engine/session.ts'
import { dayOf } from '../model/drift.ts'
import { namingFrom } from '../model/naming.ts'
import { jsonText } from '../model/printable.ts'
import type { AppliedBody } from './applied.ts'
import { appliedJson, proofJson } from './appliedJson.ts'
import { planFlagsOf } from './commandLine.ts'
import type { DriftDocument } from './drift.generated.ts'
import { driftJson, planDriftJson } from './driftJson.ts'
import { type Happened, happenings } from './happened.ts'
import type { PlanDocument } from './plan.generated.ts'
import { planJson } from './planJson.ts'

const sourceOf = ({ settings: { estate } }: Session): 'sandbox' | 'azure' =>
  estate === undefined || 'azure' in estate ? 'azure' : 'sandbox'

/** A plan is told in several forms, and is one document. */
const plansMade = new WeakMap<Planned, PlanDocument>()

/** The plan for programs, which is also what `--out` saves. */
export function planDocumentOf(planned: Planned, session: Session): PlanDocument {
  const document = plansMade.get(planned) ?? planDocument(planned, session)
  plansMade.set(planned, document)
  return document
}

const planDocument = (planned: Planned, session: Session): PlanDocument =>
  planJson(planned, {
    source: sourceOf(session),
    toolVersion: pkg.version,
    timestamp: new Date().toISOString(),
    words: session.settings.words,
    flags: planFlagsOf(session.settings),
    warnings: session.prepared.warnings,
    drift: planned.moved && planDriftJson(planned.moved, dayOf(new Date()))
  })

/** A document as it is written: a secret that somebody else says is not in it. */
export const written = <T>(document: T): T => JSON.parse(jsonText(document)) as T

const driftsMade = new WeakMap<Drifted['found'], DriftDocument>()

/** The drift for programs. */
export function driftDocumentOf(drifted: Drifted): DriftDocument {
  const document = driftsMade.get(drifted.found) ?? driftDocument(drifted)
  driftsMade.set(drifted.found, document)
  return document
}

function driftDocument({ session, found, notes, at, reads }: Drifted): DriftDocument {
  const { prepared, settings } = session
  return driftJson(found, {
    toolVersion: pkg.version,
    timestamp: at,
    source: sourceOf(session),
    topology: { name: prepared.resolved.name, path: prepared.file, env: settings.env ?? null },
    baseline: settings.baseline ?? null,
    reads,
    notes
  })
}

/** The document of an apply that was not carried out has its first members alone. */
export type ApplyDocument = Pick<AppliedBody, 'format_version' | 'plan'> & Partial<AppliedBody>

const appliesMade = new WeakMap<AppliedTopology, ApplyDocument>()

/** The outcome of one topology, for programs. */
export function applyDocumentOf(topology: AppliedTopology): ApplyDocument {
  const document = appliesMade.get(topology) ?? applyDocument(topology)
  appliesMade.set(topology, document)
  return document
}

function applyDocument({ session, planned, result, closing, restoredLater }: AppliedTopology): ApplyDocument {
  const made = planDocumentOf(planned, session)
  if (result === undefined) return { format_version: '1.0', plan: made, ...(closing && proofJson(closing)) }
  const naming = namingFrom(session.prepared.resolved.desired)
  const restoreLine = session.restoreLine()
  const document = appliedJson({ made, plan: planned.plan, result, closing, naming, restoreLine, words: session.settings.words })
  return restoredLater ? { ...document, locks_not_restored: [], not_restored: [] } : document
}

/** Whether something was carried out, and the document says what became of it. */
export const isCarriedOut = (document: ApplyDocument): document is AppliedBody => document.steps !== undefined

const toldOf = new WeakMap<PlanDocument, ReturnType<typeof happenings>>()

/** An event of an apply in words. @returns `undefined` for a step that the document does not have */
export function happenedOf({ event, planned, session, naming }: Extract<Notice, { type: 'step' }>): Happened | undefined {
  const document = planDocumentOf(planned, session)
  const tell = toldOf.get(document) ?? happenings(document.steps, naming)
  toldOf.set(document, tell)
  return tell(event)
}
