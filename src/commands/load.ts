import { readFile, realpath } from 'node:fs/promises'
import { dirname, resolve as resolvePath, sep } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import type { Purpose } from '../topology/interpolate.ts'
import { type Loaded, loadTopology } from '../topology/topology.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'
import { variablesFor } from './variables.ts'

export type ReadFile = (file: string) => Promise<Uint8Array>

/** One topology file with what was given for it, loaded and checked. */
export async function load(
  file: string,
  purpose: Purpose,
  flags: Pick<Flags, 'env' | 'envFile' | 'allowEnv'>,
  terminal: Terminal,
  read: ReadFile = readingBeside(resolvePath(terminal.cwd, file), terminal.cwd)
): Promise<Loaded> {
  return loadTopology({
    file,
    ...(flags.env !== undefined && { env: flags.env }),
    readFile: read,
    variables: variablesFor(flags, terminal),
    purpose
  })
}

/**
 * Reads what lies in the folder of `top` or below it, and nothing that a symbolic link leads to elsewhere: who may change a
 * topology by a pull request must not choose what is read, and quoted in messages, of the machine that checks it.
 */
export function readingBeside(top: string, cwd: string): ReadFile {
  return async path => {
    const real = await realpath(resolvePath(cwd, path))
    const folder = await realpath(dirname(top))
    if (real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)) return readFile(real)
    throw Object.assign(new Error('it leads out of the folder of the topology'), { code: 'ELOOP' })
  }
}

export const countOf = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter(diagnostic => diagnostic.severity === severity).length

export function printProblems(diagnostics: readonly Diagnostic[], print: (text: string) => void): void {
  if (diagnostics.length > 0) print(`${diagnosticsText(diagnostics)}\n`)
}
