import { kindOf, kinds } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { rightsFor } from '../live/preflight/rights.ts'
import { type Plan, type Step, subjectOf } from '../model/change.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import type { Asked } from '../model/reads.ts'
import type { PlannedTopology } from './outcomes.ts'
import { stepsOf } from './rights.ts'
import type { Settings } from './settings.ts'

/** A role as `az role definition create --role-definition` takes it. */
export interface CustomRole {
  readonly Name: string
  readonly IsCustom: true
  readonly Description: string
  readonly Actions: readonly string[]
  readonly NotActions: readonly string[]
  readonly DataActions: readonly string[]
  readonly NotDataActions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

/**
 * The role of a login that makes these plans, and carries them out: exactly what they take, on the groups in which they read and write. That
 * of one duty can read all that the topology names, and write what is its own: also what waits for others today.
 */
export function roleFor(topologies: readonly PlannedTopology[]): CustomRole {
  const names = topologies.map(({ session }) => session.prepared.resolved.name)
  const duty = topologies[0]?.planned.plan.part?.ofDuty?.duty
  return {
    Name: `pglink ${[...(duty === undefined ? [] : [duty]), names.join(', ')].join(' ')}`,
    IsCustom: true,
    Description: `The rights that ${duty === undefined ? 'this plan' : `the part of ${duty} in this plan`} of pglink takes, and nothing else. Another plan may take others.`,
    Actions: inOrder(topologies.flatMap(actionsOf)),
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: widest(topologies.flatMap(scopesFor))
  }
}

/** Azure compares both without regard to case: of several that differ in that alone, the first. */
const inOrder = (all: readonly string[]): string[] =>
  [...new Map(all.map(one => [one.toLowerCase(), one] as const).reverse()).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)

function actionsOf({ session: { settings }, planned: { plan, desired, asked } }: PlannedTopology): string[] {
  const subjects = [...desired.values(), ...plan.changes.map(subjectOf)]
  const work = plan.part?.ofDuty
  const isOwn = ({ duty }: Kind): boolean => work === undefined || duty === work.duty
  const all = [
    ...rightsFor(stepsForRole(plan, settings)).map(({ action }) => action),
    ...[managementLock, ...subjects.map(kindOf)].flatMap(kind => kind.readRights.filter(right => isOwn(kind) || right.endsWith('/read'))),
    ...readsOf(asked)
  ]
  if (settings.lockIdentity === undefined) return all
  // Azure tells the login for locks of its rights as well, before it lifts one.
  if (work?.duty === managementLock.duty) return [...all.filter(isOnLock), `${managementLock.actions.split('/', 1)[0]}/permissions/read`]
  return all.filter(action => !isOnLock(action))
}

/** A login for locks alone lifts and restores for the parts of all, and needs no other right. */
const stepsForRole = (plan: Plan, { lockIdentity }: Pick<Settings, 'lockIdentity'>): readonly Step[] => {
  const work = plan.part?.ofDuty
  return lockIdentity !== undefined && work?.duty === managementLock.duty ? [...work.steps, ...work.windows] : stepsOf(plan)
}

const isOnLock = (action: string): boolean => action.toLowerCase().startsWith(`${managementLock.actions.toLowerCase()}/`)

const inAzuresCase = new Map(kinds.flatMap(({ readRights }) => readRights.map(right => [right.toLowerCase(), right] as const)))

/** These lie in a subscription, and their rights are called so. */
const inSubscription = /^microsoft\.resources\/(resourcegroups|resources|locations|providers)$/

/** The rights to the reads that were made. Looks at a region are said by the kinds that take them. */
const readsOf = (asked: Asked): string[] =>
  [...asked.keys()].flatMap(key => {
    const [type = ''] = key.split(' ')
    if (type.includes('/locations/')) return []
    const right = `${type.replace(inSubscription, 'Microsoft.Resources/subscriptions/$1')}/read`
    return [
      inAzuresCase.get(right.toLowerCase()) ??
        right.replace(/^microsoft\../, name => `M${name.slice(1, -1)}${name.slice(-1).toUpperCase()}`)
    ]
  })

/** The groups of all that is declared, written or led to. A role on a group that is still to be made has to lie on the subscription. */
function scopesFor({ session: { settings }, planned: { plan, desired, live } }: PlannedTopology): string[] {
  const paths = new Map<ResourceId, string>([...desired.values(), ...plan.changes.map(subjectOf)].map(({ id, path }) => [id, path]))
  const written = rightsFor(stepsForRole(plan, settings)).map(({ scope }) => paths.get(scope) ?? scope)
  return [...paths.values(), ...written].flatMap(path => {
    const [subscription, group] = /^(\/subscriptions\/[^/]+)(\/resourcegroups\/[^/]+)?/i.exec(path)?.slice(1) ?? []
    if (subscription === undefined) return []
    const whole = `${subscription}${group ?? ''}`
    return [live.resources.get(resourceId(whole))?.observed.state === 'absent' ? subscription : whole]
  })
}

/** Without the groups of a subscription that is among them. */
function widest(scopes: readonly string[]): string[] {
  const all = inOrder(scopes)
  return all.filter(one => !all.some(other => other !== one && one.toLowerCase().startsWith(`${other.toLowerCase()}/`)))
}
