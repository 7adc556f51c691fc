import type { Diagnostic } from '../model/diagnostic.ts'
import type { Worded } from '../model/option.ts'
import type { Loaded } from '../topology/topology.ts'
import { topologyFiles } from './files.ts'
import { load } from './load.ts'
import type { FileOptions } from './options.ts'
import { settingsOf } from './settings.ts'

export interface Validated {
  readonly valid: boolean
  readonly files: readonly { readonly file: string; readonly loaded: Loaded }[]
  /** Errors and warnings, of all files. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Checks topology files, and touches nothing else. @throws Stop where they cannot be looked for */
export async function validate(options: FileOptions & Worded): Promise<Validated> {
  const settings = settingsOf(options)
  const found = await topologyFiles(settings.files, settings.cwd)
  const files = await Promise.all(found.map(async file => ({ file, loaded: await load(file, 'validate', settings) })))
  return { valid: files.every(({ loaded }) => loaded.ok), files, diagnostics: files.flatMap(({ loaded }) => loaded.diagnostics) }
}
