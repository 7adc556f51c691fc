import { type Dirent, existsSync, readdir } from 'node:fs'
import { isAbsolute, resolve, sep } from 'node:path'
import { Stop, UsageError } from './stop.ts'

/** Signs that stand for names. Where a file has just such a name, that file is meant. */
const signs = /[*?[{]|[!@+]\(/

/** Whether a path stands for all the files that it fits. */
export const isPattern = (path: string, cwd: string): boolean => signs.test(path) && !existsSync(resolve(cwd, path))

/** No topology lies in these folders. */
export const skippedFolders = ['node_modules', '.git', '.pglink']

type Told = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void

/**
 * The files and folders that a pattern fits, in the order of their paths; no link is followed. Expanded here, and not by a shell, so that it
 * is the same for each: cmd.exe expands nothing, and `**` is `*` in bash unless it is told otherwise.
 *
 * @param separator what parts folders on this machine: a pattern has it, or `/`
 * @throws UsageError where nothing fits, Stop where a folder cannot be looked into, since a topology in it would be passed over
 */
export async function matching(pattern: string, cwd: string, separator: string = sep): Promise<readonly string[]> {
  // Loaded here alone: every other command would wait for it.
  const { glob } = await import('tinyglobby')
  let unread: NodeJS.ErrnoException | undefined
  const looking = (path: string, options: { withFileTypes: true }, told: Told): void =>
    readdir(path, options, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') unread ??= error
      told(error, entries)
    })
  const found = await glob(separator === '\\' ? pattern.replaceAll('\\', '/') : pattern, {
    cwd,
    absolute: isAbsolute(pattern),
    expandDirectories: false,
    onlyFiles: false,
    followSymbolicLinks: false,
    ignore: skippedFolders.map(folder => `**/${folder}/**`),
    // Without it, what it cannot look into is nothing to it.
    fs: { readdir: looking as typeof readdir }
  })
  if (unread !== undefined) throw new Stop('invalid', `${pattern} cannot be followed: ${unread.message}`)
  if (found.length === 0) throw new UsageError(`No file fits ${pattern} (looked for from ${cwd}).`)
  return found
    .map(path => path.replace(/\/$/, ''))
    .sort(byFolder)
    .map(path => path.replaceAll('/', separator))
}

/** The files of a folder before the folders in it, as where a folder is given. */
function byFolder(one: string, other: string): number {
  const [a, b] = [one.split('/'), other.split('/')]
  const at = a.findIndex((part, index) => part !== b[index])
  const [partOfA, partOfB] = [a[at], b[at]]
  if (partOfA === undefined || partOfB === undefined) return a.length - b.length
  const isFile = (parts: readonly string[]): boolean => parts.length === at + 1
  if (isFile(a) !== isFile(b)) return isFile(a) ? -1 : 1
  return partOfA < partOfB ? -1 : 1
}
