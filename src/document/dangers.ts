import { flexibleServer } from '../kinds/flexibleServer.ts'
import { kindOf } from '../kinds/index.ts'
import type { ChangingCall } from '../kinds/said.ts'
import { inherits } from '../locks/planning.ts'
import type { Action, Change, FieldChange, PartOfPlan, Plan, Step } from '../model/change.ts'
import { counted } from '../model/counted.ts'
import { duration } from '../model/duration.ts'
import type { ResourceId } from '../model/id.ts'
import { addressesIn, lockTitle, type Naming, namingFrom } from '../model/naming.ts'
import { option, type Worded } from '../model/option.ts'
import type { Desired, Resource } from '../model/resource.ts'
import { liftedSeconds } from '../plan/estimate.ts'
import { callOf, costOf } from './cost.ts'
import type { Danger } from './plan.generated.ts'
import { subjectOf } from './step.ts'
import { named } from './value.ts'

/** Losses come before exposures, and those before outages; ahead of all, that it is not all. */
const order: readonly Danger['kind'][] = [
  'partial',
  'delete',
  'replace',
  'lock-off',
  'lock-memory',
  'inherited-unlock',
  'unlock',
  'moved',
  'self-approval',
  'exposure',
  'unproven',
  'password',
  'stored-credential',
  'irreversible',
  'interrupt',
  'restart'
]

/** The dangers that a reviewer has to see before anything else of a plan, the worst first. */
export function dangersOf(
  {
    changes,
    steps,
    part,
    locksOff = [],
    moved = [],
    ownRequests = []
  }: Pick<Plan, 'changes' | 'steps' | 'part' | 'locksOff' | 'moved' | 'ownRequests'>,
  desired: Desired,
  worded: Worded
): Danger[] {
  const naming = namingFrom(addressesIn(desired, { changes }))
  const found = [
    ...(part && part.left.length > 0 ? [partial(part)] : []),
    ...changes.flatMap(change => lost(change, desired)),
    ...locksOff.map(({ address, message }): Danger => ({ kind: 'lock-off', address, message })),
    ...lifts(steps, desired, naming),
    ...moved.map(one => about('moved', one, one.message)),
    ...ownRequests.map(one => about('self-approval', one, one.message)),
    ...changes.flatMap(change => exposed(change, desired)),
    ...steps.flatMap(passwords),
    ...changes.flatMap(change => kept(change, worded)),
    ...changes.flatMap(change => final(change, naming)),
    ...unproven(steps, naming, worded),
    ...interrupted(steps, desired, naming)
  ]
  return order.flatMap(kind => found.filter(danger => danger.kind === kind))
}

function partial({ target, exclude, left, ofDuty }: PartOfPlan): Danger {
  const duty = ofDuty === undefined ? [] : [`only the part of ${ofDuty.duty}`]
  const only = target.length === 0 ? [] : [`only ${target.join(', ')}, with all that is needed for it`]
  const without = exclude.length === 0 ? [] : [`without ${exclude.join(', ')}, and without what needs that`]
  const out = `${counted(left.length, 'change')} of the whole plan ${left.length === 1 ? 'is' : 'are'} left out`
  return { kind: 'partial', address: '', message: `${[...duty, ...only, ...without].join(', ')}; ${out}` }
}

/** A danger of one resource. */
const about = (kind: Danger['kind'], { address }: { readonly address: string }, sentence: string): Danger => ({
  kind,
  address,
  message: `${address}: ${sentence}`
})

/** The servers that this plan restarts, by a call of its own or by a write that does so. */
export const restarted = (steps: readonly Step[]): readonly ResourceId[] => [
  ...new Set(steps.flatMap(({ action }) => (restarts(action) ? [serverOf(action)] : [])))
]

type Restarting = Extract<Action, { do: 'invoke' | 'update' }>

/** A parameter that needs a restart does not make one: the call that does is a step of its own. */
const restarts = (action: Action): action is Restarting =>
  action.do === 'invoke'
    ? action.verb === 'restart'
    : action.do === 'update' && action.resource.kind === flexibleServer.name && action.fields.some(field => field.restarts)

const serverOf = (action: Restarting): ResourceId => (action.do === 'invoke' ? action.id : action.resource.id)

function lost(change: Change, desired: Desired): Danger[] {
  if (change.op !== 'delete' && change.op !== 'replace') return []
  const { address, kind } = change.old
  const again = change.op === 'replace' ? ` and created again${closedUntil(change, desired)}` : ''
  return [{ kind: change.op, address, message: `${address} (${kindOf({ kind }).title}) will be destroyed${again}` }]
}

/** A way in that works today, and does not under its own name before its owner has approved it once more. */
function closedUntil({ resource, old }: Extract<Change, { op: 'replace' }>, desired: Desired): string {
  const { path } = kindOf(resource)
  if (!path?.asks?.(resource.props) || path.leads?.(old, undefined) === false) return ''
  const decides = (other: Resource): boolean => kindOf(other).path?.part === 'decision' && other.refs.includes(resource.id)
  return [...desired.values()].some(decides)
    ? ''
    : ': no client gets through it from then on, until the owner of its other end approves it again'
}

function lifts(steps: readonly Step[], desired: Desired, naming: Naming): Danger[] {
  const seconds = liftedSeconds(steps)
  return steps.flatMap(({ action }): Danger[] => {
    if (action.do !== 'lift') return []
    const { lock, how, memory } = action
    const address = lock.path
    const title = lockTitle(lock, naming)
    const alone = `nothing in Azure remembers the ${title} while it is off: where the journal on this machine is lost with the run, no run knows that it is missing`
    const [kind, reach] = inherits(lock) ? (['inherited-unlock', ', for everything under it'] as const) : (['unlock', ''] as const)
    const off = `${how === 'lower' ? 'lowered to CanNotDelete' : 'off'} for about ${duration((seconds.get(address) ?? 0) * 1_000)}`
    return [
      ...(memory.in === 'journal' ? [{ kind: 'lock-memory' as const, address, message: alone }] : []),
      { kind, address, message: `${title} will be ${off}${reach}${wayToLeave(action, desired)}` }
    ]
  })
}

/** The way to leave a lock on that ARM would not mind, and that is not ours. */
const wayToLeave = ({ lock, needs }: Extract<Action, { do: 'lift' }>, desired: Desired): string =>
  needs.every(({ strength }) => strength === 'advised') && !desired.get(lock.scope)?.managed
    ? ". It is another owner's, and only the how-to asks for it: `safety.locks: required` in the file leaves it on"
    : ''

/** A password that is sent to what is there: a client with the one before is shut out, should it be another. */
function passwords({ action }: Step): Danger[] {
  if (action.do !== 'update' || action.old === undefined) return []
  const { resource, props, fields } = action
  const sent = kindOf(resource).sends(props, new Set(fields.map(({ field }) => field)))
  return sent.map(({ variable }) => about('password', resource, `its password will be set to what ${variable} holds`))
}

/** A credential that goes back in the form in which Azure shows it. */
function kept(change: Change, worded: Worded): Danger[] {
  if (change.op !== 'update' || !change.resource.keepsCredential) return []
  const sentence = `no password is sent, and what is stored is sent back as it was read (${option(worded, 'keepStoredCredential')}): whether that still signs in, only the test of the connection after it tells`
  return [about('stored-credential', change.resource, sentence)]
}

/** Changes that Azure never takes back. */
function final(change: Change, naming: Naming): Danger[] {
  if (change.op !== 'update') return []
  const { resource, fields } = change
  const rules = kindOf(resource).fields
  const isFinal = ({ field, from, forces }: FieldChange): boolean =>
    rules[field]?.irreversible === true && forces === 'update' && from !== undefined
  return fields
    .filter(isFinal)
    .map(({ field, from, to }) =>
      about('irreversible', resource, `${field} ${named(from, naming)} to ${named(to, naming)} cannot be undone`)
    )
}

/** A restart says more than an interruption, so that a server that restarts is named once. */
function interrupted(steps: readonly Step[], desired: Desired, naming: Naming): Danger[] {
  const servers = restarted(steps).map((id): Danger => {
    const address = desired.get(id)?.address ?? id
    return { kind: 'restart', address, message: `${naming(id)} will restart: every connection to it drops` }
  })
  const others = steps
    .filter(({ action, interrupts }) => interrupts && !restarts(action))
    .map(({ action }) => aboutStep('interrupt', action, costOf(action) ?? 'connections may drop', naming))
  return [...new Map(others.map(danger => [`${danger.address} ${danger.message}`, danger])).values(), ...servers]
}

/** Paths that the user lets go of although nothing shows that the new one works. */
const unproven = (steps: readonly Step[], naming: Naming, worded: Worded): Danger[] =>
  steps
    .filter(step => step.unproven)
    .map(({ action }) => {
      const call = action.do === 'update' ? callOf(action) : undefined
      if (call !== undefined && action.do === 'update') return untried(action, call, naming, worded)
      const path = `the path it ${action.do === 'create' ? 'takes the place of' : 'gives'}`
      return aboutStep(
        'unproven',
        action,
        `${path} is taken away without a proof of the new one (${option(worded, 'allowInterrupt')})`,
        naming
      )
    })

function untried(action: Extract<Action, { do: 'update' }>, call: ChangingCall, naming: Naming, worded: Worded): Danger {
  const known = action.old === undefined ? [] : call.untried(action.old)
  const what = known.length > 0 ? known.join(', and ') : 'whatever its replicas, its high availability and its state are'
  return aboutStep('unproven', action, `will be ${call.becomes}, and ${what} (${option(worded, 'allowMigrateUnproven')})`, naming)
}

const aboutStep = (kind: Danger['kind'], action: Action, sentence: string, naming: Naming): Danger => ({
  kind,
  address: addressOf(action),
  message: `${subjectOf(action, naming)}: ${sentence}`
})

function addressOf(action: Action): string {
  if (action.do === 'delete') return action.old.address
  if (action.do === 'lift' || action.do === 'restore') return action.lock.path
  return action.do === 'prove' ? action.address : action.resource.address
}

/** More of the network reaches a server than before. */
function exposed(change: Change, desired: Desired): Danger[] {
  if (change.op === 'delete') return []
  const { resource } = change
  const before = change.op === 'update' ? change.old.props : undefined
  const exposure = kindOf(resource).exposes?.(resource.props, before, resource.id, id => desired.get(id)?.managed ?? false)
  return exposure === undefined ? [] : [about('exposure', resource, exposure)]
}
