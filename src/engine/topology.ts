import { type Beside, besideOf } from '../live/beside.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { at } from '../model/naming.ts'
import { option } from '../model/option.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import { printable } from '../model/printable.ts'
import type { Lock } from '../model/resource.ts'
import { type Resolved, resolve, UnfitEntry } from '../topology/resolve.ts'
import type { Loaded } from '../topology/topology.ts'
import { dataDirOf } from './dataDir.ts'
import { topologyFiles } from './files.ts'
import type { Host } from './host.ts'
import { load, type ReadFile } from './load.ts'
import type { Unsound } from './outcomes.ts'
import { consentsOf, mustNameServers } from './serverConsents.ts'
import type { Settings } from './settings.ts'
import { Stop, UsageError } from './stop.ts'

/** A topology that is sound, in ARM's terms, and where its journal lies. */
export interface Prepared {
  readonly file: string
  readonly dataDir: string
  readonly resolved: Resolved
  readonly warnings: readonly Diagnostic[]
  /** The topologies of the other files of this command. */
  readonly beside?: Beside
}

/** The files of a run with all that is wrong with them, warnings as well. One that is not sound stops them all. */
export type Files = Unsound | { readonly sound: true; readonly prepared: readonly Prepared[]; readonly diagnostics: readonly Diagnostic[] }

/**
 * Loads, checks and resolves every file before any of them is planned; nothing has met Azure then.
 *
 * @throws Stop where there is no file, or an entry that is none of ARM's; UsageError where a part of several is asked for, or a consent names no server
 */
export async function prepare(settings: Settings, host: Pick<Host, 'notify'>): Promise<Files> {
  const files = await topologyFiles(settings.files, settings.cwd)
  if (isSelecting(settings) && settings.duty !== undefined)
    throw new UsageError(
      `${option(settings, 'duty')} is a part by itself: leave ${option(settings, settings.target.length > 0 ? 'target' : 'exclude')} out.`
    )
  const ofOne = (['target', 'exclude', 'keepStoredCredential'] as const).find(name => settings[name].length > 0)
  if (ofOne !== undefined && files.length > 1)
    throw new UsageError(`${option(settings, ofOne)} is about the entries of one topology; there are several.`)
  const all: Opened[] = []
  // One after the other: the document of each is let go before the next is read, and is many times as large as what is made of it.
  for (const file of files) all.push(await opened(file, settings))
  const diagnostics = all.flatMap(({ warnings }) => warnings)
  const sound = all.every(({ resolved }) => resolved !== undefined)
  host.notify({ type: 'problems', diagnostics, sound })
  if (!sound) return { sound, diagnostics }
  const prepared = all.flatMap(({ resolved, ...one }) => (resolved === undefined ? [] : [{ ...one, resolved: resolved() }]))
  const topologies = prepared.map(({ resolved }) => resolved)
  mustNameServers(settings, topologies)
  return { sound, prepared: prepared.map((one, nth) => ({ ...one, beside: besideOf(topologies, nth) })), diagnostics }
}

/** One file, with what it comes to in ARM's terms where it is sound, or throws since it has none. */
type Opened = Omit<Prepared, 'resolved' | 'beside'> & { readonly resolved: (() => Resolved) | undefined }

async function opened(file: string, settings: Settings): Promise<Opened> {
  const loaded = await load(file, 'plan', settings)
  return {
    file,
    dataDir: dataDirOf(file, settings, settings.cwd),
    warnings: loaded.diagnostics,
    resolved: loaded.ok ? settled(() => inArmTerms(loaded, settings)) : undefined
  }
}

/** Makes it now, and gives it or throws when asked. */
function settled<T>(make: () => T): () => T {
  try {
    const made = make()
    return () => made
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** @throws Stop where an entry has no subscription, group or region, or is the same resource as another */
export function inArmTerms(
  { topology, positions }: Extract<Loaded, { ok: true }>,
  { subscription }: Pick<Settings, 'subscription'>
): Resolved {
  try {
    return resolve(topology, { subscription, positions })
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
  { resolved, beside }: Pick<Prepared, 'resolved' | 'beside'>,
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
  ...consentsOf(settings, resolved),
  endpoints: resolved.endpoints,
  ...(isSelecting(settings) && { selection: { target: settings.target, exclude: settings.exclude } }),
  ...(settings.duty !== undefined && { duty: settings.duty }),
  ...(beside && { elsewhere: beside.elsewhere })
})
