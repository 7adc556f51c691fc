import { resolve } from 'node:path'
import { Stop } from '../engine/stop.ts'
import { notRegular } from '../model/regular.ts'

import { type Flags, readFrom } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** Looks at each file that a command line names, before anything is read. @throws Stop where one would be waited for for ever */
export function readableFiles(given: readonly string[], flags: Flags, { cwd }: Pick<Surroundings, 'cwd'>): void {
  for (const path of [...given, ...readFrom.flatMap(name => [flags[name] ?? []].flat().map(String))]) {
    const why = notRegular(resolve(cwd, path))
    if (why !== undefined) throw new Stop('invalid', `${path} cannot be read: ${why}.`)
  }
}
