import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Stop, UsageError } from '../engine/stop.ts'
import { alwaysAllowed, readEnvFile } from '../engine/variables.ts'
import { isBody } from '../model/json.ts'
import { kebab } from '../model/kebab.ts'
import { printable } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { isAddress, isYaml, overlayFile, unfitFolder } from '../topology/load.ts'
import type { FlagName, Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

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

/** A plan's topology, and the flags that it was made with. */
interface Followed {
  readonly file: string
  readonly flags: Flags
}

type Around = Pick<Surroundings, 'cwd' | 'env'>

/**
 * Sees to it that a saved plan, which may have been edited, chooses nothing outside the folder that the command was started in: neither
 * what is read, and quoted where it is wrong, nor what is written; nor where a token goes, nor which variables of the environment
 * are read. All that is for the command line: the plan's record of it only tells what is missing there.
 *
 * @throws UsageError with the flag that has to be given again
 */
export function choicesFollowed({ plan, topology }: Beside, saved: Followed, given: Flags, around: Around): void {
  const { cwd } = around
  const reason = why({ path: saved.file, is: 'topology' }, cwd)
  const isItsOwn = topology !== undefined && resolve(cwd, topology) === resolve(cwd, saved.file)
  if (topology !== undefined && (reason === undefined || !isItsOwn))
    throw new UsageError(`A saved plan is applied alone: apply ${plan} by itself.`)
  if (!isItsOwn) refuse(reason, saved.file, 'the topology', ['pglink', 'apply', pathWord(plan), pathWord(saved.file)])
  for (const { flag, values, against } of choicesIn(saved, given, around))
    for (const value of values) refuse(against(value), value, `--${kebab(flag)}`, words(flag, saved.flags))
}

/** The command line that applies a plan which was just saved, with what the plan alone would not be followed in. */
export function applySaved(plan: string, { file, flags }: Followed, around: Around): string {
  const topology = why({ path: file, is: 'topology' }, around.cwd) === undefined ? [] : [pathWord(file)]
  const again = choicesIn({ file, flags }, undefined, around).flatMap(({ flag, values, against }) =>
    values.some(value => against(value) !== undefined) ? words(flag, flags) : []
  )
  // A login is for the command line alone to say, and a plan does not ask for one.
  return shellLine(['pglink', 'apply', pathWord(plan), ...topology, ...again, ...words('lockIdentity', flags)])
}

/** The values that a plan has for one flag, and that the command line does not give. */
interface Choice {
  readonly flag: FlagName
  readonly values: readonly string[]
  /** Why a plan does not choose this one. */
  readonly against: (value: string) => string | undefined
}

function choicesIn({ file, flags }: Followed, given: Flags | undefined, { cwd, env }: Around): readonly Choice[] {
  const path = (flag: FlagName, is: Named['is'], more: Choice['against'] = () => undefined, of = listIn(flags, flag)): Choice => ({
    flag,
    values: listIn(given, flag).length > 0 ? [] : of,
    against: value => why({ path: value, is }, cwd) ?? more(value)
  })
  const others = (flag: FlagName): readonly string[] => listIn(flags, flag).filter(value => !listIn(given, flag).includes(value))
  return [
    { flag: 'armEndpoint', values: others('armEndpoint'), against: () => 'is sent a token, and is for the command line alone to choose' },
    {
      flag: 'allowEnv',
      values: others('allowEnv').filter(name => !alwaysAllowed.includes(name)),
      against: () => 'is for the command line alone to allow'
    },
    { flag: 'subscription', values: others('subscription'), against: id => elsewhere(id, env['AZURE_SUBSCRIPTION_ID']) },
    path('env', 'topology', undefined, flags.env === undefined ? [] : [overlayFile(file, flags.env)]),
    path('envFile', 'file', value => opened(value, given, { cwd, env })),
    path('baseline', 'baseline'),
    path('dataDir', 'folder'),
    path('sandboxState', 'file'),
    path('sandboxSeed', 'file')
  ]
}

/** It is where a topology that names none is written to. */
const elsewhere = (id: string, usual: string | undefined): string | undefined =>
  usual === undefined || usual === '' || usual.toLowerCase() === id.toLowerCase() ? undefined : `is not AZURE_SUBSCRIPTION_ID, ${usual}`

/** A name in such a file may be read from the environment, too: which those are a file does not choose that only a plan names. */
function opened(file: string, given: Flags | undefined, { cwd, env }: Around): string | undefined {
  const allowed = [...alwaysAllowed, ...(given?.allowEnv ?? [])]
  const name = Object.entries(readEnvFile(file, cwd)).find(
    ([known, value]) => !allowed.includes(known) && (env[known] ?? value) !== value
  )?.[0]
  return name === undefined ? undefined : `has the variable ${name}, which this environment sets to something else`
}

const listIn = (flags: Flags | undefined, flag: FlagName): readonly string[] => [flags?.[flag] ?? []].flat().map(String)

const words = (flag: FlagName, flags: Flags): readonly string[] => listIn(flags, flag).map(value => `--${kebab(flag)}=${value}`)

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
    throw new Stop('invalid', `${printable(path)}, which the saved plan names, is no ${is === 'folder' ? 'folder' : 'plain file'}.`)
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
    if (code !== 'ENOENT') throw new Stop('invalid', `${printable(path)}, which the saved plan names, cannot be read: ${String(code)}`)
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return undefined
    const above = dirname(path)
    const real = above === path ? undefined : realpathOf(above)
    return real === undefined ? undefined : join(real, basename(path))
  }
}
