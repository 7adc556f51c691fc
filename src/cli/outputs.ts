import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import pkg from '../../package.json' with { type: 'json' }
import type { Event } from '../document/event.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import type { Notice } from '../engine/host.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { realOf, type WholeFile, writeWhole } from '../engine/wholeFile.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Ending, worst } from '../model/ending.ts'
import { kebab } from '../model/kebab.ts'
import type { Worded } from '../model/option.ts'
import { jsonLine, jsonText, printed } from '../model/printable.ts'

import type { Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** The flags that name a file for a report of the whole run. */
const reports = ['out', 'markdown', 'html', 'sarif'] as const
type Report = (typeof reports)[number]

/** Those that print a document on standard output. */
const printing = ['json', 'showPermissions'] as const
type Printing = (typeof printing)[number]

type Named = Pick<Flags, 'json' | 'jsonInto' | Report> & Partial<Pick<Flags, 'showPermissions'>>

/** Reports by the flag that asks for them, made when it was given. */
export type Texts = { readonly [Flag in Printing | Report]?: () => string | Promise<string> }

/** Standard output, where the name of a file is asked for. */
const standardOutput = '-'

export interface Outputs {
  /** A report goes to standard output, which nothing else may be printed to. */
  readonly takesStdout: boolean
  /** Writes those of `texts` that were asked for: every file whole, or none. @throws Stop where one cannot be written */
  write(texts: Texts): Promise<void>
}

/**
 * Where the reports of a run go. A place that can be known to fail is said before anything is read.
 *
 * @param inputs the files that the run reads: none of them is written over
 * @throws UsageError where two would go to one place, Stop where there is no folder for one
 */
export function outputsFor(flags: Named, inputs: readonly string[], terminal: Surroundings): Outputs {
  const places = [
    ...printing.flatMap(flag => (flags[flag] ? [{ flag, path: standardOutput }] : [])),
    ...(['jsonInto', ...reports] as const).flatMap(flag => {
      const path = flags[flag]
      return path === undefined ? [] : [{ flag, path }]
    })
  ]
  const taken = new Map(inputs.map(file => [realOf(resolve(terminal.cwd, file)), `the file ${file}, which is read`]))
  for (const { flag, path } of places) {
    const place = path === standardOutput ? path : realOf(resolve(terminal.cwd, path))
    const other = taken.get(place)
    if (other !== undefined) throw new UsageError(`--${kebab(flag)} would go to the same place as ${other}. Give it a file of its own.`)
    taken.set(place, `--${kebab(flag)}`)
    if (path !== standardOutput) mustBeWritable(flag, path, terminal.cwd)
  }
  return {
    takesStdout: places.some(({ path }) => path === standardOutput),
    async write(texts) {
      const made: (WholeFile & { readonly flag: Report; readonly given: string })[] = []
      let printed: string | undefined
      for (const { flag, path } of places) {
        const text = flag === 'jsonInto' ? undefined : await texts[flag]?.()
        if (flag === 'jsonInto' || text === undefined) continue
        if (path === standardOutput) printed = text
        else if (flag !== 'json' && flag !== 'showPermissions') made.push({ flag, given: path, path: resolve(terminal.cwd, path), text })
      }
      writeWhole(made, ({ flag, given }, error) => cannot(flag, given, reasonOf(error)))
      if (printed !== undefined) terminal.out(printed)
    }
  }
}

/** The text that `--sarif` writes; without plans it is of files alone. */
export async function sarifText(
  diagnostics: readonly Diagnostic[],
  documents: readonly PlanDocument[],
  { words }: Worded
): Promise<string> {
  const { sarifOf } = await import('../report/sarif.ts')
  const { rulesById } = await import('../topology/rules/index.ts')
  return jsonText(
    sarifOf(diagnostics, documents, { toolVersion: pkg.version, homepage: pkg.homepage, ruleOf: id => rulesById.get(id), words })
  )
}

const cannot = (flag: keyof Named, path: string, why: string): Stop =>
  new Stop('error', `--${kebab(flag)} ${path} cannot be written: ${why}`)

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such folder.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it is not allowed here.'
  if (code === 'EISDIR') return 'it is a folder.'
  return code === 'ENOSPC' ? 'the disk is full.' : String(message)
}

function mustBeWritable(flag: keyof Named, path: string, cwd: string): void {
  const full = resolve(cwd, path)
  if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) throw cannot(flag, path, 'it is a folder.')
  if (!statSync(dirname(full), { throwIfNoEntry: false })?.isDirectory())
    throw cannot(flag, path, 'there is no such folder. Make it first, or name another.')
}

/** Takes what happens in a run, for programs that follow it. */
export type Tell = (notice: Notice) => void

/**
 * Runs `work` with somewhere to tell its events to: whoever the terminal says hears them, and the file of `--json-into`, a line for
 * each, written at once so that a run that is killed leaves what it had told. While they go to standard output nothing else does. A
 * file that cannot be written to any more stops nothing, since locks may be off; it is said, and the exit code is 1 at the least.
 *
 * @throws Stop where the file cannot be opened; nothing was done then
 */
export async function withEvents<T extends { readonly ending: Ending }>(
  { jsonInto }: Pick<Flags, 'jsonInto'>,
  terminal: Surroundings,
  work: (tell: Tell | undefined, terminal: Surroundings) => Promise<T>
): Promise<T> {
  if (jsonInto === undefined) return work(undefined, terminal)
  const isStdout = jsonInto === standardOutput
  const file = isStdout ? undefined : opened(jsonInto, terminal.cwd)
  let broken = false
  const write = (line: string): void => {
    if (broken) return
    try {
      if (isStdout) terminal.out(line)
      else if (file !== undefined) writeSync(file, line)
    } catch (error) {
      broken = true
      terminal.err(printed`Error: --json-into ${jsonInto} takes no more events: ${reasonOf(error)} The run goes on.\n`)
    }
  }
  const tell = (events: readonly Event[]): void => {
    for (const event of events) {
      const line = jsonLine(stamped(event))
      write(line)
    }
  }
  // Only who asks for events pays for what makes them.
  const [{ failureEvent, stamped, versionEvent }, { eventsOf }] = await Promise.all([
    import('../report/events.ts'),
    import('../host/noticeEvents.ts')
  ])
  tell([versionEvent(pkg.version)])
  try {
    // A list that is drawn over would be drawn over the events.
    const done = await work(
      notice => tell(eventsOf(notice)),
      isStdout ? { ...terminal, out: text => terminal.err(text), columns: 0 } : terminal
    )
    return broken ? { ...done, ending: worst([done.ending, 'error']) } : done
  } catch (error) {
    const { errorLine } = await import('../engine/errorText.ts')
    tell([failureEvent(errorLine(error))])
    throw error
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function opened(path: string, cwd: string): number {
  try {
    return openSync(resolve(cwd, path), 'w')
  } catch (error) {
    throw cannot('jsonInto', path, reasonOf(error))
  }
}
