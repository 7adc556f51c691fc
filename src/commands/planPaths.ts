import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { isBody } from '../model/json.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { printable } from '../report/printable.ts'
import { isAddress, isYaml, unfitFolder } from '../topology/load.ts'
import { type FlagName, type Flags, flagText } from './flags.ts'
import { Stop, UsageError } from './usage.ts'

/** A path that a saved plan names, and what is to be there. */
interface Named {
  readonly path: string
  readonly is: 'topology' | 'file' | 'folder' | 'baseline'
}

/** The files on the command line: the plan, and perhaps its topology beside it. */
interface Beside {
  readonly plan: string
  readonly topology: string | undefined
}

interface Followed {
  readonly file: string
  readonly flags: Flags
}

/** The flags with a path that a plan records. */
const flagsWithPaths = { baseline: 'baseline', envFile: 'file', dataDir: 'folder', sandboxState: 'file', sandboxSeed: 'file' } as const

/**
 * Sees to it that a saved plan, which anybody may have edited, chooses nothing outside the folder that the command was started in: neither
 * what is read, and quoted where it is wrong, nor what is written. The user chose the paths of the command line there.
 *
 * @throws UsageError with the flag that has to be given again
 */
export function pathsFollowed({ plan, topology }: Beside, saved: Followed, given: Flags, cwd: string): void {
  const reason = why({ path: saved.file, is: 'topology' }, cwd)
  const isItsOwn = topology !== undefined && resolve(cwd, topology) === resolve(cwd, saved.file)
  if (topology !== undefined && (reason === undefined || !isItsOwn))
    throw new UsageError(`A saved plan is applied alone: apply ${plan} by itself.`)
  if (!isItsOwn) refuse(reason, saved.file, 'the topology', ['pglink', 'apply', pathWord(plan), pathWord(saved.file)])
  for (const { name, is, paths } of pathsIn(saved.flags)) {
    if ([given[name] ?? []].flat().length > 0) continue
    for (const path of paths) refuse(why({ path, is }, cwd), path, `--${flagText(name)}`, words(name, paths))
  }
}

/** The command line that applies a plan which was just saved, with the paths that the plan alone would not be followed to. */
export function applySaved(plan: string, { file, flags }: Followed, cwd: string): string {
  const topology = why({ path: file, is: 'topology' }, cwd) === undefined ? [] : [pathWord(file)]
  const again = pathsIn(flags).flatMap(({ name, is, paths }) =>
    paths.some(path => why({ path, is }, cwd) !== undefined) ? words(name, paths) : []
  )
  return shellLine(['pglink', 'apply', pathWord(plan), ...topology, ...again])
}

type FlagWithPath = keyof typeof flagsWithPaths

const pathsIn = (flags: Flags): readonly { readonly name: FlagWithPath; readonly is: Named['is']; readonly paths: readonly string[] }[] =>
  (Object.entries(flagsWithPaths) as [FlagWithPath, Named['is']][]).map(([name, is]) => ({ name, is, paths: [flags[name] ?? []].flat() }))

const words = (name: FlagName, paths: readonly string[]): readonly string[] => paths.map(path => `--${flagText(name)}=${path}`)

function refuse(reason: string | undefined, path: string, what: string, again: readonly string[]): void {
  if (reason === undefined) return
  throw new UsageError(
    `The saved plan names ${path} for ${what}, which ${reason}. To have it followed, give it yourself: ${shellLine(again)}`
  )
}

/** Why a path is none that a plan may choose, by the rules of `extends`; `undefined` where it may. @throws Stop where it is no file */
function why({ path, is }: Named, cwd: string): string | undefined {
  if (isAddress(path) || path.startsWith('~') || (sep === '/' && path.includes('\\'))) return 'is no path in this folder'
  const full = resolve(cwd, path)
  const real = realpathOf(full)
  if (real === undefined) return 'is a link that leads nowhere'
  const places = [relative(cwd, full), relative(realpathSync(cwd), real)]
  if (places.some(leadsOut)) return 'is not in this folder, or below it'
  const hidden = places
    .map(place => unfitFolder(is === 'file' || is === 'folder' ? withoutOurs(place) : place))
    .find(one => one !== undefined)
  if (hidden !== undefined) return hidden
  const found = statSync(real, { throwIfNoEntry: false })
  // A missing file is said where it is read, and a commit may have the name.
  if (found === undefined || (is === 'baseline' && found.isDirectory())) return undefined
  if (is === 'folder' ? !found.isDirectory() : !found.isFile())
    throw new Stop(4, `${printable(path)}, which the saved plan names, is no ${is === 'folder' ? 'folder' : 'plain file'}.`)
  if (is === 'file' || is === 'folder' || (isYaml(full) && isYaml(real))) return undefined
  return is === 'topology' && isJsonTopology(real) ? undefined : 'is no .yaml or .yml file'
}

/** Whether a JSON file is a topology: of any other, in which tokens may be, no line is quoted. */
function isJsonTopology(file: string): boolean {
  if (!/\.json$/i.test(file)) return false
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isBody(value) && value['version'] === 1
  } catch {
    return false
  }
}

/** Our own folder is hidden, and holds what pglink wrote. */
const withoutOurs = (place: string): string =>
  place
    .split(sep)
    .filter(part => part !== '.pglink')
    .join(sep)

const leadsOut = (place: string): boolean => place.split(sep)[0] === '..' || isAbsolute(place)

/** The real path of a file, or where it would be; `undefined` for a link that leads to nothing. @throws Stop for a circle of links */
function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT') throw new Stop(4, `${printable(path)}, which the saved plan names, cannot be read: ${String(code)}`)
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return undefined
    const above = dirname(path)
    const real = above === path ? undefined : realpathOf(above)
    return real === undefined ? undefined : join(real, basename(path))
  }
}
