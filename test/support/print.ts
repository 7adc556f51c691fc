import type { Action, Plan } from '../../src/model/change.ts'
import { nameOf } from '../../src/model/id.ts'
import type { Desired, Live, Lock } from '../../src/model/resource.ts'

/** A plan as lines to be read and compared whole: the wave, what is done, to what, and what matters about it. */
export function printPlan(plan: Plan, desired: Desired, live: Live): string {
  const addressOf = (id: string): string => desired.get(id as never)?.address ?? lastOf(live.resources.get(id as never)?.path ?? id)
  return plan.steps
    .map(({ action, wave, interrupts }) => `${wave} ${describe(action, addressOf)}${interrupts ? ' !interrupts' : ''}`)
    .join('\n')
}

const lastOf = (path: string): string => path.split('/').slice(-2).join('/')

const lockOn = ({ scope, path }: Lock, addressOf: (id: string) => string): string => `${nameOf(path)} on ${addressOf(scope)}`

function describe(action: Action, addressOf: (id: string) => string): string {
  switch (action.do) {
    case 'lift':
      return `lift ${lockOn(action.lock, addressOf)} (${action.how}, ${[...new Set(action.needs.map(({ strength }) => strength))].sort().join(' and ')})`
    case 'restore':
      return `restore ${lockOn(action.was, addressOf)}${action.resource ? ` as declared (${action.lock.level})` : ''}`
    case 'create':
      return `create ${action.resource.address}`
    case 'update':
      return `update ${action.resource.address} (${action.fields.map(({ field }) => field).join(', ')})${action.phase === 'main' ? '' : ` ${action.phase}`}`
    case 'delete':
      return `delete ${action.old.address.startsWith('/') ? lastOf(action.old.address) : action.old.address}`
    case 'prove':
      return `prove ${action.endpoints.map(({ address }) => address).join(', ')} for ${action.for}`
    case 'invoke':
      return `${action.verb} ${addressOf(action.id)}`
  }
}
