import type { Diagnostic } from '../model/diagnostic.ts'
import type { Elsewhere } from '../model/elsewhere.ts'
import { at } from '../model/naming.ts'
import { option } from '../model/option.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import { printable } from '../model/printable.ts'
import type { Desired, Lock } from '../model/resource.ts'
import { type Resolved, resolve, UnfitEntry } from '../topology/resolve.ts'
import type { Loaded } from '../topology/topology.ts'
import { dataDirOf } from './dataDir.ts'
import { topologyFiles } from './files.ts'
import type { Host } from './host.ts'
import { load, type ReadFile } from './load.ts'
import type { Unsound } from './outcomes.ts'
import type { Settings } from './settings.ts'
import { Stop, UsageError } from './stop.ts'

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

/** The files of a run with all that is wrong with them, warnings as well. One that is not sound stops them all. */
export type Files = Unsound | { readonly sound: true; readonly prepared: readonly Prepared[]; readonly diagnostics: readonly Diagnostic[] }

/**
 * Loads, checks and resolves every file before any of them is planned; nothing has met Azure then.
 *
 * @throws Stop where there is no file, or an entry that is none of ARM's; UsageError where a part of several is asked for
 */
export async function prepare(settings: Settings, host: Pick<Host, 'notify'>): Promise<Files> {
  const files = await topologyFiles(settings.files, settings.cwd)
  if (isSelecting(settings) && files.length > 1)
    throw new UsageError(
      `${option(settings, settings.target.length > 0 ? 'target' : 'exclude')} is about the entries of one topology; there are several.`
    )
  const loaded = await Promise.all(files.map(async file => ({ file, loaded: await load(file, 'plan', settings) })))
  const diagnostics = loaded.flatMap(one => one.loaded.diagnostics)
  const sound = loaded.every(one => one.loaded.ok)
  host.notify({ type: 'problems', diagnostics, sound })
  if (!sound) return { sound, diagnostics }
  const all = loaded.flatMap((one): Prepared[] =>
    one.loaded.ok
      ? [
          {
            file: one.file,
            dataDir: dataDirOf(one.file, settings, settings.cwd),
            resolved: inArmTerms(one.loaded, settings),
            warnings: one.loaded.diagnostics
          }
        ]
      : []
  )
  const prepared = all.map((one, index) => ({
    ...one,
    others: all.flatMap(other => (other === one ? [] : [other.resolved.desired])),
    elsewhere: madeElsewhere(all, index)
  }))
  return { sound, prepared, diagnostics }
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
  { subscription }: Pick<Settings, 'subscription'>
): Resolved {
  try {
    return resolve(topology, { subscription, position: path => positions.at(path) })
  } catch (error) {
    if (error instanceof UnfitEntry) throw new Stop('invalid', `${at(error.at)} ${printable(error.message)}`)
    throw error
  }
}

/** The topology as it was: read with the same overlay and variables. @throws Stop when it cannot be */
export async function resolveBaseline(file: string, read: ReadFile, settings: Settings, host: Pick<Host, 'notify'>): Promise<Resolved> {
  const loaded = await load(file, 'plan', settings, read)
  if (!loaded.ok) {
    host.notify({ type: 'problems', diagnostics: loaded.diagnostics, sound: false, baseline: true })
    throw new Stop('invalid', 'The baseline is not a sound topology: see above.')
  }
  return inArmTerms(loaded, settings)
}

/** Whether the plan is of a part alone. */
const isSelecting = ({ target, exclude }: Settings): boolean => target.length + exclude.length > 0

/** The file's `safety:` with what the flags change of it. */
export const optionsFor = (
  { resolved, elsewhere }: Pick<Prepared, 'resolved' | 'elsewhere'>,
  settings: Settings,
  baseline: Resolved | undefined,
  owed: readonly Lock[]
): PlanOptions => ({
  owed,
  words: settings.words,
  topology: resolved.name,
  safety: {
    ...resolved.safety,
    ...(settings.maxDeletes !== undefined && { maxDeletes: settings.maxDeletes }),
    ...(settings.liftInheritedLocks && { liftInheritedLocks: true }),
    ...(settings.journalOnlyMemory && { lockMemory: 'journal' as const })
  },
  prune: settings.prune,
  baseline: baseline?.desired,
  removed: resolved.removed,
  moved: resolved.moved,
  lowered: resolved.lowered,
  allowDelete: settings.allowDelete,
  allowLockedDelete: settings.allowLockedDelete,
  allowInterrupt: settings.allowInterrupt,
  endpoints: resolved.endpoints,
  ...(isSelecting(settings) && { selection: { target: settings.target, exclude: settings.exclude } }),
  ...(elsewhere && { elsewhere })
})
