import { join } from 'node:path'
import { dataDirFrom } from '../engine/dataDir.ts'
import { overlayFile } from '../topology/load.ts'
import type { Flags } from './flags.ts'

type Reading = Pick<
  Flags,
  'env' | 'envFile' | 'baseline' | 'journal' | 'dataDir' | 'sandbox' | 'sandboxState' | 'sandboxSeed' | 'sandboxFaults' | 'sandboxLog'
>

/** The files that a run of these topologies reads, as far as the command line tells: what they extend is known later. */
export function filesRead(files: readonly string[], flags: Reading): string[] {
  const { env, envFile, baseline, journal, sandbox, sandboxState, sandboxSeed, sandboxFaults, sandboxLog } = flags
  const overlays = env === undefined ? [] : files.map(file => overlayFile(file, env))
  const states = sandbox ? files.map(file => sandboxState ?? join(dataDirFrom(file, flags), 'sandbox.json')) : []
  const named = [baseline, journal, sandboxSeed, sandboxFaults, sandboxLog].flatMap(file => file ?? [])
  return [...new Set([...files, ...overlays, ...envFile, ...named, ...states])]
}
