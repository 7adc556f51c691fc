import { applyDocumentOf, happenedOf, isCarriedOut, planDocumentOf } from '../document/documents.ts'
import { errorLine } from '../engine/errorText.ts'
import type { Notice } from '../engine/host.ts'
import { notOursSaid } from '../engine/journals.ts'
import { duration } from '../model/duration.ts'
import { namingFrom } from '../model/naming.ts'
import { option, type Worded } from '../model/option.ts'
import { asIs, printed } from '../model/printable.ts'
import { applySummary } from '../report/applySummary.ts'
import { eventLine } from '../report/applyText.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import { planText } from '../report/planText.ts'
import type { Style } from '../report/style.ts'
import { endpointLines } from '../report/verifyText.ts'
import { problemText } from './problem.ts'
import { restoredText } from './restoredText.ts'

/** The text of a notice, and whether it belongs to the report of a run or is said beside it. */
export interface Telling {
  readonly to: 'report' | 'aside'
  readonly text: string
}

const aside = (text: string): Telling => ({ to: 'aside', text })
const report = (text: string): Telling => ({ to: 'report', text })

/** The words of a host that shows text for a notice; `undefined` for one that has none. */
export function tellingOf(notice: Notice, style: Style, worded: Worded = {}): Telling | undefined {
  switch (notice.type) {
    case 'problems':
      return notice.diagnostics.length === 0 ? undefined : aside(printed`${asIs(diagnosticsText(notice.diagnostics))}\n`)
    case 'throttled':
      return aside(
        printed`Azure asks to wait ${Math.ceil(notice.ms / 1_000)} s before ${notice.method} ${new URL(notice.url).pathname}. Waiting.\n`
      )
    case 'looked':
      return notice.prepared && aside(printed`Read ${notice.done} of ${notice.of} topologies: ${notice.prepared.file}\n`)
    case 'turn':
      return aside(turnText(notice))
    case 'waiting':
      return aside(printed`Waiting for ${notice.what}${notice.optional ? `; ${option(worded, 'now', true)} does not wait` : ''}\n`)
    case 'late':
      return aside(printed`Waiting for Azure: ${notice.what}\n`)
    case 'busy':
      return aside(printed`Waiting for ${notice.address}: Azure is still at it (${notice.state}) [${duration(notice.elapsedMs)} elapsed]\n`)
    case 'journal changed':
      return aside(printed`Warning: The journal ${notice.place} is not as this run left it. It is written anew from what the run knows.\n`)
    case 'unwritten':
      return aside(printed`Error: Not all of this run is in its journal: ${errorLine(notice.error)}\n`)
    case 'unaudited':
      return aside(
        printed`Error: Azure has taken the decision, and its line could not be added to ${notice.file}: ${errorLine(notice.error)}\nAdd it yourself:\n${notice.line}\n`
      )
    case 'damaged':
      return aside(notice.said.map(one => printed`Error: ${one}\n`).join(''))
    case 'unlisted':
      return aside(
        printed`The locks of ${notice.scopes.join(', ')} may not be read: one that is off there is not seen. Microsoft.Authorization/locks/read shows them.\n`
      )
    case 'failed':
      return aside(problemText(notice.error, worded))
    case 'server unread':
      return aside(unread(notice))
    default:
      return lockTelling(notice, style) ?? runTelling(notice, style)
  }
}

/** A wait of a moment comes again and again: then its length says nothing. */
function turnText({ what, rule, ms }: Extract<Notice, { type: 'turn' }>): string {
  const long = ms < 2_000 ? '' : ` ${duration(ms)}`
  return printed`Waiting${long} for our turn: ${what}, of which ${rule}.\n`
}

function unread({ address, path, why }: Extract<Notice, { type: 'server unread' }>): string {
  const words = { 'not there': 'is not there', forbidden: 'may not be read' }[why] ?? `could not be read (${why})`
  return printed`${address} ${words}: ${path}\n`
}

function lockTelling(notice: Notice, style: Style): Telling | undefined {
  switch (notice.type) {
    case 'others': {
      const { others, session } = notice
      return aside(others.map(one => printed`${one.place} ${notOursSaid(one, session.restoreLine)}\n`).join(''))
    }
    case 'restoring':
      return report(
        `${notice.left === 'by an earlier run' ? 'An earlier run' : 'A topology before this one'} did not come to its end. The locks that it left off are restored first.\n`
      )
    case 'restored': {
      const { prepared, restoreLine } = notice.session
      return report(restoredText(notice.restored, restoreLine(), namingFrom(prepared.resolved.desired), style))
    }
    default:
      return undefined
  }
}

function runTelling(notice: Notice, style: Style): Telling | undefined {
  switch (notice.type) {
    case 'topology': {
      const { file, resolved } = notice.prepared
      return report(printed`${notice.again ? '\n' : ''}Topology ${resolved.name} (${file}):\n\n`)
    }
    case 'step': {
      const happened = happenedOf(notice)
      return happened && report(printed`${asIs(eventLine(happened))}\n`)
    }
    case 'planned':
      return report(planText(planDocumentOf(notice.planned, notice.session), style))
    case 'concluded': {
      const document = applyDocumentOf(notice.applied)
      if (isCarriedOut(document)) return report(printed`\n${asIs(applySummary(document, style))}`)
      const { proof, endpoints = [] } = document
      // The plan has said what is left; the exit code has its own reason said.
      const why = proof === undefined || proof.as === 'proven' ? [] : [proof.text]
      return report([...why, ...endpointLines(endpoints, style)].map(line => `${line}\n`).join(''))
    }
    default:
      return undefined
  }
}

/** The sentence of a notice that tells of something wrong. */
export function problemIn(notice: Notice): string | undefined {
  switch (notice.type) {
    case 'problems':
      return notice.diagnostics.findLast(({ severity }) => severity === 'error')?.summary
    case 'failed':
    case 'unwritten':
      return errorLine(notice.error)
    case 'concluded':
      return notice.applied.problem === undefined ? undefined : errorLine(notice.applied.problem)
    case 'damaged':
      return notice.said.at(-1)
    default:
      return undefined
  }
}
