import { readFile } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
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
  read: ReadFile = path => readFile(resolvePath(terminal.cwd, path))
): Promise<Loaded> {
  return loadTopology({
    file,
    ...(flags.env !== undefined && { env: flags.env }),
    readFile: read,
    variables: variablesFor(flags, terminal),
    purpose
  })
}

export const countOf = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter(diagnostic => diagnostic.severity === severity).length

export function printProblems(diagnostics: readonly Diagnostic[], print: (text: string) => void): void {
  if (diagnostics.length > 0) print(`${diagnosticsText(diagnostics)}\n`)
}
