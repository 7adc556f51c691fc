import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, relative, resolve as resolvePath, sep } from 'node:path'
import { mustBeRegular } from '../model/regular.ts'
import type { Purpose } from '../topology/interpolate.ts'
import { isYaml, UnfitFile, unfit } from '../topology/load.ts'
import { type Loaded, loadTopology } from '../topology/topology.ts'
import type { Settings } from './settings.ts'
import { variablesFor } from './variables.ts'

export type ReadFile = (file: string) => Promise<Uint8Array>

/** The settings that files are read with. */
export type FileSettings = Pick<Settings, 'cwd' | 'environment' | 'env' | 'envFile' | 'allowEnv' | 'subscription' | 'words'>

/** One topology file with what was given for it, loaded and checked. */
export async function load(
  file: string,
  purpose: Purpose,
  settings: FileSettings,
  read: ReadFile = readingBeside(resolvePath(settings.cwd, file), settings.cwd)
): Promise<Loaded> {
  return loadTopology({
    file,
    ...(settings.env !== undefined && { env: settings.env }),
    readFile: read,
    variables: variablesFor(settings),
    purpose,
    subscription: settings.subscription,
    words: settings.words
  })
}

/**
 * Reads what lies in the folder of `top` or below it, and nothing that a symbolic link leads to elsewhere: who may change a
 * topology by a pull request must not choose what is read, and quoted in messages, of the machine that checks it.
 */
export function readingBeside(top: string, cwd: string): ReadFile {
  return async path => {
    const asked = resolvePath(cwd, path)
    const real = await realpath(asked)
    const folder = await realpath(dirname(top))
    if (!real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`))
      throw Object.assign(new Error('it leads out of the folder of the topology'), { code: 'ELOOP' })
    const why = asked === top ? await unfitLink(asked, real) : unfit(relative(folder, real))
    if (why !== undefined) throw new UnfitFile(why)
    mustBeRegular(real)
    return readFile(real)
  }
}

/** The same, with other texts in place of some of the files. */
export function readingOver(texts: ReadonlyMap<string, string>, top: string, cwd: string): ReadFile {
  const fromDisk = readingBeside(top, cwd)
  return async path => {
    const text = texts.get(path)
    return text === undefined ? fromDisk(path) : Buffer.from(text)
  }
}

/** The file that a command names is meant, whatever its name; what a link in its place leads to was chosen by who made the link. */
async function unfitLink(asked: string, real: string): Promise<string | undefined> {
  if (isYaml(real) || !(await lstat(asked)).isSymbolicLink()) return undefined
  return 'is a symbolic link to what is no .yaml or .yml file'
}
