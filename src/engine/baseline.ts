import { statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { option } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import { isYaml } from '../topology/load.ts'
import type { Resolved } from '../topology/resolve.ts'
import { type Commit, commitOf } from './git.ts'
import type { Host } from './host.ts'
import { type ReadFile, readingBeside } from './load.ts'
import type { Settings } from './settings.ts'
import { Stop, UsageError } from './stop.ts'
import { resolveBaseline } from './topology.ts'

/**
 * The topology that the option `baseline` names: a file where there is one of that name, else a commit to read the same file from.
 *
 * @throws Stop where it is neither, UsageError where it is both
 */
export async function baselineOf(file: string, settings: Settings, host: Pick<Host, 'notify'>): Promise<Resolved | undefined> {
  const { baseline, cwd } = settings
  if (baseline === undefined) return undefined
  const path = resolve(cwd, baseline)
  const isFile = baseline !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === false
  const folder = resolve(cwd, dirname(file))
  const commit = isFile && saysFile(baseline) ? undefined : await commitOf(baseline, folder)
  // A branch can hold a file that is named as the branch is which it is to be compared with.
  if (isFile && commit)
    throw new UsageError(
      `${option(settings, 'baseline', baseline)} is the name of a file and of a commit: give ./${baseline} for the file, or ${commit.id} for the commit.`
    )
  // An overlay of today says nothing of a file of yesterday that has its own name.
  if (isFile) return resolveBaseline(baseline, readingBeside(path, cwd), { ...settings, env: undefined }, host)
  if (commit === undefined) throw new Stop('invalid', `The baseline ${printable(baseline)} is neither a file nor a commit.`)
  return resolveBaseline(file, atCommit(commit, folder, cwd), settings, host)
}

/** When a baseline that is a commit was committed, in milliseconds since 1970; `undefined` for a file, whose time says nothing. */
export async function baselineTime(file: string, { baseline, cwd }: Settings): Promise<number | undefined> {
  if (baseline === undefined || saysFile(baseline)) return undefined
  return (await commitOf(baseline, resolve(cwd, dirname(file))))?.time()
}

/** Whether a name is written as no commit's is. */
const saysFile = (name: string): boolean => isYaml(name) || /^\.{0,2}[\\/]/.test(name) || /\.json$/i.test(name)

/** Reads as of a commit, with `extends` and overlays as they were then. */
const atCommit =
  (commit: Commit, folder: string, cwd: string): ReadFile =>
  path =>
    commit.read(relative(folder, resolve(cwd, path)).split(sep).join('/'))
