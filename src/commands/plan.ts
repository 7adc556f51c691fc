import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isEmpty } from '../plan/summary.ts'
import { planText } from '../report/planText.ts'
import { jsonText, printable } from '../report/printable.ts'
import { type ExitCode, exitCodes, refusalCode, worst } from './exitCodes.ts'
import type { Flags } from './flags.ts'
import { documentOf } from './savedPlan.ts'
import { inSession, planIn } from './session.ts'
import { styleFor, type Terminal } from './terminal.ts'
import { type Prepared, prepare } from './topology.ts'
import { Stop, UsageError } from './usage.ts'

/** Shows what an apply would do. Makes no request but reads. */
export async function plan(given: readonly string[], flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return exitCodes.invalid
  if (flags.out !== undefined && prepared.length > 1) throw new UsageError('--out saves the plan of one topology; there are several.')
  const codes: ExitCode[] = []
  const documents: unknown[] = []
  for (const one of prepared) {
    const { code, document } = await planOne(one, flags, terminal)
    codes.push(code)
    documents.push(document)
  }
  if (flags.json) terminal.out(jsonText(documents.length === 1 ? documents[0] : { format_version: '1.0', plans: documents }))
  return worst(codes)
}

const planOne = (prepared: Prepared, flags: Flags, terminal: Terminal): Promise<{ readonly code: ExitCode; readonly document: unknown }> =>
  inSession(prepared, flags, terminal, async session => {
    const planned = await planIn(session)
    const document = documentOf(planned, session)
    if (flags.out !== undefined) save(resolve(terminal.cwd, flags.out), document)
    if (!flags.json) terminal.out(planText(planned.view, styleFor(terminal, flags.noColor)))
    if (!flags.json && flags.out !== undefined) terminal.out(`Saved. Apply exactly this with: pglink apply ${printable(flags.out)}\n`)
    const refused = refusalCode(planned.plan)
    const changed = flags.detailedExitcode && !isEmpty(planned.plan) ? exitCodes.changes : exitCodes.ok
    return { code: refused === exitCodes.ok ? changed : refused, document }
  })

function save(path: string, document: unknown): void {
  try {
    writeFileSync(path, jsonText(document))
  } catch (error) {
    throw new Stop(1, `The plan cannot be saved: ${error instanceof Error ? error.message : String(error)}`)
  }
}
