import { statSync } from 'node:fs'

/** A path that would be waited for, not read. */
class NoFile extends Error {
  override readonly name = 'NoFile'
}

/**
 * Why nothing can be read at a path, although something is there: a pipe waits for its writer, a device has no end, and a
 * link may lead back to itself. `undefined` for a file, for a folder, and where there is nothing.
 */
export function notRegular(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined || found.isFile() || found.isDirectory()) return undefined
    return found.isFIFO() ? 'it is a pipe and no file' : found.isSocket() ? 'it is a socket and no file' : 'it is a device and no file'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ELOOP' ? 'it is a symbolic link that leads nowhere' : undefined
  }
}

/** @throws NoFile, see {@link notRegular} */
export function mustBeRegular(path: string): void {
  const why = notRegular(path)
  if (why !== undefined) throw new NoFile(`${path} cannot be read: ${why}.`)
}
