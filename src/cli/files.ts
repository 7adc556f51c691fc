import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { dataDirFrom } from '../engine/dataDir.ts'
import { Stop } from '../engine/stop.ts'
import { overlayFile } from '../topology/load.ts'
import type { Flags } from './flags.ts'

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

type Reading = Pick<
  Flags,
  'env' | 'envFile' | 'baseline' | 'journal' | 'dataDir' | 'sandbox' | 'sandboxState' | 'sandboxSeed' | 'sandboxFaults' | 'sandboxLog'
>

/** The files that a run of these topologies reads, as far as the command line tells: what they extend is known later. */
export function filesRead(files: readonly string[], flags: Reading): string[] {
  const { env, envFile, baseline, journal, sandbox, sandboxState, sandboxSeed, sandboxFaults, sandboxLog } = flags
  const overlays = env === undefined ? [] : files.map(file => overlayFile(file, env))
  const states = sandbox ? files.map(file => sandboxState ?? join(dataDirFrom(file, flags), 'sandbox.json')) : []
  const named = [baseline, journal, sandboxSeed, sandboxFaults, sandboxLog].flatMap(file => file ?? [])
  return [...new Set([...files, ...overlays, ...envFile, ...named, ...states])]
}

const skipped = new Set(['node_modules', '.git', '.pglink'])

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const here = entries.filter(entry => entry.isFile() && entry.name === defaultFile).map(({ name }) => join(folder, name))
  const below = entries.filter(entry => entry.isDirectory() && !skipped.has(entry.name))
  return [...here, ...below.flatMap(({ name }) => filesUnder(join(folder, name)))]
}
