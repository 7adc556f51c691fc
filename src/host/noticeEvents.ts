import { applyDocumentOf, driftDocumentOf, happenedOf, isCarriedOut, planDocumentOf } from '../document/documents.ts'
import type { Event } from '../document/event.ts'
import { errorLine } from '../engine/errorText.ts'
import type { Notice } from '../engine/host.ts'
import { applyEvents, driftEvents, endedEvents, failureEvent, fileEvents, planEvents } from '../report/events.ts'

/** The events of a notice, for programs: nothing of one that tells nothing of the outcome. */
export function eventsOf(notice: Notice): readonly Event[] {
  switch (notice.type) {
    case 'problems':
      return notice.baseline ? [] : fileEvents(notice.diagnostics)
    case 'planned':
      return planEvents(planDocumentOf(notice.planned, notice.session))
    case 'step': {
      const happened = happenedOf(notice)
      return happened === undefined ? [] : applyEvents(happened, notice.session.prepared.file)
    }
    case 'concluded': {
      const document = applyDocumentOf(notice.applied)
      return isCarriedOut(document) ? endedEvents(document, notice.applied.session.prepared.file) : []
    }
    case 'failed':
      return [failureEvent(errorLine(notice.error))]
    case 'drifted':
      return driftEvents(driftDocumentOf(notice.drifted))
    default:
      return []
  }
}
