import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, relative, resolve as resolvePath, sep } from 'node:path'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { asIs, printed } from '../model/printable.ts'
import { mustBeRegular } from '../model/regular.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import type { Purpose } from '../topology/interpolate.ts'
import { isYaml, UnfitFile, unfit } from '../topology/load.ts'
import { type Loaded, loadTopology } from '../topology/topology.ts'
import { variablesFor } from './variables.ts'

export type ReadFile = (file: string) => Promise<Uint8Array>

/** One topology file with what was given for it, loaded and checked. */
export async function load(
  file: string,
  purpose: Purpose,
  flags: Pick<Flags, 'env' | 'envFile' | 'allowEnv' | 'subscription'>,
  terminal: Terminal,
  read: ReadFile = readingBeside(resolvePath(terminal.cwd, file), terminal.cwd)
): Promise<Loaded> {
  return loadTopology({
    file,
    ...(flags.env !== undefined && { env: flags.env }),
    readFile: read,
    variables: variablesFor(flags, terminal),
    purpose,
    subscription: flags.subscription
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

/** The file that a command names is meant, whatever its name; what a link in its place leads to was chosen by who made the link. */
async function unfitLink(asked: string, real: string): Promise<string | undefined> {
  if (isYaml(real) || !(await lstat(asked)).isSymbolicLink()) return undefined
  return 'is a symbolic link to what is no .yaml or .yml file'
}

export const countOf = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter(diagnostic => diagnostic.severity === severity).length

export function printProblems(diagnostics: readonly Diagnostic[], print: (text: string) => void): void {
  if (diagnostics.length > 0) print(printed`${asIs(diagnosticsText(diagnostics))}\n`)
}
