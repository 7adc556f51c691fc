import type { Core } from '../core.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { Refusal } from '../refusal.ts'
import type { ArmRequest } from '../request.ts'
import type { Answer, World } from '../type.ts'

const type = 'Microsoft.Resources/providers'

/** How long it takes to register or to unregister; nothing recorded says. */
const settlingMs = 30_000

/** They belong to ARM itself, and are in every subscription. */
const free = ['microsoft.resources', 'microsoft.authorization']

export const registrationPolicy = (namespace: string): string =>
  free.includes(namespace.toLowerCase()) ? 'RegistrationFree' : 'RegistrationRequired'

type State = 'Registered' | 'Registering' | 'NotRegistered' | 'Unregistering' | 'Unregistered'

/** Kept as a resource without a location, which no list shows. */
const idOf = (subscription: string, namespace: string): string => `/subscriptions/${subscription}/providers/${namespace}`

export function registrationState(world: Pick<World, 'store' | 'behaviours' | 'now'>, subscription: string, namespace: string): State {
  if (free.includes(namespace.toLowerCase())) return 'Registered'
  const kept = world.store.get(idOf(subscription, namespace))
  if (kept === undefined) return world.behaviours.providersRegistered ? 'Registered' : 'NotRegistered'
  const since = kept.memory['since']
  const settling = typeof since === 'number' && world.now < since + settlingMs
  if (textAt(kept.memory, 'wanted') === 'Registered') return settling ? 'Registering' : 'Registered'
  return settling ? 'Unregistering' : 'Unregistered'
}

/** A namespace that is being registered takes writes already [DOC-RP]. */
export function unregistered(core: Core, namespace: string, { method, path }: ArmRequest): Refusal | undefined {
  if (method === 'GET' || method === 'HEAD' || path.subscription === undefined) return undefined
  const state = registrationState(core, path.subscription, namespace)
  if (state === 'Registered' || state === 'Registering') return undefined
  const code = 'MissingSubscriptionRegistration'
  const message = `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`
  return { status: 409, code, message, cause: 'gateway', details: [{ code, target: namespace, message }] }
}

/** The answer to POST …/register and …/unregister, which is the provider as it is shown then; undefined for any other address. */
export function changeRegistration(
  core: Core,
  namespace: string,
  { method, path }: ArmRequest,
  shown: () => JsonObject
): Answer | Refusal | undefined {
  const [what = '', ...more] = path.part?.types ?? []
  if (method !== 'POST' || more.length > 0 || path.part?.names.length !== 0 || path.resourceGroup !== undefined) return undefined
  if (!/^(un)?register$/i.test(what) || path.subscription === undefined) return undefined
  const wanted = what.toLowerCase() === 'register' ? 'Registered' : 'Unregistered'
  if (wanted === 'Unregistered' && inUse(core, path.subscription, namespace)) {
    const message = `The resource provider '${namespace}' cannot be unregistered as there are resources of it in the subscription.`
    return { status: 409, code: 'Conflict', message, cause: 'gateway' }
  }
  const state = registrationState(core, path.subscription, namespace)
  const already = wanted === 'Registered' ? /^Register/.test(state) : !/^Register/.test(state)
  if (!already) {
    core.put({ id: idOf(path.subscription, namespace), type, body: {}, memory: { wanted, since: core.now } })
  }
  return { status: 200, body: shown() }
}

const inUse = (core: Core, subscription: string, namespace: string): boolean =>
  core.store
    .beneath(`/subscriptions/${subscription}`)
    .some(one => one.type !== type && one.type.toLowerCase().startsWith(`${namespace.toLowerCase()}/`))
