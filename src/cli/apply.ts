import type { ApplyDocument } from '../document/apply.generated.ts'
import { applyDocumentOf } from '../document/documents.ts'
import { apply as applyEngine } from '../engine/apply.ts'
import { topologyFiles } from '../engine/files.ts'
import type { SavedApplyOptions, TagOptions } from '../engine/settings.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { worst } from '../model/ending.ts'
import { jsonText } from '../model/printable.ts'
import { filesRead } from './filesRead.ts'
import type { Flags } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { optionsOf } from './options.ts'
import { outputsFor, withEvents } from './outputs.ts'
import { savedPlanIn } from './savedPlan.ts'
import type { Surroundings } from './terminal.ts'

/** Plans every topology, asks once, and carries the plans out, one after the other. */
export async function apply(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<ApplyDocument>> {
  const saved = savedPlanIn(given, flags, terminal)
  const files = saved ? [saved.file] : await topologyFiles(given, terminal.cwd)
  return carriedOut({ files, given, flags: saved?.flags ?? flags, events: flags, options: saved && { saved } }, terminal)
}

interface CarryOut {
  readonly files: readonly string[]
  /** Further files that are read. */
  readonly given: readonly string[]
  readonly flags: Flags
  /** The flags of this run, which say where its events go. */
  readonly events: Flags
  readonly options: Pick<SavedApplyOptions & TagOptions, 'saved' | 'tagging'> | undefined
}

/** Plans, asks and applies, and says how it ended. */
export function carriedOut(
  { files, given, flags: used, events, options: more }: CarryOut,
  terminal: Surroundings
): Promise<Shown<ApplyDocument>> {
  // Only asked whether everything can go where it is to go: what an apply prints it prints as it goes.
  outputsFor(used, filesRead([...files, ...given], used), terminal)
  return withEvents(events, terminal, async (tell, shown) => {
    const options = { ...optionsOf(files, used, shown), ...more }
    const report = used.json ? shown.err : shown.out
    const host = hostOn({ flags: used, terminal: shown, report, tell })
    const outcome = await applyEngine(options, host)
    if (!outcome.sound) return { ending: 'invalid', documents: [], problem: host.problem() }
    const documents = outcome.topologies.map(one => ({ ...applyDocumentOf(one), exit_code: exitCodes[one.ending] }))
    if (used.json) shown.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', applies: documents }))
    return { ending: worst(outcome.topologies.map(({ ending }) => ending)), documents, problem: host.problem() }
  })
}
