import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { isPattern, matching, skippedFolders } from './globs.ts'
import { Stop } from './stop.ts'

const defaultFile = 'topology.yaml'

/**
 * The topology files meant: a file as it is, a folder as every topology.yaml under it, a pattern as all that it fits, in the order of their
 * paths. Paths stay relative to where the command was started, as a reader of a message knows them.
 *
 * @throws Stop when a folder holds none, UsageError when nothing fits a pattern
 */
export async function topologyFiles(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const files: string[] = []
  for (const path of given.length === 0 ? [defaultFile] : given) {
    if (isPattern(path, cwd)) for (const one of await matching(path, cwd)) files.push(...meant(one, cwd, true))
    else files.push(...meant(path, cwd, false))
  }
  if (files.length === 0) throw new Stop('invalid', `There is no ${defaultFile} under ${given.join(', ')}.`)
  return [...new Set(files)]
}

/** @param mayBeEmpty whether a folder without one is passed over: a pattern fits what it fits */
function meant(path: string, cwd: string, mayBeEmpty: boolean): readonly string[] {
  const full = resolve(cwd, path)
  if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return [path]
  const found = filesUnder(full)
  if (found.length === 0 && !mayBeEmpty) throw new Stop('invalid', `There is no ${defaultFile} under ${path}.`)
  return found.map(file => relative(cwd, file))
}

const skipped = new Set(skippedFolders)

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const here = entries.filter(entry => entry.isFile() && entry.name === defaultFile).map(({ name }) => join(folder, name))
  const below = entries.filter(entry => entry.isDirectory() && !skipped.has(entry.name))
  return [...here, ...below.flatMap(({ name }) => filesUnder(join(folder, name)))]
}
