import { packageText, schemaPath } from '../engine/packageFile.ts'
import type { Ending } from '../model/ending.ts'
import { asIs, printed } from '../model/printable.ts'
import type { Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** Prints the schema of a topology as this version has it, byte by byte. */
export async function schema(_: readonly string[], _flags: Flags, terminal: Surroundings): Promise<Ending> {
  terminal.out(printed`${asIs(packageText(schemaPath))}`)
  return 'ok'
}
