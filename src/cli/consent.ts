import type { PlanDocument } from '../document/plan.generated.ts'
import { Stop } from '../engine/stop.ts'
import { asIs, printed } from '../model/printable.ts'
import { dangerSection } from '../report/planText.ts'
import type { Style } from '../report/style.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks for the word that lets an apply begin, naming where it would write and what was first in the plan once more: a long plan has
 * scrolled away by then.
 *
 * @throws Stop when it is not given, or nobody is there to give it
 */
export async function consent(documents: readonly PlanDocument[], terminal: Terminal, style: Style): Promise<void> {
  if (!terminal.interactive)
    throw new Stop('refused', 'No user is there to confirm this. Nothing was changed. Run it with --auto-approve to apply without asking.')
  const names = documents.map(({ topology }) => topology.name).join(' and ')
  const estates = [...new Set(documents.map(({ estate }) => estate))].join('; ')
  const dangers = dangerSection(
    documents.flatMap(({ dangers }) => dangers),
    style
  )
  const first = dangers.map(section => `\n${section}\n`).join('')
  terminal.err(
    printed`${asIs(first)}\nDo you want to perform these actions?\n  pglink will do what is described above to ${names}, in this estate:\n  ${estates}.\n  Only 'yes' will be accepted to approve.\n\n`
  )
  const answer = await terminal.ask('  Enter a value: ')
  if (answer?.trim() !== 'yes') throw new Stop('refused', 'Not confirmed. Nothing was changed.')
}
