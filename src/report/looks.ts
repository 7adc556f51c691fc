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

/** One operation, as a reader sees it. */
export interface OperationLook {
  readonly sort: Sort
  readonly sign: string
  readonly colour: 'green' | 'yellow' | 'red' | 'magenta' | 'cyan' | 'blue'
  readonly disc: string
  /** The heaviest comes first in a table, and stays longest in one that is too long: 0 is that. */
  readonly weight: number
  readonly word: string
  /** The line of the legend; operations of one sign have one. */
  readonly meaning: string
  /** While it runs, and when it has ended; Terraform's words where it has some. */
  readonly run: readonly [doing: string, done: string]
}

export type Operation = PlanStep['op'] | 'replace'

/** A row of the table below: what is seen, how heavy it is, and its words. */
const look = (
  [sort, sign, colour, disc]: readonly [OperationLook['sort'], string, OperationLook['colour'], string],
  weight: number,
  [word, meaning]: readonly [string, string],
  run: OperationLook['run']
): OperationLook => ({ sort, sign, colour, disc, weight, word, meaning, run })

const forLocks = ['lock', '!', 'magenta', '🟣'] as const
const aboutLocks = 'lift or restore a management lock'

/** Each operation, in the order of the legend. */
export const operations: Readonly<Record<Operation, OperationLook>> = {
  create: look(['create', '+', 'green', '🟢'], 5, ['create', 'create'], ['Creating', 'Creation complete']),
  update: look(
    ['update', '~', 'yellow', '🟡'],
    4,
    ['update', 'update in-place (current -> planned)'],
    ['Modifying', 'Modifications complete']
  ),
  delete: look(['destroy', '-', 'red', '🔴'], 0, ['destroy', 'destroy'], ['Destroying', 'Destruction complete']),
  replace: look(['replace', '-/+', 'red', '🔴'], 1, ['replace', 'destroy and then create replacement'], ['Replacing', 'Replaced']),
  'lock.lift': look(forLocks, 2, ['lift lock', aboutLocks], ['Lifting', 'Lifted']),
  'lock.lower': look(forLocks, 2, ['lower lock', aboutLocks], ['Lowering', 'Lowered']),
  'lock.restore': look(forLocks, 2, ['restore lock', aboutLocks], ['Restoring', 'Restored']),
  'connection.approve': look(['decide', '✓', 'cyan', '🔵'], 3, ['approve', 'approve a connection'], ['Approving', 'Approved']),
  'connection.reject': look(['decide', '✗', 'red', '🔴'], 3, ['reject', 'reject a connection'], ['Rejecting', 'Rejected']),
  prove: look(['prove', '?', 'blue', '🔵'], 6, ['prove', 'look at both ends, write nothing'], ['Proving', 'Proven']),
  invoke: look(['call', '>', 'blue', '🟡'], 4, ['call', 'call'], ['Working', 'Done'])
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

/** Whether a lock is off, or lowered, after a step. */
export const isLift = ({ op }: Pick<PlanStep, 'op'>): boolean => op === 'lock.lift' || op === 'lock.lower'

/** The operation of a change; the two halves of a replacement are one. */
export const operationOf = ({ change: { actions } }: ResourceChange): 'create' | 'update' | 'replace' | 'delete' =>
  actions.length > 1 ? 'replace' : (actions[0] ?? 'update')

/** For a terminal that has no more characters than these. */
const ascii: Readonly<Record<string, string>> = { '✓': 'v', '✗': 'x' }

/** A sign in its colour, as the terminal takes them. */
export const painted = ({ sign, colour }: OperationLook, { colors, unicode }: Style): string =>
  colors[colour](unicode ? sign : (ascii[sign] ?? sign))

export type Mark = GraphNode['mark']

/** One mark in every picture: its sign and words, how its lines are drawn, and its colours. */
export interface MarkLook {
  readonly sign: string
  readonly says: string
  readonly style: 'solid' | 'dashed' | 'dotted'
  readonly light: readonly [line: string, fill: string]
  readonly dark: readonly [line: string, fill: string]
  /** Mermaid draws on a page that is light or dark: line, fill and text of a box are given, and lines between boxes stand on either. */
  readonly flow: readonly [line: string, fill: string, text: string, between?: string]
}

const mark = (
  [sign, says, style]: readonly [string, string, MarkLook['style']],
  light: MarkLook['light'],
  dark: MarkLook['dark'],
  flow: MarkLook['flow']
): MarkLook => ({ sign, says, style, light, dark, flow })

/** Each mark, in the order of the legend. */
export const marks: Readonly<Record<Mark, MarkLook>> = {
  same: mark(['', 'unchanged', 'solid'], ['#818b98', '#f6f8fa'], ['#9198a1', '#151b23'], ['#8c959f', '#f6f8fa', '#1f2328']),
  create: mark(['+', 'added', 'solid'], ['#1a7f37', '#dafbe1'], ['#3fb950', '#12261e'], ['#1a7f37', '#dafbe1', '#0b3d17', '#2da44e']),
  inside: mark(
    ['~', 'changes inside', 'dotted'],
    ['#9a6700', '#f6f8fa'],
    ['#d29922', '#151b23'],
    ['#9a6700', '#f6f8fa', '#3b2300', '#bf8700']
  ),
  update: mark(['~', 'changed', 'solid'], ['#9a6700', '#fff8c5'], ['#d29922', '#272115'], ['#9a6700', '#fff8c5', '#3b2300', '#bf8700']),
  replace: mark(['-/+', 'replaced', 'solid'], ['#bc4c00', '#fff1e5'], ['#f0883e', '#2b1b12'], ['#bc4c00', '#ffe2cc', '#471700', '#e16f24']),
  delete: mark(['-', 'removed', 'dashed'], ['#cf222e', '#ffebe9'], ['#f85149', '#301b1e'], ['#cf222e', '#ffebe9', '#5c0a11', '#fa4549']),
  unmanaged: mark(
    ['!', 'left the file, stays', 'dotted'],
    ['#8250df', '#fbefff'],
    ['#ab7df8', '#231c3a'],
    ['#6e7781', '#eaeef2', '#1f2328', '#818b98']
  ),
  unknown: mark(
    ['?', 'could not be read', 'dotted'],
    ['#0969da', '#ddf4ff'],
    ['#4493f8', '#121d2f'],
    ['#0969da', '#ddf4ff', '#0a3069', '#218bff']
  )
}

/** The marks of what is not as it was. */
export const changedMarks = (Object.keys(marks) as Mark[]).filter(mark => mark !== 'same')

/** The title of each sort of danger before its sentence, and what one and several are called; the worst first. */
export const dangerLooks: Readonly<Record<Danger['kind'], readonly [title: string, one: string, more: string]>> = {
  partial: ['Partial', 'partial plan', 'partial plans'],
  delete: ['Destroyed', 'destroyed', 'destroyed'],
  replace: ['Replaced', 'destroyed and made again', 'destroyed and made again'],
  'lock-off': ['Lock off now', 'lock off now', 'locks off now'],
  'lock-memory': ['Lock remembered by the journal alone', 'lock that only the journal remembers', 'locks that only the journal remembers'],
  'inherited-unlock': ['Inherited lock off', 'inherited lock off', 'inherited locks off'],
  unlock: ['Lock off', 'lock off', 'locks off'],
  moved: ['In another place', 'thing of ours in another place', 'things of ours in another place'],
  'self-approval': ['Approves its own request', 'request that its own login may approve', 'requests that their own login may approve'],
  exposure: ['Network exposure', 'new way in over the network', 'new ways in over the network'],
  unproven: ['Unproven', 'path that goes unproven', 'paths that go unproven'],
  password: ['Password set', 'password set', 'passwords set'],
  'stored-credential': ['Credential kept', 'stored credential that is sent back', 'stored credentials that are sent back'],
  irreversible: ['Cannot be undone', 'change that cannot be undone', 'changes that cannot be undone'],
  interrupt: ['Interruption', 'interruption', 'interruptions'],
  restart: ['Restart', 'restart', 'restarts']
}

/** A document of another version may have a danger of any kind. */
export const dangerTitle = (kind: string): string => (Object.hasOwn(dangerLooks, kind) ? dangerLooks[kind as Danger['kind']][0] : kind)

const eitherWay = 'pglink drift --revert plans the way back, and --accept writes what is there into the file'

/**
 * Each class of drift: its sign on a terminal, and what it means and wants to code scanning. No plan takes away what is in no file, and
 * a change that could not be read cannot be undone.
 */
export const driftLooks: Readonly<Record<DriftEntry['class'], readonly [sign: string, means: string, fix: string]>> = {
  drifted: ['~', 'It was changed in Azure since the last apply.', eitherWay],
  both: ['~', 'It was changed in Azure, and in the file as well, since the last apply.', eitherWay],
  differs: ['~', 'It is not as declared.', eitherWay],
  unmanaged: ['+', 'It is in Azure, and in no file.', 'declare it, or take it away in Azure; driftIgnore agrees to it'],
  others: [' ', 'It is of another topology.', 'nothing is to be done here'],
  waiting: [' ', 'It is as declared, and its connection is not Approved yet.', 'let the owner of the server decide on the connection'],
  unknown: ['?', 'It could not be read, so that it is not known whether it drifted.', 'see to it that it may be read, and look again'],
  pending: [' ', 'It was changed in the file, and is not applied yet.', 'apply the file'],
  asking: [
    '?',
    'It asks to reach a server, and neither a file nor `trust` names it.',
    'decide on it, declare the decision, or name it in `trust`'
  ],
  leased: ['!', 'It is a lock that a run has off, and is to restore.', 'let that run end']
}

/** The title of each sort of finding for a reader, in the order in which they matter. */
export const findingTitles: Readonly<Record<PlanFinding['as'], string>> = {
  refused: 'Refused, so this plan cannot be applied',
  broken: 'Broken on the way to a server',
  waiting: 'Waiting for others',
  lock: 'Locks that are off, and that an apply first restores',
  differs: 'Not as declared',
  undeclared: 'In Azure, and in no file',
  marker: 'Markers of locks that are back, which an apply removes',
  unmanaged: 'Left the file and stays, since nothing asked for its deletion (--prune, removed)'
}

/** The kind of what is lifted and restored, as tables name it. */
export const lockKind = managementLock.name

/** One kind in pictures and in words. */
interface KindLook extends Pick<DrawnNode, 'shape' | 'icon'> {
  readonly title: string
  /** Kinds that are drawn alike share it. */
  readonly name: string
}

/** Frames around resources, which are none themselves, with their icons. */
const frames: Readonly<Record<string, string>> = {
  topology: 'M3 3h10v10H3z',
  subscription: 'M2 4h12v8.5H2zM2 7h12M4 10h3',
  region: 'M8 14.5S3 9.5 3 6a5 5 0 0 1 10 0c0 3.5-5 8.5-5 8.5zM8 7.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2z'
}

export const isFrameKind = (kind: string): boolean => Object.hasOwn(frames, kind)

/** A document of another version may have a node of any kind. */
export function kindLook(kind: string): KindLook {
  const known = kindNamed.get(kind)
  if (isFrameKind(kind)) return { title: kind, name: kind, shape: 'box', icon: frames[kind] ?? '' }
  const title = known?.title ?? 'resource'
  if (known === undefined || typeof known.drawn === 'string') return { title, name: 'resource', shape: 'box', icon: 'M3 3h10v10H3z' }
  return { title, name: kind, shape: known.drawn.shape, icon: known.drawn.icon }
}

/** How a hop of a path stands; `plain` is for a terminal that has no more characters. */
export const verifyLooks = {
  holds: { sign: '✓', plain: 'v', colour: 'green' },
  broken: { sign: '✗', plain: 'x', colour: 'red' },
  waiting: { sign: '?', plain: '?', colour: 'yellow' },
  unknown: { sign: '?', plain: '?', colour: 'yellow' }
} as const

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
