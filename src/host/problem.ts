import { rightsJson } from '../document/planJson.ts'
import { errorLine, explained } from '../engine/errorText.ts'
import { Interrupted, LacksRights, Stop } from '../engine/stop.ts'
import { namingFrom } from '../model/naming.ts'
import type { Worded } from '../model/option.ts'
import { asIs, printed } from '../model/printable.ts'
import { rightSentences } from '../report/rightsText.ts'

const lines = (all: readonly string[]): string => all.map(one => printed`  ${one}\n`).join('')

/**
 * The error that ended a run, or the work on one topology, in plain words. No user sees a stack; an error that is neither expected nor Azure's
 * is a bug of ours, and the text says how to report it.
 */
export const problemText = (error: unknown, worded: Worded = {}): string =>
  error instanceof Interrupted ? printed`\n${error.message}\n` : `Error: ${problemBody(error, worded)}`

/** The same without the word that it begins with. */
export function problemBody(error: unknown, worded: Worded = {}): string {
  if (error instanceof Stop) return printed`${errorLine(error)}\n${asIs(lines(error.details))}`
  if (error instanceof LacksRights)
    return printed`${error.message}\n${asIs(lines(rightSentences(rightsJson(error.rights, namingFrom(error.desired)))))}Ask for them, or for roles that have them; a new assignment takes some minutes. Then run the same command again.\n`
  const known = explained(error, worded)
  if (known) return printed`${known.message}\n${asIs(known.next === undefined ? '' : printed`${known.next}\n`)}`
  return printed`${bugLine(error)}\n`
}

const bugLine = (error: unknown): string =>
  `pglink has a bug: ${errorLine(error).replace(/\.$/, '')}. Please report it with this line, the command and, without secrets, the topology.`

/** The same in one sentence. */
export const problemLine = (error: unknown): string =>
  error instanceof Stop || error instanceof Interrupted || error instanceof LacksRights || explained(error) !== undefined
    ? errorLine(error)
    : bugLine(error)
