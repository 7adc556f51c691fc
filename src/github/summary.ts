import { appendFileSync, statSync } from 'node:fs'

/** [GH docs, Actions: job summaries] One step may add 1 MiB; of more than that nothing at all is shown, and the step gets an error. */
const summaryBytesMax = 1024 * 1024

/** For a line end, and for what counts differently over there than here. */
const marginBytes = 4 * 1024

/** Less room than this holds no summary that helps a reader. */
const usefulBytes = 1024

/** `left-out`: earlier parts of this step took the room, or the text took more than it was given. */
export type SummaryOutcome = 'written' | 'left-out' | 'none'

/**
 * Appends to the job summary. Earlier text of the step counts: the file is the step's own, and is taken or refused whole.
 *
 * The package's own writer is not used: it takes any length, and learns the path from the environment.
 *
 * @param path of `GITHUB_STEP_SUMMARY`; absent outside of a runner, and on servers that know no summaries
 * @param render the text, in at most so many bytes of UTF-8
 */
export function writeSummary(path: string | undefined, render: (bytesMax: number) => string): SummaryOutcome {
  if (path === undefined || path === '') return 'none'
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const room = summaryBytesMax - marginBytes - before
  if (room < usefulBytes) return 'left-out'
  const text = `${render(room).trimEnd()}\n\n`
  const isFitting = Buffer.byteLength(text, 'utf8') <= room + 2
  appendFileSync(path, isFitting ? text : 'The summary was left out: it would have been longer than GitHub shows.\n\n')
  return isFitting ? 'written' : 'left-out'
}
