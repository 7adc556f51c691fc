import { printable } from '../report/printable.ts'
import type { Terminal } from './terminal.ts'
import { Stop } from './usage.ts'

/** Asks for the word that lets an apply begin. @throws Stop when it is not given, or nobody is there to give it */
export async function consent(name: string, terminal: Terminal): Promise<void> {
  if (!terminal.interactive)
    throw new Stop(6, 'Nobody is there to confirm this. Nothing was changed. Run it with --auto-approve to apply without asking.')
  terminal.err(
    `\nDo you want to perform these actions?\n  pglink will do what is described above to ${printable(name)}.\n  Only 'yes' will be accepted to approve.\n\n`
  )
  const answer = await terminal.ask('  Enter a value: ')
  if (answer?.trim() !== 'yes') throw new Stop(6, 'Not confirmed. Nothing was changed.')
}
