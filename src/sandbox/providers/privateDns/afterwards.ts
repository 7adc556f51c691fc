import { isBeneath, sameId } from '../../armPath.ts'
import { isObject, type JsonObject, objectAt, textAt } from '../../json.ts'
import type { StoredResource } from '../../state.ts'
import type { Provider, World } from '../../type.ts'

/*
 * Resources that have gone and are not forgotten at once: a link that a GET still shows [TF-DNSLINK], a link that still keeps its
 * zone from being deleted [GH azure-cli#15010, deployment-stacks#227], a network whose identity is still taken
 * [GH azure-powershell#9537]. Each is a pending effect that does nothing: it is the memory of one, and says for how long.
 */
const kinds = {
  ghost: 'Microsoft.Network/privateDnsLinkShown',
  phantom: 'Microsoft.Network/privateDnsLinkCounted',
  identity: 'Microsoft.Network/privateDnsNetworkKnown'
} as const

type Kind = keyof typeof kinds

export const forgets: NonNullable<Provider['effects']> = Object.fromEntries(Object.values(kinds).map(name => [name, () => undefined]))

export function remember(world: World, kind: Kind, { id, ...rest }: { readonly id: string } & JsonObject, ms: number): void {
  if (ms > 0) world.schedule(ms, kinds[kind], { id, ...rest })
}

const remembered = ({ store }: World, kind: Kind): { readonly id: string; readonly args: JsonObject }[] =>
  store.pending.flatMap(({ effect, args }) => (effect === kinds[kind] ? { id: textAt(args, 'id') ?? '', args } : []))

export const isRemembered = (world: World, kind: Kind, id: string): boolean => remembered(world, kind).some(one => sameId(one.id, id))

/** Ids of those that lay beneath a scope. */
export const rememberedBeneath = (world: World, kind: Kind, scope: string): string[] =>
  remembered(world, kind)
    .map(one => one.id)
    .filter(id => isBeneath(id, scope))

/** A link as it was; of what is shown of it nothing else is needed. */
export const asArgs = ({ id, type, body, memory, etag, createdAt }: StoredResource): { readonly id: string } & JsonObject => ({
  id,
  type,
  body,
  memory,
  etag,
  createdAt
})

export function shownStill(world: World, id: string): StoredResource | undefined {
  const { args } = remembered(world, 'ghost').findLast(one => sameId(one.id, id)) ?? {}
  if (!isObject(args)) return undefined
  return {
    id: textAt(args, 'id') ?? id,
    type: textAt(args, 'type') ?? '',
    body: objectAt(args, 'body'),
    memory: objectAt(args, 'memory'),
    etag: textAt(args, 'etag') ?? '',
    provisioning: 'Succeeded',
    createdAt: Number(args['createdAt'])
  }
}
