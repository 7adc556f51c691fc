import { topologyFiles } from '../cli/files.ts'
import type { Flags } from '../cli/flags.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Elsewhere } from '../model/elsewhere.ts'
import { at } from '../model/naming.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import { jsonText, printable } from '../model/printable.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { validateJson } from '../report/diagnostics.ts'
import { type Resolved, resolve, UnfitEntry } from '../topology/resolve.ts'
import type { Loaded } from '../topology/topology.ts'
import { dataDirOf } from './dataDir.ts'
import { load, printProblems, type ReadFile } from './load.ts'
import { Stop } from './stop.ts'

/** A topology that is sound, in ARM's terms, and where its journal lies. */
export interface Prepared {
  readonly file: string
  readonly dataDir: string
  readonly resolved: Resolved
  readonly warnings: readonly Diagnostic[]
  /** The resources that the other files of this command declare: they are in a file, if not in this one. */
  readonly others?: readonly Desired[]
  /** The resources that the other files make, and whether they come before this one. */
  readonly elsewhere?: Elsewhere
}

/** Stands above what is said of one topology where there are several: that nothing is to be done names none. */
export const topologyHeading = ({ file, resolved }: Prepared): string => `Topology ${printable(resolved.name)} (${printable(file)}):\n\n`

/**
 * Loads, checks and resolves every file before any of them is planned; nothing has met Azure then. Problems are
 * printed, as a document with `--json`.
 *
 * @param heard is given everything that is wrong, warnings as well
 * @returns `undefined` when a file is not sound
 */
export async function prepare(
  given: readonly string[],
  flags: Flags,
  terminal: Terminal,
  heard: (diagnostics: readonly Diagnostic[]) => void = () => undefined
): Promise<readonly Prepared[] | undefined> {
  const files = topologyFiles(given, terminal.cwd)
  const loaded = await Promise.all(files.map(async file => ({ file, loaded: await load(file, 'plan', flags, terminal) })))
  const diagnostics = loaded.flatMap(one => one.loaded.diagnostics)
  heard(diagnostics)
  if (loaded.some(one => !one.loaded.ok)) {
    if (flags.json) terminal.out(jsonText(validateJson(diagnostics)))
    else printProblems(diagnostics, terminal.err)
    return undefined
  }
  printProblems(diagnostics, terminal.err)
  const all = loaded.flatMap((one): Prepared[] =>
    one.loaded.ok
      ? [
          {
            file: one.file,
            dataDir: dataDirOf(one.file, flags, terminal.cwd),
            resolved: inArmTerms(one.loaded, flags),
            warnings: one.loaded.diagnostics
          }
        ]
      : []
  )
  return all.map((one, index) => ({
    ...one,
    others: all.flatMap(other => (other === one ? [] : [other.resolved.desired])),
    elsewhere: madeElsewhere(all, index)
  }))
}

/** Where two of the others make one resource, the first is named. */
function madeElsewhere(all: readonly Prepared[], own: number): Elsewhere {
  const made = all.flatMap(({ resolved: { name, desired } }, index) => {
    const comes: 'before' | 'after' = index < own ? 'before' : 'after'
    return index === own
      ? []
      : [...desired.values()].flatMap(({ id, managed }) => (managed ? [[id, { topology: name, comes }] as const] : []))
  })
  return new Map(made.toReversed())
}

/** @throws Stop where an entry has no subscription, group or region, or is the same resource as another */
export function inArmTerms(
  { topology, positions }: Extract<Loaded, { ok: true }>,
  { subscription }: Pick<Flags, 'subscription'>
): Resolved {
  try {
    return resolve(topology, { subscription, position: path => positions.at(path) })
  } catch (error) {
    if (error instanceof UnfitEntry) throw new Stop('invalid', `${at(error.at)} ${printable(error.message)}`)
    throw error
  }
}

/** The topology as it was: read with the same overlay and variables. @throws Stop when it cannot be */
export async function resolveBaseline(file: string, read: ReadFile, flags: Flags, terminal: Terminal): Promise<Resolved> {
  const loaded = await load(file, 'plan', flags, terminal, read)
  if (!loaded.ok) {
    printProblems(loaded.diagnostics, terminal.err)
    throw new Stop('invalid', 'The baseline is not a sound topology: see above.')
  }
  return inArmTerms(loaded, flags)
}

/** The file's `safety:` with what the flags change of it. */
export const optionsFor = (
  { resolved, elsewhere }: Prepared,
  flags: Flags,
  baseline: Resolved | undefined,
  owed: readonly Lock[]
): PlanOptions => ({
  owed,
  topology: resolved.name,
  safety: {
    ...resolved.safety,
    ...(flags.maxDeletes !== undefined && { maxDeletes: flags.maxDeletes }),
    ...(flags.liftInheritedLocks && { liftInheritedLocks: true }),
    ...(flags.journalOnlyMemory && { lockMemory: 'journal' as const })
  },
  prune: flags.prune,
  baseline: baseline?.desired,
  removed: resolved.removed,
  lowered: resolved.lowered,
  allowDelete: flags.allowDelete,
  allowLockedDelete: flags.allowLockedDelete,
  allowInterrupt: flags.allowInterrupt,
  endpoints: resolved.endpoints,
  ...(elsewhere && { elsewhere })
})
