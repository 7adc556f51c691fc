import { closeSync, fsyncSync, linkSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf } from '../model/message.ts'
import { Stop } from './stop.ts'

/** A file to write whole. */
export interface WholeFile {
  readonly path: string
  readonly text: string
  /** Nothing that is there already is written over, even if it came just now. */
  readonly isNew?: boolean
}

/** A symbolic link stays one. */
export function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/**
 * Writes all of the files or none: each is written beside the one it replaces, with its rights, and takes its name only when all of them
 * are there, so that a reader finds the old one or the new one, whole. A place that is no plain file, such as a pipe, is written to as it is.
 *
 * @throws what `cannot` makes of the error that stopped it
 */
export function writeWhole<F extends WholeFile>(files: readonly F[], cannot: (file: F, error: unknown) => Error): void {
  const prepared: { readonly file: F; readonly temporary: string; readonly target: string }[] = []
  const attempt = (file: F, work: () => void): void => {
    try {
      work()
    } catch (error) {
      throw cannot(file, error)
    }
  }
  try {
    for (const file of files)
      attempt(file, () => {
        const target = realOf(file.path)
        const old = statSync(target, { throwIfNoEntry: false })
        if (old && !old.isFile()) return writeFileSync(target, file.text)
        const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
        prepared.push({ file, temporary, target })
        writeSynced(temporary, file.text, old?.mode)
      })
    for (const { file, temporary, target } of prepared)
      attempt(file, () => (file.isNew ? linkSync(temporary, target) : renameSync(temporary, target)))
  } finally {
    for (const { temporary } of prepared) rmSync(temporary, { force: true })
  }
}

function writeSynced(path: string, text: string, mode: number | undefined): void {
  const file = openSync(path, 'w', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A file that was written, with its byte order mark if it has one. */
export interface WrittenFile {
  readonly file: string
  readonly before: string
  readonly after: string
}

/**
 * Replaces the text of a file that was read, and keeps its byte order mark.
 *
 * @throws Stop where it cannot be written, or is not as it was read
 */
export function replacedText(cwd: string, file: string, before: string, after: string): WrittenFile {
  const path = resolve(cwd, file)
  const cannot = (why: string): Stop => new Stop('error', `${file} cannot be written: ${why}`)
  const bytes = readFileSync(path)
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : ''
  if (bytes.toString('utf8') !== mark + before) throw cannot('it was changed meanwhile')
  writeWhole([{ path, text: mark + after }], (_, error) => cannot(messageOf(error)))
  return { file, before: mark + before, after: mark + after }
}
