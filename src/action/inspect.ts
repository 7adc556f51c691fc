import * as core from '@actions/core'
import { settingsIn } from '../cli/options.ts'
import type { Surroundings } from '../cli/terminal.ts'
import { topologyFiles } from '../engine/files.ts'
import { load } from '../engine/load.ts'
import { annotate, annotationsOf, findingOf } from '../github/annotations.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { Secret } from '../model/secret.ts'
import type { Purpose } from '../topology/interpolate.ts'
import type { Context } from './event.ts'
import type { Inputs } from './inputs.ts'

export interface Inspected {
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
  readonly sound: boolean
}

interface Looking {
  readonly inputs: Inputs
  readonly terminal: Surroundings
  readonly context: Pick<Context, 'workspace'>
}

/**
 * Reads the files as the command will, so that what is secret in them is masked in the log before any line can say it, and
 * what is wrong with them stands beside its line.
 */
export async function inspect({ inputs, terminal, context }: Looking, purpose: Purpose): Promise<Inspected> {
  const files = await topologyFiles(inputs.files, terminal.cwd)
  const loaded = await Promise.all(files.map(file => load(file, purpose, settingsIn(inputs.flags, terminal))))
  for (const one of loaded) if (one.ok) for (const secret of secretsIn(one.topology)) core.setSecret(secret)
  const diagnostics = loaded.flatMap(one => one.diagnostics)
  if (inputs.annotations) annotate(annotationsOf(diagnostics.map(findingOf), { workspace: context.workspace, directory: terminal.cwd }))
  return { files, diagnostics, sound: loaded.every(one => one.ok) }
}

function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return value.isSet && value.reveal() !== '' ? [value.reveal()] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : []
}
