import { driftDocumentOf } from '../document/documents.ts'
import type { DriftedTopology } from '../engine/drift.ts'
import { refusalEnding } from '../engine/endings.ts'
import { type Ending, worst } from '../model/ending.ts'
import { notAccepted } from './acceptanceText.ts'

/** Drift that is known ends a look as drift, whatever could not be read of the others. */
export function driftEnding(topologies: readonly DriftedTopology[]): Ending {
  const endings = topologies.map(endingOf)
  return endings.includes('drift') ? worst(endings.filter(one => one !== 'error')) : worst(endings)
}

function endingOf(topology: DriftedTopology): Ending {
  const { acceptance, revert } = topology
  const document = driftDocumentOf(topology)
  if (acceptance !== undefined) {
    if (acceptance.left.length + notAccepted(acceptance, document).length > 0) return 'drift'
    return document.complete ? 'ok' : 'error'
  }
  const seen = ({ drift: 'drift', clean: 'ok', unknown: 'error' } as const)[document.verdict.as]
  return revert === undefined ? seen : worst([seen, refusalEnding(revert.plan)])
}
