import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve as resolvePath, sep } from 'node:path'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { type Accepted, accepted, type Check, type Compared, judged, movedIn, type Texts } from '../drift/index.ts'
import { counted } from '../model/counted.ts'
import type { Drift } from '../model/drift.ts'
import type { Ending } from '../model/ending.ts'
import { asIs, printable, printed } from '../model/printable.ts'
import type { Style } from '../report/style.ts'
import { textDiff } from '../report/textDiff.ts'
import { type Resolved, resolve, UnfitEntry } from '../topology/resolve.ts'
import { addressOfField } from '../topology/settings.ts'
import type { Loaded } from '../topology/topology.ts'
import { load, type ReadFile, readingBeside } from './load.ts'
import { Stop } from './stop.ts'
import type { Prepared } from './topology.ts'

export interface Accepting {
  readonly document: DriftDocument
  readonly compared: Compared
  readonly prepared: Prepared
  readonly flags: Flags
  readonly terminal: Terminal
  readonly say: (text: string) => void
  readonly style: Style
}

/** Writes what moved into the files, says what it wrote and what it could not, and gives the code of what is left. */
export async function acceptDrift(accepting: Accepting): Promise<Ending> {
  const { compared, document, prepared, flags, terminal, say, style } = accepting
  const loaded = await load(prepared.file, 'plan', flags, terminal)
  if (!loaded.ok) throw new Stop('invalid', `${printable(prepared.file)} is not sound any more: it was changed meanwhile.`)
  const texts: Texts = new Map(loaded.sources.map(({ file, text }) => [file, text]))
  const moved = movedIn(judged(compared))
  const input = { document: loaded.document, desired: compared.resolved.desired, texts }
  const done = await accepted(moved, input, checkWith(accepting))
  const changed = [...done.texts].filter(([file, text]) => text !== texts.get(file))
  const marks = changed.map(([file, text]) => replaceFile(resolvePath(terminal.cwd, file), texts.get(file) ?? '', text))
  for (const [index, [file, text]] of changed.entries()) {
    const versions = { before: `${marks[index]}${texts.get(file) ?? ''}`, after: `${marks[index]}${text}` }
    say(printed`\n${asIs(textDiff(nameFrom(terminal.cwd, file), versions, style))}`)
  }
  const beyond = beyondFiles(document, moved)
  say(printed`\n${asIs(summary(done, beyond))}`)
  const isLeft = done.left.length + beyond.length > 0
  return isLeft ? 'drift' : document.complete ? 'ok' : 'error'
}

/** As Git would name it in this folder. */
function nameFrom(cwd: string, file: string): string {
  const below = relative(cwd, resolvePath(cwd, file))
  return (below.split(sep)[0] === '..' ? file : below).split(sep).join('/')
}

const subjectOf = (drift: Drift): string => printable(addressOfField(drift))

/** Drift of undeclared resources: it is in no file, and no file can take it over. */
function beyondFiles({ entries }: DriftDocument, moved: readonly Drift[]): DriftEntry[] {
  const known = new Set(moved.map(drift => `${drift.address} ${drift.field ?? ''}`))
  return entries.filter(({ counts, address, field = '' }) => counts && !known.has(`${address} ${field}`))
}

function summary({ written, left }: Accepted, beyond: readonly DriftEntry[]): string {
  const rest = [
    ...left.map(({ drift, reason }) => `  ${subjectOf(drift)}: ${printable(reason)}`),
    ...beyond.map(({ address, class: of, message }) =>
      of === 'unmanaged'
        ? `  ${printable(address)}: it is in no file: declare it, or take it away in Azure`
        : `  ${printable(address)}: ${printable(message)}`
    )
  ]
  const said = written.length === 0 ? 'Nothing was written.' : `Accepted ${counted(written.length, 'difference')} into the topology.`
  return `${[said, ...(rest.length === 0 ? [] : ['Not accepted:', ...rest])].join('\n')}\n`
}

/** The files as they would be, loaded and compared as the command itself does it. */
const checkWith =
  ({ compared, prepared, flags, terminal }: Accepting): Check =>
  async texts => {
    const fromDisk = readingBeside(resolvePath(terminal.cwd, prepared.file), terminal.cwd)
    const read: ReadFile = async file => {
      const text = texts.get(file)
      return text === undefined ? fromDisk(file) : Buffer.from(text)
    }
    const loaded = await load(prepared.file, 'plan', flags, terminal, read)
    const resolved = loaded.ok ? resolvedFrom(loaded, flags) : firstError(loaded)
    if (typeof resolved === 'string') return { error: resolved }
    return { still: movedIn(judged({ ...compared, resolved })) }
  }

const firstError = ({ diagnostics }: Loaded): string => diagnostics.find(({ severity }) => severity === 'error')?.summary ?? 'unknown'

function resolvedFrom({ topology, positions }: Extract<Loaded, { ok: true }>, { subscription }: Flags): Resolved | string {
  try {
    return resolve(topology, { subscription, position: path => positions.at(path) })
  } catch (error) {
    if (error instanceof UnfitEntry) return error.message
    throw error
  }
}

/** Whole or not at all, with the rights it had; a symbolic link stays one. @returns its byte order mark, if it has one @throws Stop where it cannot be written, or is not as it was read */
function replaceFile(path: string, before: string, after: string): string {
  const target = realpathSync(path)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    const bytes = readFileSync(target)
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : ''
    if (bytes.toString('utf8') !== mark + before) throw new Error('it was changed meanwhile')
    const file = openSync(temporary, 'w', statSync(target).mode)
    writeFileSync(file, mark + after)
    fsyncSync(file)
    closeSync(file)
    renameSync(temporary, target)
    return mark
  } catch (error) {
    throw new Stop('error', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    rmSync(temporary, { force: true })
  }
}
