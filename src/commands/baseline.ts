import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { printable } from '../report/printable.ts'
import type { Resolved } from '../topology/resolve.ts'
import type { Flags } from './flags.ts'
import { type ReadFile, readingBeside } from './load.ts'
import type { Terminal } from './terminal.ts'
import { resolveBaseline } from './topology.ts'
import { Stop } from './usage.ts'

const git = promisify(execFile)
const bytesMax = 64 * 1024 * 1024

/** What `--baseline` names: a file where there is one of that name, else a commit to read the same file from. @throws Stop */
export async function baselineOf(file: string, flags: Flags, terminal: Terminal): Promise<Resolved | undefined> {
  const { baseline } = flags
  if (baseline === undefined) return undefined
  if (existsSync(resolve(terminal.cwd, baseline))) {
    // An overlay of today says nothing of a file of yesterday that has its own name.
    const read = readingBeside(resolve(terminal.cwd, baseline), terminal.cwd)
    return resolveBaseline(baseline, read, { ...flags, env: undefined }, terminal)
  }
  const folder = resolve(terminal.cwd, dirname(file))
  await mustBeCommit(baseline, folder)
  return resolveBaseline(file, atCommit(baseline, folder, terminal.cwd), flags, terminal)
}

/** @throws Stop */
async function mustBeCommit(ref: string, folder: string): Promise<void> {
  try {
    await git('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], { cwd: folder })
  } catch {
    throw new Stop(4, `The baseline ${printable(ref)} is neither a file nor a commit.`)
  }
}

/** Reads as of a commit, with `extends` and overlays as they were then. */
function atCommit(ref: string, folder: string, cwd: string): ReadFile {
  return async path => {
    const name = relative(folder, resolve(cwd, path))
    try {
      const { stdout } = await git('git', ['show', `${ref}:./${name}`], { cwd: folder, encoding: 'buffer', maxBuffer: bytesMax })
      return stdout
    } catch {
      throw new Error(`the commit ${ref} has no such file`)
    }
  }
}
