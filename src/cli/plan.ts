import { planDocumentOf } from '../document/documents.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { planEnding } from '../engine/endings.ts'
import { topologyFiles } from '../engine/files.ts'
import { plan as planEngine } from '../engine/plan.ts'
import { roleFor } from '../engine/role.ts'
import { UsageError } from '../engine/stop.ts'
import { tellingOf } from '../host/notice.ts'
import { explainedReads } from '../live/explained.ts'
import { worst } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { readsText } from '../report/readsText.ts'
import { filesRead } from './filesRead.ts'
import type { Flags } from './flags.ts'
import { hostOn, type Shown } from './host.ts'
import { optionsOf } from './options.ts'
import { outputsFor, sarifText, withEvents } from './outputs.ts'
import { applySaved } from './planChoices.ts'
import { planTexts } from './planTexts.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/** Shows what an apply would do, in every form that is asked for, from one read. Makes no request but reads. */
export async function plan(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Shown<PlanDocument>> {
  const files = await topologyFiles(given, terminal.cwd)
  const outputs = outputsFor(flags, filesRead(files, flags), terminal)
  if (flags.out !== undefined && files.length > 1) throw new UsageError('--out saves the plan of one topology; there are several.')
  return withEvents(flags, terminal, async (tell, shown) => {
    const options = optionsOf(files, flags, shown)
    const host = hostOn({ flags, terminal: shown, tell })
    const outcome = await planEngine(options, host)
    const { diagnostics } = outcome
    if (!outcome.sound) {
      await outputs.write({ sarif: () => sarifText(diagnostics, [], terminal) })
      return { ending: 'invalid', documents: [], problem: host.problem() }
    }
    const { topologies } = outcome
    const style = styleFor(shown, flags.noColor)
    for (const { planned, session } of topologies) {
      const heading = { type: 'topology', prepared: session.prepared } as const
      const notice = { type: 'planned', planned, session } as const
      tell?.(notice)
      if (!outputs.takesStdout)
        for (const one of topologies.length > 1 ? [heading, notice] : [notice]) shown.out(tellingOf(one, style, shown)?.text ?? '')
      const say = outputs.takesStdout ? shown.err : shown.out
      if (flags.explainReads) say(printed`\n${asIs(readsText(explainedReads({ notes: planned.live.readNotes, asked: planned.asked })))}`)
    }
    const documents = topologies.map(({ planned, session }) => planDocumentOf(planned, session))
    await outputs.write({ ...planTexts(documents, diagnostics, terminal), showPermissions: () => jsonText(roleFor(topologies)) })
    const [file] = files
    if (!outputs.takesStdout && flags.out !== undefined && file !== undefined)
      shown.out(printed`Saved. Apply exactly this with: ${applySaved(flags.out, { file, flags }, shown)}\n`)
    return {
      ending: worst(topologies.map(one => planEnding(one, { detailed: flags.detailedExitcode, checkRights: flags.checkRights }))),
      documents,
      problem: host.problem()
    }
  })
}
