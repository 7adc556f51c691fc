import type { DriftEntry } from '../document/drift.generated.ts'
import type { Danger, GraphNode, PlanFinding, PlanStep, ResourceChange } from '../document/plan.generated.ts'
import type { DrawnNode } from '../kinds/drawn.ts'
import { kindNamed } from '../kinds/index.ts'
import { managementLock } from '../kinds/managementLock.ts'
import type { Style } from './style.ts'

/** A sort of step that a reader tells apart, and the words under which a page offers it. */
export const sortWords = {
  create: 'create',
  update: 'update',
  replace: 'replace',
  destroy: 'destroy',
  lock: 'locks',
  decide: 'decisions',
  prove: 'proofs',
  call: 'calls'
} as const

type Sort = keyof typeof sortWords

/** One operation, to whoever reads of it. */
export interface OperationLook {
  readonly sort: Sort
  readonly sign: string
  /** For a terminal that has no more characters than these. */
  readonly ascii?: string
  readonly colour: 'green' | 'yellow' | 'red' | 'magenta' | 'cyan' | 'blue'
  readonly disc: string
  readonly word: string
  /** The line of the legend; operations of one sign have one. */
  readonly meaning: string
  /** The heaviest comes first in a table, and stays longest in one that is too long. */
  readonly weight: number
  /** While it runs, and when it has ended; Terraform's words where it has some. */
  readonly run: readonly [doing: string, done: string]
}

export type Operation = PlanStep['op'] | 'replace'

const lock = { sort: 'lock', sign: '!', colour: 'magenta', disc: '🟣', meaning: 'lift or restore a management lock', weight: 2 } as const

/** Each operation, in the order of the legend. */
export const operations: Readonly<Record<Operation, OperationLook>> = {
  create: {
    sort: 'create',
    sign: '+',
    colour: 'green',
    disc: '🟢',
    word: 'create',
    meaning: 'create',
    weight: 5,
    run: ['Creating', 'Creation complete']
  },
  update: {
    sort: 'update',
    sign: '~',
    colour: 'yellow',
    disc: '🟡',
    word: 'update',
    meaning: 'update in-place (current -> planned)',
    weight: 4,
    run: ['Modifying', 'Modifications complete']
  },
  delete: {
    sort: 'destroy',
    sign: '-',
    colour: 'red',
    disc: '🔴',
    word: 'destroy',
    meaning: 'destroy',
    weight: 0,
    run: ['Destroying', 'Destruction complete']
  },
  replace: {
    sort: 'replace',
    sign: '-/+',
    colour: 'red',
    disc: '🔴',
    word: 'replace',
    meaning: 'destroy and then create replacement',
    weight: 1,
    run: ['Replacing', 'Replaced']
  },
  'lock.lift': { ...lock, word: 'lift lock', run: ['Lifting', 'Lifted'] },
  'lock.lower': { ...lock, word: 'lower lock', run: ['Lowering', 'Lowered'] },
  'lock.restore': { ...lock, word: 'restore lock', run: ['Restoring', 'Restored'] },
  'connection.approve': {
    sort: 'decide',
    sign: '✓',
    ascii: 'v',
    colour: 'cyan',
    disc: '🔵',
    word: 'approve',
    meaning: 'approve a connection',
    weight: 3,
    run: ['Approving', 'Approved']
  },
  'connection.reject': {
    sort: 'decide',
    sign: '✗',
    ascii: 'x',
    colour: 'red',
    disc: '🔴',
    word: 'reject',
    meaning: 'reject a connection',
    weight: 3,
    run: ['Rejecting', 'Rejected']
  },
  prove: {
    sort: 'prove',
    sign: '?',
    colour: 'blue',
    disc: '🔵',
    word: 'prove',
    meaning: 'look at both ends, write nothing',
    weight: 6,
    run: ['Proving', 'Proven']
  },
  invoke: { sort: 'call', sign: '>', colour: 'blue', disc: '🟡', word: 'call', meaning: 'call', weight: 4, run: ['Working', 'Done'] }
}

/** The words of a proof while it runs, and when it has ended, by what it looks for. */
export const proofWords: Readonly<Record<PlanStep['looks_for'] & string, OperationLook['run']>> = {
  path: ['Proving', 'Proven'],
  approval: ['Waiting for approval', 'Approved at both ends'],
  policy: ['Waiting on the policy', 'Written by the policy'],
  record: ['Looking for the record', 'Looked']
}

/** The look of a step: of a replacement it is one half. */
export function lookOfStep({ op, replaces }: Pick<PlanStep, 'op' | 'replaces'>): OperationLook {
  return replaces ? { ...operations.replace, word: op === 'delete' ? 'destroy' : 'recreate' } : operations[op]
}

/** The operation of a change; the two halves of a replacement are one. */
export const operationOf = ({ change: { actions } }: ResourceChange): 'create' | 'update' | 'replace' | 'delete' =>
  actions.length > 1 ? 'replace' : (actions[0] ?? 'update')

/** A sign in its colour, as the terminal takes them. */
export function painted({ sign, ascii = sign, colour }: OperationLook, { colors, unicode }: Style): string {
  return colors[colour](unicode ? sign : ascii)
}

export type Mark = GraphNode['mark']

/** One mark in every picture: its sign and words, and its colours for a light page. */
export interface MarkLook {
  readonly sign: string
  readonly says: string
  readonly line: string
  readonly fill: string
  /** The same two for a dark page. */
  readonly dark: readonly [line: string, fill: string]
  readonly style: 'solid' | 'dashed' | 'dotted'
  /** Mermaid draws on a page that is light or dark: fill, line and text each have to be given. */
  readonly flow: { readonly fill: string; readonly line: string; readonly text: string; readonly width?: 2; readonly dashes?: string }
  /** Its lines there, which stand on either page; the page's own where there is none. */
  readonly flowLine?: string
}

export const marks: Readonly<Record<Mark, MarkLook>> = {
  same: {
    sign: '',
    says: 'unchanged',
    line: '#818b98',
    fill: '#f6f8fa',
    dark: ['#9198a1', '#151b23'],
    style: 'solid',
    flow: { fill: '#f6f8fa', line: '#8c959f', text: '#1f2328' }
  },
  create: {
    sign: '+',
    says: 'added',
    line: '#1a7f37',
    fill: '#dafbe1',
    dark: ['#3fb950', '#12261e'],
    style: 'solid',
    flow: { fill: '#dafbe1', line: '#1a7f37', text: '#0b3d17', width: 2 },
    flowLine: '#2da44e'
  },
  update: {
    sign: '~',
    says: 'changed',
    line: '#9a6700',
    fill: '#fff8c5',
    dark: ['#d29922', '#272115'],
    style: 'solid',
    flow: { fill: '#fff8c5', line: '#9a6700', text: '#3b2300', width: 2 },
    flowLine: '#bf8700'
  },
  replace: {
    sign: '-/+',
    says: 'replaced',
    line: '#bc4c00',
    fill: '#fff1e5',
    dark: ['#f0883e', '#2b1b12'],
    style: 'solid',
    flow: { fill: '#ffe2cc', line: '#bc4c00', text: '#471700', width: 2 },
    flowLine: '#e16f24'
  },
  delete: {
    sign: '-',
    says: 'removed',
    line: '#cf222e',
    fill: '#ffebe9',
    dark: ['#f85149', '#301b1e'],
    style: 'dashed',
    flow: { fill: '#ffebe9', line: '#cf222e', text: '#5c0a11', width: 2, dashes: '5 4' },
    flowLine: '#fa4549'
  },
  unmanaged: {
    sign: '!',
    says: 'left the file, stays',
    line: '#8250df',
    fill: '#fbefff',
    dark: ['#ab7df8', '#231c3a'],
    style: 'dotted',
    flow: { fill: '#eaeef2', line: '#6e7781', text: '#1f2328', dashes: '2 3' },
    flowLine: '#818b98'
  },
  unknown: {
    sign: '?',
    says: 'could not be read',
    line: '#0969da',
    fill: '#ddf4ff',
    dark: ['#4493f8', '#121d2f'],
    style: 'dotted',
    flow: { fill: '#ddf4ff', line: '#0969da', text: '#0a3069', dashes: '2 3' },
    flowLine: '#218bff'
  }
}

/** The marks of what is not as it was. */
export const changedMarks = (Object.keys(marks) as Mark[]).filter(mark => mark !== 'same')

/** The title of each sort of danger before its sentence, and what one and several are called; the worst first. */
export const dangerLooks: Readonly<Record<Danger['kind'], { readonly title: string; readonly one: string; readonly more: string }>> = {
  delete: { title: 'Destroyed', one: 'destroyed', more: 'destroyed' },
  replace: { title: 'Replaced', one: 'destroyed and made again', more: 'destroyed and made again' },
  'lock-off': { title: 'Lock off now', one: 'lock off now', more: 'locks off now' },
  'lock-memory': {
    title: 'Lock remembered by the journal alone',
    one: 'lock that only the journal remembers',
    more: 'locks that only the journal remembers'
  },
  'inherited-unlock': { title: 'Inherited lock off', one: 'inherited lock off', more: 'inherited locks off' },
  unlock: { title: 'Lock off', one: 'lock off', more: 'locks off' },
  moved: { title: 'In another place', one: 'thing of ours in another place', more: 'things of ours in another place' },
  exposure: { title: 'Network exposure', one: 'new way in over the network', more: 'new ways in over the network' },
  unproven: { title: 'Unproven', one: 'path that goes unproven', more: 'paths that go unproven' },
  password: { title: 'Password set', one: 'password set', more: 'passwords set' },
  irreversible: { title: 'Cannot be undone', one: 'change that cannot be undone', more: 'changes that cannot be undone' },
  interrupt: { title: 'Interruption', one: 'interruption', more: 'interruptions' },
  restart: { title: 'Restart', one: 'restart', more: 'restarts' }
}

/** A document that somebody else made may have a danger of any kind. */
export const dangerTitle = (kind: string): string => (Object.hasOwn(dangerLooks, kind) ? dangerLooks[kind as Danger['kind']].title : kind)

/** One class of drift: its sign on a terminal, and what it means and wants to code scanning. */
interface DriftLook {
  readonly sign: string
  readonly means: string
  readonly fix: string
}

const eitherWay = 'pglink drift --revert plans the way back, and --accept writes what is there into the file'

/** No plan takes away what is in no file, and nobody can undo a change that could not be read. */
export const driftLooks: Readonly<Record<DriftEntry['class'], DriftLook>> = {
  drifted: { sign: '~', means: 'It was changed in Azure since the last apply.', fix: eitherWay },
  both: { sign: '~', means: 'It was changed in Azure, and in the file as well, since the last apply.', fix: eitherWay },
  differs: { sign: '~', means: 'It is not as declared.', fix: eitherWay },
  unmanaged: {
    sign: '+',
    means: 'It is in Azure, and in no file.',
    fix: 'declare it, or take it away in Azure; driftIgnore agrees to it'
  },
  others: { sign: ' ', means: 'It is of another topology.', fix: 'nothing is to be done here' },
  waiting: {
    sign: ' ',
    means: 'It is as declared, and its connection is not Approved yet.',
    fix: 'let the owner of the server decide on the connection'
  },
  unknown: {
    sign: '?',
    means: 'It could not be read, so that nobody knows whether it drifted.',
    fix: 'see to it that it may be read, and look again'
  },
  pending: { sign: ' ', means: 'It was changed in the file, and is not applied yet.', fix: 'apply the file' },
  leased: { sign: '!', means: 'It is a lock that a run has off, and is to put back.', fix: 'let that run end' }
}

/** The title of each sort of finding for a reader, in the order in which they matter. */
export const findingTitles: Readonly<Record<PlanFinding['as'], string>> = {
  refused: 'Refused, so this plan cannot be applied:',
  broken: 'Broken on the way to a server:',
  waiting: 'Waiting for somebody:',
  lock: 'Locks that are off, and that an apply first puts back:',
  differs: 'Not as declared:',
  undeclared: 'In Azure, and in no file:',
  marker: 'Markers of locks that are back, which an apply removes:',
  unmanaged: 'Left the file and stays, since nothing asked for its deletion (--prune, removed):'
}

/** The kind of what is lifted and restored, as tables name it. */
export const lockKind = managementLock.name

/** One kind in pictures and in words. */
interface KindLook extends Pick<DrawnNode, 'shape' | 'icon'> {
  readonly title: string
  /** Kinds that are drawn alike share it. */
  readonly name: string
}

/** A document that somebody else made may have a node of any kind. */
export function kindLook(kind: string): KindLook {
  const known = kindNamed.get(kind)
  const title = known?.title ?? (kind === 'topology' ? kind : 'resource')
  if (known === undefined || typeof known.drawn === 'string') return { title, name: 'resource', shape: 'box', icon: 'M3 3h10v10H3z' }
  return { title, name: kind, shape: known.drawn.shape, icon: known.drawn.icon }
}

/** The colour of an outcome, and of what the read after it proves. */
export const outcomeColours = {
  done: 'green',
  failed: 'red',
  unknown: 'red',
  skipped: 'dim',
  waiting: 'yellow',
  unproven: 'yellow',
  proven: 'green',
  wrong: 'red'
} as const
