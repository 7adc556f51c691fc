import { resolve } from 'node:path'
import type { Worded } from '../model/option.ts'
import { edited, renamed } from '../topology/edit.ts'
import { topologyFiles } from './files.ts'
import { load, readingOver } from './load.ts'
import type { FileOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import { replacedText, type WrittenFile } from './wholeFile.ts'

/** A key that is right now may have more under it that was not looked at before. */
const roundsMax = 8

/**
 * Writes into the files what is meant without a doubt: it stands in no file but those that are named, also not in one that they extend.
 *
 * @throws Stop where a file cannot be written
 */
export async function repair(options: FileOptions & Worded): Promise<readonly WrittenFile[]> {
  const settings = settingsOf(options)
  const named = await topologyFiles(settings.files, settings.cwd)
  const paths = new Set(named.map(file => resolve(settings.cwd, file)))
  const before = new Map<string, string>()
  const after = new Map<string, string>()
  for (const top of named) {
    for (let round = 0; round < roundsMax; round++) {
      const { diagnostics, sources } = await load(top, 'validate', settings, readingOver(after, resolve(settings.cwd, top), settings.cwd))
      // The difference is shown, and a secret that stands in the file would be in it.
      if (diagnostics.some(({ rule }) => rule === 'PGL913')) break
      for (const { file, text } of sources) if (!before.has(file)) before.set(file, text)
      let changes = 0
      for (const { repair: mend, range } of diagnostics) {
        const file = range?.file ?? ''
        const text = after.get(file) ?? before.get(file)
        if (mend === undefined || text === undefined || !paths.has(resolve(settings.cwd, file))) continue
        const made = mend.aim === 'key' ? renamed(text, mend.path, String(mend.instead)) : edited(text, mend.path, mend.instead)
        if (!made.ok || made.text === text) continue
        after.set(file, made.text)
        changes += 1
      }
      if (changes === 0) break
    }
  }
  return [...after].map(([file, text]) => replacedText(settings.cwd, file, before.get(file) ?? '', text))
}
