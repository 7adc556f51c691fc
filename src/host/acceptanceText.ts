import { relative, resolve, sep } from 'node:path'
import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import type { Acceptance } from '../engine/accepting.ts'
import type { Change } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { asIs, printable, printed } from '../model/printable.ts'
import type { Style } from '../report/style.ts'
import { textDiff } from '../report/textDiff.ts'
import { addressOfField } from '../topology/settings.ts'

/** Drift that counts and is in no change of the plan: a way back that leaves some of it says so. */
export function notPutBack({ entries }: DriftDocument, changes: readonly Change[]): string {
  const planned = new Set(changes.map(change => (change.op === 'delete' ? change.old.address : change.resource.address)))
  const left = entries.filter(({ counts, address }) => counts && !planned.has(address))
  if (left.length === 0) return ''
  return `\n${['Drifted, and not in this plan:', ...left.map(({ address, message }) => `  ${printable(address)}: ${printable(message)}`)].join('\n')}\n`
}

/** Drift of undeclared resources: it is in no file, and no file can take it over. */
export function notAccepted({ moved }: Acceptance, { entries }: DriftDocument): readonly DriftEntry[] {
  const known = new Set(moved.map(drift => `${drift.address} ${drift.field ?? ''}`))
  return entries.filter(({ counts, address, field = '' }) => counts && !known.has(`${address} ${field}`))
}

interface Around {
  readonly style: Style
  readonly cwd: string
}

/** The difference between files as they were and as they were written. */
export const writtenText = (files: Acceptance['files'], { style, cwd }: Around): string =>
  files.map(({ file, before, after }) => printed`\n${asIs(textDiff(nameFrom(cwd, file), { before, after }, style))}`).join('')

/** The difference that was written into the files, and what could not be. */
export function acceptanceText(acceptance: Acceptance, document: DriftDocument, around: Around): string {
  const { files, written, left } = acceptance
  const rest = [
    ...left.map(({ drift, reason }) => `  ${printable(addressOfField(drift))}: ${printable(reason)}`),
    ...notAccepted(acceptance, document).map(({ address, class: of, message }) =>
      of === 'unmanaged'
        ? `  ${printable(address)}: it is in no file: declare it, or take it away in Azure`
        : `  ${printable(address)}: ${printable(message)}`
    )
  ]
  const said = written.length === 0 ? 'Nothing was written.' : `Accepted ${counted(written.length, 'difference')} into the topology.`
  return `${writtenText(files, around)}\n${[said, ...(rest.length === 0 ? [] : ['Not accepted:', ...rest])].join('\n')}\n`
}

/** As Git would name it in this folder. */
function nameFrom(cwd: string, file: string): string {
  const below = relative(cwd, resolve(cwd, file))
  return (below.split(sep)[0] === '..' ? file : below).split(sep).join('/')
}
