import { kindOf } from '../kinds/index.ts'
import type { Elsewhere } from '../model/elsewhere.ts'
import { grouped } from '../model/grouped.ts'
import { nameOf, parentOf, type ResourceId, subscriptionOf } from '../model/id.ts'
import { oncePer } from '../model/once.ts'
import type { Desired, Resource } from '../model/resource.ts'

/** The other topologies of a command, as one of them sees them. They are looked up and never walked: a command may have hundreds. */
export interface Beside {
  readonly elsewhere: Elsewhere
  /** Whether one of them declares it. */
  declares(id: ResourceId): boolean
  /** Whether one of them has a resource of this kind in a subscription. */
  hasIn(subscription: string, kind: string): boolean
  /** The resources that they declare right in this one. */
  inside(parent: ResourceId): readonly Resource[]
  /** Whether a connection that comes from there, as its server says, is one that they declare. */
  connectFrom(endpoint: ResourceId): boolean
  /** The resources of theirs that may be behind that endpoint, by its name: only Azure says whether one is. */
  mayConnectFrom(endpoint: ResourceId): readonly Resource[]
}

type All = readonly { readonly name: string; readonly desired: Desired }[]

/** Made for all of them together, when one first looks something up. */
const indexed = (keysOf: (one: Resource) => readonly string[]) =>
  oncePer((all: All) => {
    const entries = all.flatMap(({ desired }, nth) =>
      Array.from(desired.values()).flatMap(one => keysOf(one).map(key => ({ key, nth, one })))
    )
    return grouped(entries, ({ key }) => key)
  })

const byId = indexed(({ id }) => [id])
const byPlace = indexed(({ id, kind }) => [`${subscriptionOf(id)} ${kind}`])
const byParent = indexed(({ id }) => [parentOf(id) ?? ''])
const bySource = indexed(one => kindOf(one).path?.source?.({ ...one, facts: undefined }) ?? [])
const byNameBehind = indexed(one => [kindOf(one).path?.nameBehind?.(one.id) ?? ''])

/** The others as the one with this number in their order sees them. Where two of them make one resource, the first is named. */
export function besideOf(all: All, own: number): Beside {
  const has = (index: typeof byId, key: string): boolean =>
    index(all)
      .get(key)
      ?.some(({ nth }) => nth !== own) ?? false
  return {
    elsewhere(id) {
      const maker = byId(all)
        .get(id)
        ?.find(({ nth, one }) => nth !== own && one.managed)
      return maker && { topology: all[maker.nth]?.name ?? '', comes: maker.nth < own ? 'before' : 'after' }
    },
    declares: id => has(byId, id),
    hasIn: (subscription, kind) => has(byPlace, `${subscription} ${kind}`),
    inside: parent => (byParent(all).get(parent) ?? []).flatMap(({ nth, one }) => (nth === own ? [] : [one])),
    connectFrom: endpoint => has(bySource, endpoint),
    mayConnectFrom: endpoint => (byNameBehind(all).get(nameOf(endpoint)) ?? []).flatMap(({ nth, one }) => (nth === own ? [] : [one]))
  }
}
