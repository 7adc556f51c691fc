import type { PlanDocument } from '../document/plan.generated.ts'
import { planFormatVersion } from '../document/planDocument.ts'
import { refusalEnding } from '../engine/endings.ts'
import { withRights } from '../engine/rights.ts'
import { inSessions, type Planned, planIn, type Session, wayTo, withNotes } from '../engine/session.ts'
import { topologyHeading } from '../engine/topology.ts'
import { explainedReads } from '../live/explained.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Ending, worst } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { liftedForEach } from '../plan/several.ts'
import { isEmpty } from '../plan/summary.ts'
import { planEvents } from '../report/events.ts'
import { planText } from '../report/planText.ts'
import { readsText } from '../report/readsText.ts'

import { filesRead, topologyFiles } from './files.ts'
import type { Flags } from './flags.ts'
import { type Outputs, outputsFor, sarifText, type Tell, type Texts, withEvents } from './outputs.ts'
import { applySaved } from './planChoices.ts'
import { documentOf } from './savedPlan.ts'
import { soundFiles } from './soundFiles.ts'
import { styleFor, type Terminal } from './terminal.ts'

type Source = PlanDocument['source']

/**
 * Shows what an apply would do, in every form that is asked for, from one read. Makes no request but reads.
 *
 * @param source what is read, where the flags do not tell
 */
export async function plan(given: readonly string[], flags: Flags, terminal: Terminal, source?: Source): Promise<Ending> {
  const outputs = outputsFor(flags, filesRead(topologyFiles(given, terminal.cwd), flags), terminal)
  return withEvents(flags, terminal, (tell, shown) => planAll({ given, flags, terminal: shown, outputs, tell, source }))
}

interface Run {
  readonly given: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  readonly outputs: Outputs
  readonly tell: Tell
  readonly source: Source | undefined
}

async function planAll(run: Run): Promise<Ending> {
  const sound = await soundFiles(run)
  if (sound === undefined) return 'invalid'
  const { prepared, diagnostics } = sound
  const { flags, terminal, outputs } = run
  const codes: Ending[] = []
  const documents: PlanDocument[] = []
  const looked = await inSessions(prepared, flags, terminal, async sessions => {
    const planned: Looked[] = []
    for (const session of sessions) planned.push(await lookedThrough(session, sessions.length > 1))
    return planned
  })
  const notes = liftedForEach(
    looked.map(({ session, planned }) => ({
      topology: session.prepared.resolved.name,
      estate: wayTo(session.prepared, flags, terminal),
      plan: planned.plan
    }))
  )
  for (const [index, { session, planned }] of looked.entries()) {
    if (prepared.length > 1 && !outputs.takesStdout) terminal.out(topologyHeading(session.prepared))
    const { code, document } = told({ session, planned: withNotes(planned, notes[index] ?? []) }, run)
    codes.push(code)
    documents.push(document)
  }
  await outputs.write(textsOf(documents, diagnostics))
  const [first] = prepared
  if (!outputs.takesStdout && flags.out !== undefined && first !== undefined)
    terminal.out(printed`Saved. Apply exactly this with: ${applySaved(flags.out, { file: first.file, flags }, terminal)}\n`)
  return worst(codes)
}

const lookedThrough = async (session: Session, isOneOfSeveral: boolean): Promise<Looked> => ({
  session,
  planned: await withRights(await planIn(session, isOneOfSeveral ? 'beside' : 'now'), session)
})

interface Looked {
  readonly session: Session
  readonly planned: Planned
}

function told({ session, planned }: Looked, { flags, terminal, outputs, tell, source }: Run) {
  const document = documentOf(planned, session, source)
  tell(planEvents(document))
  if (!outputs.takesStdout) terminal.out(planText(document, styleFor(terminal, flags.noColor)))
  const say = outputs.takesStdout ? terminal.err : terminal.out
  if (flags.explainReads) say(printed`\n${asIs(readsText(explainedReads(planned.told)))}`)
  return { code: codeOf(planned, flags), document }
}

/** A wait is 7 where nothing else is to be done: with steps an apply does those first. */
function codeOf({ plan, view }: Planned, { detailedExitcode, checkRights }: Flags): Ending {
  const refused = refusalEnding(plan)
  if (refused !== 'ok') return refused
  if (view.verdict.as === 'waiting') return 'waiting'
  if (checkRights && (plan.rights?.lacking.length ?? 0) > 0) return 'waiting'
  return detailedExitcode && !isEmpty(plan) ? 'changes' : 'ok'
}

function textsOf(documents: readonly PlanDocument[], diagnostics: readonly Diagnostic[]): Texts {
  // We draw the written document: a secret that somebody else says is in neither.
  const written = (): PlanDocument[] => documents.map(document => JSON.parse(jsonText(document)) as PlanDocument)
  return {
    json: () => jsonText(documents.length === 1 ? documents[0] : { format_version: planFormatVersion, plans: documents }),
    out: () => jsonText(documents[0]),
    markdown: async () => (await import('../report/markdown.ts')).markdownOf(written()).text,
    html: async () => (await import('../report/html.ts')).htmlOf(written()),
    sarif: () => sarifText(diagnostics, documents)
  }
}
