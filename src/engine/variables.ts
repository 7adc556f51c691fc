import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { mustBeRegular } from '../model/regular.ts'
import type { Variables } from '../topology/interpolate.ts'
import type { Settings } from './settings.ts'
import { Stop } from './stop.ts'

/** Say where, not who: a file may read them without being allowed to. */
export const alwaysAllowed: readonly string[] = ['AZURE_SUBSCRIPTION_ID', 'AZURE_TENANT_ID']

/**
 * The variables that a topology may read. The process's own environment wins over those files. Node 20 takes `--env-file` for
 * itself too, wherever on the command line it stands, and loads the file into that environment; which names a topology may read
 * is not changed by that.
 *
 * @throws Stop
 */
export function variablesFor({
  envFile,
  allowEnv,
  environment,
  cwd
}: Pick<Settings, 'envFile' | 'allowEnv' | 'environment' | 'cwd'>): Variables {
  const fromFiles = new Map(envFile.flatMap(file => Object.entries(readEnvFile(file, cwd))))
  const allowed = new Set([...alwaysAllowed, ...allowEnv, ...fromFiles.keys()])
  const values = [...allowed].flatMap((name): [string, string][] => {
    // Azure Pipelines leaves a variable that it does not know as it was written: that is no password.
    const value = (environment[name] === `$(${name})` ? undefined : environment[name]) ?? fromFiles.get(name)
    return value === undefined ? [] : [[name, value]]
  })
  return { allowed, values: new Map(values) }
}

/** @throws Stop */
export function readEnvFile(file: string, cwd: string): Record<string, string> {
  try {
    mustBeRegular(resolve(cwd, file))
    const parsed: Record<string, string | undefined> = parseEnv(readFileSync(resolve(cwd, file), 'utf8'))
    return Object.fromEntries(Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  } catch (error) {
    throw new Stop('invalid', `The variables in ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
