import { type ApplyDocument, applyDocumentOf } from '../document/documents.ts'
import { apply as applyEngine } from '../engine/apply.ts'
import { topologyFiles } from '../engine/files.ts'
import { UsageError } from '../engine/stop.ts'
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
  if (flags.parallelism === 0) throw new UsageError('--parallelism takes a whole number from 1.')
  const saved = savedPlanIn(given, flags, terminal)
  const files = saved ? [saved.file] : await topologyFiles(given, terminal.cwd)
  const used = saved?.flags ?? flags
  // Only asked whether everything can go where it is to go: what an apply prints it prints as it goes.
  outputsFor(used, filesRead([...files, ...given], used), terminal)
  return withEvents(flags, terminal, async (tell, shown) => {
    const options = { ...optionsOf(files, used, shown), ...(saved && { saved }) }
    const report = used.json ? shown.err : shown.out
    const host = hostOn({ flags: used, terminal: shown, report, tell })
    const outcome = await applyEngine(options, host)
    if (!outcome.sound) return { ending: 'invalid', documents: [], problem: host.problem() }
    const documents = outcome.topologies.map(one => ({ ...applyDocumentOf(one), exit_code: exitCodes[one.ending] }))
    if (used.json) shown.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', applies: documents }))
    return { ending: worst(outcome.topologies.map(({ ending }) => ending)), documents, problem: host.problem() }
  })
}
