import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { counted } from '../model/counted.ts'
import { isTelling } from '../model/drift.ts'
import { at } from '../model/naming.ts'
import { printable } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { driftLooks, operations } from './looks.ts'
import type { Style } from './style.ts'
import { section } from './verdictText.ts'

/** The titles of the sections for a reader, in the order in which they matter. */
export const driftSections = [
  { class: 'both', counts: true, title: 'Changed in Azure, and in the file as well' },
  { class: 'drifted', counts: true, title: 'Changed in Azure since the last apply' },
  { class: 'differs', counts: true, title: 'Not as declared' },
  { class: 'unmanaged', counts: true, title: 'In Azure, and in no file' },
  { class: 'unknown', counts: false, title: 'Unknown, since it could not be read' },
  { class: 'asking', counts: false, title: 'Asks to be let in from elsewhere, which is a warning and no drift' },
  { class: 'waiting', counts: false, title: 'As declared, and waiting, which is no drift' },
  { class: 'pending', counts: false, title: 'Changed in the file and not applied yet, which is no drift' },
  { class: 'unmanaged', counts: false, title: 'Left behind by us, which is no drift' },
  { class: 'others', counts: false, title: 'In other topologies, which is no drift' },
  { class: 'leased', counts: false, title: 'Off for a run that is at it, which is no drift' }
] as const

export type DriftSection = (typeof driftSections)[number]

export const entriesOf = ({ entries }: DriftDocument, section: DriftSection): DriftEntry[] =>
  entries.filter(one => one.ignored === undefined && one.class === section.class && one.counts === section.counts)

/** The drift as a person reads it. Ends in a newline. */
export function driftText(document: DriftDocument, style: Style): string {
  const { entries, notes = [] } = document
  const texts = (some: readonly DriftEntry[]): string[] => some.map(one => entryText(one, document, style))
  const parts = [
    ...driftSections.flatMap(one => section(one.title, texts(entriesOf(document, one)), { indent: '' })),
    ...section('Notes', notes.map(addressed)),
    ...section(
      'Ignored, as `driftIgnore` says',
      entries.filter(one => one.ignored !== undefined).map(one => ignoredText(one, document, style))
    ),
    ...section('Entries of `driftIgnore` to take out, or to look at', staleIgnores(document).map(addressed))
  ]
  return `${[...parts, closing(document, style)].join('\n\n')}\n`
}

/** A sentence about an address. */
export interface Said {
  readonly address: string
  readonly message: string
}

/** Entries of `driftIgnore` that are over, or that nothing needs. */
export const staleIgnores = ({ ignores }: DriftDocument): Said[] =>
  ignores.flatMap(({ path, until, state }) => {
    const over = `is over since ${until ?? ''}, and counts again`
    return state === 'used' ? [] : { address: path, message: state === 'expired' ? over : 'is not needed: nothing it names differs' }
  })

/** The commands that end the drift, with what each does behind it; and what none of them touches. */
export function waysOutOf({ topology, baseline, entries }: DriftDocument): { readonly lines: string[]; readonly more?: string } {
  const args = shellLine([
    pathWord(topology.path),
    ...(topology.env === null ? [] : ['--env', topology.env]),
    ...(baseline === null ? [] : ['--baseline', baseline])
  ])
  const commands = [
    [`pglink drift ${args} --revert --out revert.json`, 'plan the way back, and save the plan'],
    ['pglink apply revert.json', 'exactly that'],
    [`pglink drift ${args} --accept`, 'or write what is there into the file']
  ] as const
  const width = Math.max(...commands.map(([command]) => command.length))
  const lines = commands.map(([command, says]) => `${command.padEnd(width)}   # ${says}`)
  const undeclared = entries.some(({ counts, class: of }) => counts && of === 'unmanaged')
  return { lines, ...(undeclared && { more: 'Both leave alone what is in no file: declare it, or take it away in Azure.' }) }
}

const addressed = ({ address, message }: Said): string => `${printable(address)}: ${printable(message)}`

function entryText(entry: DriftEntry, document: DriftDocument, { colors }: Style): string {
  const { address, source, field, ignore, who } = entry
  const sign =
    field === undefined && (entry.class === 'drifted' || entry.class === 'differs') ? operations.delete.sign : driftLooks[entry.class][0]
  const paint = entry.counts ? (sign === '~' ? colors.yellow : colors.red) : colors.dim
  const place = source ? `  ${colors.dim(at(source))}` : ''
  const said = field !== undefined && saysMore(entry) ? [`      ${printable(entry.message)}`] : []
  const writers = who === undefined ? [] : [colors.dim(`      ${printable(who.text)}`)]
  const agree = ignore === undefined ? [] : [colors.dim(`      ignore: ${printable(ignore)}`)]
  return [`${paint(sign)} ${colors.bold(printable(address))}  ${whatText(entry, document)}${place}`, ...said, ...writers, ...agree].join(
    '\n'
  )
}

const ignoredText = (entry: DriftEntry, document: DriftDocument, style: Style): string => {
  const { ignored } = entry
  const who = [ignored?.owner ?? undefined, ignored?.until ? `until ${ignored.until}` : undefined].flatMap(text => text ?? [])
  const why = `${printable(ignored?.reason ?? '')}${who.length === 0 ? '' : ` (${who.map(printable).join(', ')})`}`
  return `${printable(entry.address)}  ${whatText(entry, document)}\n      ${style.colors.dim(why)}`
}

const whatText = (entry: DriftEntry, document: DriftDocument): string =>
  entry.field === undefined ? printable(entry.message) : `${printable(entry.field)}: ${valuesText(entry, document)}`

/** The sentence of a plain difference is the section's own. */
export const saysMore = ({ class: of, field }: DriftEntry): boolean => of === 'unmanaged' || of === 'others' || isTelling(field)

const valueText = (value: unknown): string => (value === null || value === undefined ? '(not set)' : printable(JSON.stringify(value)))

/** As applied, in the file and in Azure; what is the same is said once. */
function valuesText({ class: of, baseline, desired, live }: DriftEntry, document: DriftDocument): string {
  if (of === 'both' || (of === 'pending' && document.baseline !== null))
    return `applied ${valueText(baseline)}, in the file ${valueText(desired)}, in Azure ${valueText(live)}`
  return `${valueText(desired)} -> ${valueText(live)} in Azure`
}

function closing({ clean, verdict, summary, baseline }: DriftDocument, { colors }: Style): string {
  const paint = { drift: colors.red, clean: colors.green, unknown: colors.yellow }[verdict.as]
  const hint =
    baseline === null && !clean && summary.differs > 0
      ? ['Without the topology as last applied (--baseline REF) pglink cannot tell who changed it.']
      : []
  return [paint(printable(verdict.text)), ...hint, `${counted(summary.reads, 'ARM read')}.`].join('\n')
}
