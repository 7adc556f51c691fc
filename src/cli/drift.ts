import pkg from '../../package.json' with { type: 'json' }
import type { DriftDocument } from '../document/drift.generated.ts'
import { driftFormatVersion, driftJson } from '../document/driftJson.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { type Compared, judged, locksOff, locksUnseen, readUndeclared } from '../drift/index.ts'
import { acceptDrift } from '../engine/accepting.ts'
import { refusalEnding } from '../engine/endings.ts'
import { draftIn, inSessions, preparedFrom, type ReadFor, type Session, undeclaredWanted } from '../engine/session.ts'
import { UsageError } from '../engine/stop.ts'
import { topologyHeading } from '../engine/topology.ts'
import type { Change } from '../model/change.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Ending, worst } from '../model/ending.ts'
import { asIs, jsonText, printable, printed } from '../model/printable.ts'
import { notesOn, pathsOf } from '../proof/path.ts'
import { driftText } from '../report/driftText.ts'
import { driftEvents } from '../report/events.ts'
import { planText } from '../report/planText.ts'

import { filesRead, topologyFiles } from './files.ts'
import { consentFlags, type Flags, flagText, isGiven } from './flags.ts'
import { type Outputs, outputsFor, sarifText, type Tell, type Texts, withEvents } from './outputs.ts'
import { applySaved } from './planChoices.ts'
import { documentOf } from './savedPlan.ts'
import { soundFiles } from './soundFiles.ts'
import { styleFor, type Terminal } from './terminal.ts'

/**
 * Shows where Azure and the topology do not agree, with requests that only read. Where something declared could not be read nothing is
 * clean: drift that was found is 3 whatever else is unknown, and without any an unknown is 1.
 */
export async function drift(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  if (flags.accept && flags.revert) throw new UsageError('Give --accept or --revert, not both.')
  if (flags.out !== undefined && !flags.revert) throw new UsageError('--out saves the plan that --revert makes: give both.')
  const consent = consentFlags.find(name => isGiven(flags[name]))
  if (consent !== undefined && !flags.revert)
    throw new UsageError(`--${flagText(consent)} is about the plan that --revert makes: give both.`)
  const outputs = outputsFor(flags, filesRead(topologyFiles(given, terminal.cwd), flags), terminal)
  return withEvents(flags, terminal, (tell, shown) => driftAll({ given, flags, terminal: shown, outputs, tell }))
}

interface Run {
  readonly given: readonly string[]
  readonly flags: Flags
  readonly terminal: Terminal
  readonly outputs: Outputs
  readonly tell: Tell
}

interface Found {
  readonly document: DriftDocument
  readonly plan: PlanDocument | undefined
  readonly code: Ending
}

async function driftAll(run: Run): Promise<Ending> {
  const sound = await soundFiles(run)
  if (sound === undefined) return 'invalid'
  const { prepared, diagnostics } = sound
  const { flags, terminal, outputs } = run
  const found: Found[] = []
  await inSessions(prepared, flags, terminal, async sessions => {
    for (const session of sessions) {
      if (sessions.length > 1 && !outputs.takesStdout) terminal.out(topologyHeading(session.prepared))
      found.push(await driftOne(session, sessions.length > 1 ? 'beside' : 'now', run))
    }
  })
  await outputs.write(textsOf(found, diagnostics))
  const [first] = prepared
  if (!outputs.takesStdout && flags.out !== undefined && first !== undefined)
    terminal.out(printed`Saved. Apply exactly this with: ${applySaved(flags.out, { file: first.file, flags }, terminal)}\n`)
  const codes = found.map(({ code }) => code)
  return codes.includes('drift') ? worst(codes.filter(code => code !== 'error')) : worst(codes)
}

async function driftOne(session: Session, how: ReadFor, { flags, terminal, outputs, tell }: Run): Promise<Found> {
  const { prepared } = session
  const say = outputs.takesStdout ? terminal.err : terminal.out
  const style = styleFor(terminal, flags.noColor)
  const { document, compared, revert } = await lookIn(session, how)
  tell(driftEvents(document))
  if (!outputs.takesStdout) terminal.out(driftText(document, style))
  if (flags.accept)
    return { document, plan: undefined, code: await acceptDrift({ document, compared, prepared, flags, terminal, say, style }) }
  if (revert === undefined) return { document, plan: undefined, code: codeOf(document) }
  const plan = documentOf(revert, session)
  if (!outputs.takesStdout) terminal.out(printed`\n${asIs(planText(plan, style))}${asIs(notPutBack(document, revert.plan.changes))}`)
  return { document, plan, code: worst([codeOf(document), refusalEnding(revert.plan)]) }
}

/** Drift that counts and is in no change of the plan: a way back that leaves some of it says so. */
function notPutBack({ entries }: DriftDocument, changes: readonly Change[]): string {
  const planned = new Set(changes.map(change => (change.op === 'delete' ? change.old.address : change.resource.address)))
  const left = entries.filter(({ counts, address }) => counts && !planned.has(address))
  if (left.length === 0) return ''
  return `\n${['Drifted, and not in this plan:', ...left.map(({ address, message }) => `  ${printable(address)}: ${printable(message)}`)].join('\n')}\n`
}

/** Reads once: what is declared, today and as last applied, and then what nobody declared. */
async function lookIn(session: Session, how: ReadFor) {
  const { prepared, baseline, flags, connection } = session
  const { resolved } = prepared
  const drafted = await draftIn(session, how)
  const { live, locks, owners, reads } = drafted.seen
  const { plan } = drafted.whole
  const compared: Compared = { resolved, baseline, live }
  const azure = connection.open('reading')
  const undeclared = await readUndeclared(azure, undeclaredWanted(session, live, owners))
  const left = [
    ...locksOff({ desired: resolved.desired, baseline: baseline?.desired, off: locks.off }),
    ...locksUnseen(resolved.desired, live.locksUnreadable)
  ]
  const document = driftJson(judged(compared, plan, [...undeclared, ...left]), {
    toolVersion: pkg.version,
    timestamp: new Date().toISOString(),
    source: flags.sandbox || flags.armEndpoint !== undefined ? 'sandbox' : 'azure',
    topology: { name: resolved.name, path: prepared.file, env: flags.env ?? null },
    baseline: flags.baseline ?? null,
    reads: reads + azure.calls.reads,
    notes: notesOn(pathsOf({ ...resolved, live }), { ...resolved, live })
  })
  return { document, compared, revert: flags.revert ? await preparedFrom(session, drafted) : undefined }
}

const codeOf = ({ verdict: { as } }: DriftDocument): Ending => (({ drift: 'drift', clean: 'ok', unknown: 'error' }) as const)[as]

function textsOf(found: readonly Found[], diagnostics: readonly Diagnostic[]): Texts {
  const documents = found.map(({ document }) => document)
  // We draw the written document: a secret that somebody else says is in neither.
  const written = (): DriftDocument[] => documents.map(document => JSON.parse(jsonText(document)) as DriftDocument)
  return {
    json: () => jsonText(documents.length === 1 ? documents[0] : { format_version: driftFormatVersion, drifts: documents }),
    out: () => jsonText(found[0]?.plan),
    markdown: async () => (await import('../report/driftMarkdown.ts')).driftMarkdownOf(written()).text,
    sarif: async () => sarifText([...diagnostics, ...(await import('../report/driftSarif.ts')).driftDiagnostics(documents)], [])
  }
}
