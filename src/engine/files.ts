import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Stop } from './stop.ts'

const defaultFile = 'topology.yaml'

/**
 * The topology files meant: a file as it is, a folder as every topology.yaml under it, in the order of their paths. Paths stay
 * relative to where the command was started, as a reader of a message knows them.
 *
 * @throws Stop when a folder holds none
 */
export function topologyFiles(given: readonly string[], cwd: string): string[] {
  const files = (given.length === 0 ? [defaultFile] : given).flatMap(path => {
    const full = resolve(cwd, path)
    if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return [path]
    const found = filesUnder(full)
    if (found.length === 0) throw new Stop('invalid', `There is no ${defaultFile} under ${path}.`)
    return found.map(file => relative(cwd, file))
  })
  return [...new Set(files)]
}

const skipped = new Set(['node_modules', '.git', '.pglink'])

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const here = entries.filter(entry => entry.isFile() && entry.name === defaultFile).map(({ name }) => join(folder, name))
  const below = entries.filter(entry => entry.isDirectory() && !skipped.has(entry.name))
  return [...here, ...below.flatMap(({ name }) => filesUnder(join(folder, name)))]
}
