import type { ArmPath } from '../armPath.ts'
import type { Registry } from '../registry.ts'
import type { ArmRequest } from '../request.ts'

/** The right that a request asks for. */
export interface Need {
  /** In Azure's casing where the type is known, else as it was asked for. */
  readonly action: string
  /** As it stands in the refusal: in the casing of the request. */
  readonly scope: string
  /**
   * A right that is enough instead, since both lie above what a role on a group covers, and whoever has one can use them: for
   * the address of an operation, the right on anything in the subscription; for the subscription itself, any role in it; for a list
   * of what lies in it, the right on anything in it, unless the switch `limitedLists` has it otherwise.
   */
  readonly enough?: 'rightBeneath' | 'anyRole' | 'rightInList'
}

const verbs: Readonly<Record<string, string>> = { GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' }

/** POSTs that count as reading [DOC-OPS]. */
const readingPosts = ['microsoft.datafactory/factories/integrationruntimes/getstatus']

const operationPlace = /^(operations|operationresults|azureasyncoperation|privatednsoperation(statuses|results))$/i

/** Undefined for what everybody may ask who has signed in. */
export function needOf(registry: Registry, { method, path }: Pick<ArmRequest, 'method' | 'path'>): Need | undefined {
  // Above all subscriptions everybody reads what ARM has to tell, and only a role on everything writes.
  if (path.subscription === undefined && !/^(write|delete)$/.test(verbs[method] ?? '')) return undefined
  return path.part === undefined ? aboveProviders(method, path) : inProvider(registry, method, path, path.part)
}

function aboveProviders(method: string, path: ArmPath): Need | undefined {
  const { scope, resourceGroup, tail } = path
  const [first, ...more] = tail
  const subscription = 'Microsoft.Resources/subscriptions'
  const verb = verbs[method] ?? 'action'
  if (resourceGroup === undefined) {
    const polled = more.length > 0 && operationPlace.test(first ?? '')
    if (first === undefined) return { action: `${subscription}/${verb}`, scope, enough: 'anyRole' }
    const listed = verb === 'read' && more.length === 0 && /^resource(group)?s$/i.test(first)
    const enough = polled ? 'rightBeneath' : listed ? 'rightInList' : undefined
    return { action: `${subscription}/${first}/${verb}`, scope, ...(enough && { enough }) }
  }
  // The segment comes back as it was asked for, so `resourcegroups` is in most of the refusals one meets.
  const groups = `${subscription}/${scope.split('/')[3] ?? 'resourceGroups'}`
  return { action: `${groups}/${first === undefined ? '' : `${first}/`}${verb}`, scope }
}

function inProvider(registry: Registry, method: string, path: ArmPath, part: NonNullable<ArmPath['part']>): Need | undefined {
  const { types, names, namespace } = part
  if (types.length === 0) return { action: 'Microsoft.Resources/subscriptions/providers/read', scope: path.scope }
  // ARM tells everybody who has signed in what the caller may do.
  if (/^microsoft\.authorization$/i.test(namespace) && /^permissions$/i.test(types[0] ?? '')) return undefined
  const asked = [namespace, ...types].join('/')
  const above = [namespace, ...types.slice(0, -1)].join('/')
  const known = registry.type(asked)?.type ?? `${registry.type(above)?.type ?? properNamespace(registry, above)}/${types.at(-1)}`
  const reads = method === 'POST' && readingPosts.includes(asked.toLowerCase())
  const action = `${known}/${reads ? 'read' : (verbs[method] ?? 'action')}`
  const polled = method === 'GET' && operationPlace.test(types.at(-1) ?? '')
  return { action, scope: scopeOf(path, names.length), ...(polled && { enough: 'rightBeneath' }) }
}

const properNamespace = (registry: Registry, path: string): string => {
  const [namespace = '', ...more] = path.split('/')
  return [registry.namespace(namespace) ?? namespace, ...more].join('/')
}

/** The resource itself, or what a collection, an action or a function is asked of. */
function scopeOf({ scope, part }: ArmPath, named: number): string {
  if (part === undefined || named === 0) return scope
  return `${scope}/providers/${part.namespace}/${part.names.map((name, index) => `${part.types[index]}/${name}`).join('/')}`
}
