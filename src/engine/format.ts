import type { Diagnostic } from '../model/diagnostic.ts'
import type { Worded } from '../model/option.ts'
import { formatted } from '../topology/format.ts'
import { isUnread } from '../topology/load.ts'
import { topologyFiles } from './files.ts'
import { load } from './load.ts'
import type { FileOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import { Stop } from './stop.ts'
import { replacedText } from './wholeFile.ts'

/** A file with the text that it has in its form, or with the errors that leave it without one. */
export interface FormattedFile {
  readonly file: string
  readonly isInForm: boolean
  readonly errors: readonly Diagnostic[]
}

/**
 * Brings topology files, overlays and what they extend, each by itself, into one form, and writes those that are not in it.
 *
 * @param check writes nothing
 * @throws Stop where a file cannot be written, or has no form that means the same
 */
export async function format(options: FileOptions & Worded, check: boolean): Promise<readonly FormattedFile[]> {
  const settings = settingsOf(options)
  const files = await topologyFiles(settings.files, settings.cwd)
  const read = await Promise.all(
    files.map(async file => {
      const { diagnostics, sources } = await load(file, 'validate', settings)
      return { file, errors: diagnostics.filter(one => isOfText(one, file)), text: sources.find(source => source.file === file)?.text }
    })
  )
  return read.map(({ file, errors, text }) => {
    if (errors.length > 0 || text === undefined) return { file, isInForm: false, errors }
    const form = formatted(text, /\.json$/i.test(file))
    if (!form.ok) throw new Stop('error', `${file} is left as it is: ${form.reason}.`)
    if (form.text !== text && !check) replacedText(settings.cwd, file, text, form.text)
    return { file, isInForm: form.text === text, errors }
  })
}

/** The file itself cannot be read; what it extends is no part of its form. */
const isOfText = ({ rule, range, severity }: Diagnostic, file: string): boolean =>
  severity === 'error' && (range === undefined ? isUnread({ rule }) : range.file === file && /^PGL90[2-9]$|^PGL926$/.test(rule))
