import { connectionDocument } from '../document/connectionJson.ts'
import { planDocumentOf } from '../document/documents.ts'
import type { Question } from '../engine/host.ts'
import type { PlannedTopology } from '../engine/outcomes.ts'
import type { Session } from '../engine/session.ts'
import { Stop } from '../engine/stop.ts'
import { asIs, printed } from '../model/printable.ts'
import { connectionText } from '../report/connectionText.ts'
import { dangerSection } from '../report/planText.ts'
import type { Style } from '../report/style.ts'
import type { Flags } from './flags.ts'
import type { Surroundings, Terminal } from './terminal.ts'

interface Asking {
  readonly flags: Pick<Flags, 'autoApprove'>
  readonly terminal: Surroundings
  readonly style: Style
}

/** Asks the user for the word that lets writing begin. @throws Stop when it is not given, or no user is there to give it */
export async function confirm(question: Question, { flags, terminal, style }: Asking): Promise<void> {
  if (question.about === 'journal') shownJournal(question, terminal)
  if (question.about === 'decision') shownDecision(question, terminal)
  if (flags.autoApprove) return
  const verb = { plans: 'apply', journal: 'restore', decision: 'decide' }[question.about]
  if (!terminal.interactive)
    throw new Stop(
      'refused',
      `No user is there to confirm this. Nothing was changed. Run it with --auto-approve to ${verb} without asking.`
    )
  terminal.err(questionText(question, style))
  const answer = await terminal.ask('  Enter a value: ')
  if (answer?.trim() !== 'yes') throw new Stop('refused', 'Not confirmed. Nothing was changed.')
}

function shownJournal({ lines, session }: Extract<Question, { about: 'journal' }>, { err }: Pick<Terminal, 'err'>): void {
  const { settings, prepared } = session
  err(printed`With the journal ${settings.journal}, pglink will restore what is owed to ${prepared.resolved.name}:\n`)
  for (const line of lines) err(printed`  ${line}\n`)
}

function questionText(question: Question, style: Style): string {
  if (question.about === 'plans') return plansQuestion(question.topologies, style)
  return question.about === 'journal' ? journalQuestion(question.session) : decisionQuestion(question)
}

type OnDecision = Extract<Question, { about: 'decision' }>

/** The person decides by what Azure tells, whether or not a question follows. */
function shownDecision({ verb, view, response, interrupts }: OnDecision, { err }: Pick<Terminal, 'err'>): void {
  err(printed`${decisionWords[verb]} this connection:\n${asIs(connectionText(connectionDocument(view)))}`)
  if (response !== undefined) err(printed`With the text: ${response}\n`)
  if (interrupts)
    err('Look at this first:\n  Interrupts: the connection is Approved, and whoever reaches the server over it does so no more.\n')
}

const decisionWords = { approve: 'Approve', reject: 'Reject', remove: 'Remove' } as const

const decisionQuestion = ({ verb }: OnDecision): string => `\nDo you want to ${verb} it?\n  Only 'yes' will be accepted to ${verb}.\n\n`

const journalQuestion = ({ estate }: Session): string =>
  printed`\nDo you want to do this, in this estate?\n  ${estate}.\n  Only 'yes' will be accepted to approve.\n\n`

/** Names where it would write and what was first in the plan once more: a long plan has scrolled away by then. */
function plansQuestion(topologies: readonly PlannedTopology[], style: Style): string {
  const documents = topologies.map(({ planned, session }) => planDocumentOf(planned, session))
  const names = documents.map(({ topology }) => topology.name).join(' and ')
  const estates = [...new Set(documents.map(({ estate }) => estate))].join('; ')
  const dangers = dangerSection(
    documents.flatMap(({ dangers }) => dangers),
    style
  )
  const first = dangers.map(section => `\n${section}\n`).join('')
  return printed`${asIs(first)}\nDo you want to perform these actions?\n  pglink will do what is described above to ${names}, in this estate:\n  ${estates}.\n  Only 'yes' will be accepted to approve.\n\n`
}
