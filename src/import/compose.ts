import type { Writing } from '../kinds/authored.ts'
import type { Kind } from '../kinds/kind.ts'
import { managementLock } from '../kinds/managementLock.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { type ResourceId, resourceId, subscriptionOf, within } from '../model/id.ts'
import { type Body, isBody, type Json, nested, overlay } from '../model/json.ts'
import { ownerIn } from '../model/owner.ts'
import type { Lock } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import { writtenIn } from './discover.ts'
import type { Discovered, Item } from './item.ts'
import { type Entry, type Layout, layOut } from './layout.ts'
import { type Groups, groupIdOf, groupSetting, type Inherited, ownTags, placeSettings, topOf, withheldTags } from './place.ts'
import { escaped, inCasing } from './plain.ts'
import { settingsOf } from './settings.ts'
import { variables } from './variables.ts'

/** Decisions on what the file says, beside what was found. */
export interface Choices {
  readonly name: string
  readonly cloud: NonNullable<Topology['cloud']>
  /** Networks, zones and groups that are declared, and not only referred to. */
  readonly own: ReadonlySet<ResourceId>
  /** Resources that are only referred to, of any kind: they are managed elsewhere. */
  readonly theirs: ReadonlySet<ResourceId>
  /** Addresses that the file cannot have, and why. */
  readonly refused: ReadonlyMap<string, string>
  /** Remarks on entries, by their address. */
  readonly remarks: ReadonlyMap<string, readonly string[]>
}

export interface Composed {
  /** In the order in which it is written. */
  readonly document: Body
  /** Comments above a key, see {@link commentKey}. */
  readonly comments: ReadonlyMap<string, readonly string[]>
  readonly layout: Layout
  /** Entries that are here by their id although the question was for more than a reference, and why. */
  readonly byId: readonly { readonly address: string; readonly reason: string }[]
  /** Things that no entry can say, as sentences. */
  readonly left: readonly string[]
  /** How many entries there are. */
  readonly count: number
  /** Addresses of what could carry our tag, and does not. */
  readonly untagged: readonly string[]
  /** Variables that stand for secrets. */
  readonly secrets: readonly string[]
}

/** The keys from the top of the file as one text; no key has the separator. */
export const commentKey = (at: readonly (string | number)[]): string => at.join('\u0000')

type As = 'own' | 'existing' | 'id'

/** Writes what was found as a topology. Pure: the same things give the same file. */
export const compose = (found: Discovered, choices: Choices): Composed => new Composer(found, choices).composed()

class Composer {
  readonly #found: Discovered
  readonly #choices: Choices
  readonly #layout: Layout
  readonly #groups: Groups
  readonly #top: Inherited
  readonly #comments = new Map<string, string[]>()
  readonly #byId: { address: string; reason: string }[] = []
  readonly #left: string[] = []
  readonly #untagged: string[] = []
  readonly #secrets = variables()
  /** Groups whose settings are in the file, their locks among them. */
  readonly #saidGroups = new Set<ResourceId>()
  #count = 0

  constructor(found: Discovered, choices: Choices) {
    this.#found = found
    this.#choices = choices
    const referred = new Set([...found.items.values()].flatMap(({ refs }) => refs))
    this.#layout = layOut(found.items, (item, above) => this.#isWanted(item, above, referred))
    const entries = [...this.#layout.byId.values()]
    this.#groups = this.#groupsOf(entries)
    const own = entries.filter(entry => this.#as(entry.item) === 'own')
    this.#top = topOf(own, entries, this.#groups)
  }

  composed(): Composed {
    const sections: { [key: string]: Json } = {}
    for (const entry of this.#layout.entries) {
      const value = this.#write(entry, this.#top)
      if (value !== undefined) Object.assign(sections, overlay(sections, nested(entry.at, value)))
    }
    const { subscription, location, tags } = this.#top
    const [id, group] = [...this.#groups].find(([, { name }]) => name === this.#top.group) ?? []
    if (id !== undefined) this.#saidGroups.add(id)
    for (const { level, path } of this.#locksAbove())
      this.#comment([], `Not in this file, and in force for all beneath it: the ${level} lock ${path}`)
    const document: Body = {
      version: 1,
      name: this.#choices.name,
      // It says nothing that is not so without it.
      ...(this.#choices.cloud !== 'AzureCloud' && { cloud: this.#choices.cloud }),
      ...(subscription !== '' && { subscription }),
      ...(location !== '' && { location }),
      ...(group && { resourceGroup: groupSetting(group, this.#top) }),
      ...(Object.keys(tags).length > 0 && { tags: escaped(tags) }),
      ...sections
    }
    return {
      document,
      comments: this.#comments,
      layout: this.#layout,
      byId: this.#byId,
      left: this.#left,
      count: this.#count,
      untagged: this.#untagged,
      secrets: this.#secrets.names()
    }
  }

  /** A subnet, or a link of a zone, only where something here uses it, unless all of the network or zone is declared. */
  #isWanted(item: Item, above: Item | undefined, referred: ReadonlySet<ResourceId>): boolean {
    if (item.kind === resourceGroup) return false
    if (item.kind.author.isAzures(item.props, item.body, { id: item.id, look: id => this.#look(id) })) return false
    if (above === undefined || !isShareable(above.kind) || this.#as(above) === 'own') return true
    if (item.kind.fallsWithParent) return referred.has(item.id)
    return item.refs.some(ref => this.#found.items.has(ref))
  }

  #look(id: ResourceId): ReturnType<Writing['look']> {
    const item = this.#found.items.get(id)
    return item && { kind: item.kind.name, props: item.props, facts: item.facts }
  }

  #as({ kind, id, tags }: Item): As {
    const owner = ownerIn(tags)
    if (owner !== undefined && owner !== this.#choices.name) return 'id'
    if (this.#choices.theirs.has(id)) return 'existing'
    if (isShareable(kind)) return owner !== undefined || this.#choices.own.has(id) ? 'own' : 'existing'
    return isMain(kind) && !this.#found.asked.has(id) ? 'existing' : 'own'
  }

  #groupsOf(entries: readonly Entry[]): Groups {
    const paths = new Map(entries.map(({ item }) => [groupIdOf(item.path), item.path]))
    return new Map(
      [...paths].map(([id, path]) => {
        const item = this.#found.items.get(id)
        const [, , , , name = ''] = path.split('/')
        const isOwn = item !== undefined && this.#as(item) === 'own'
        const locks = this.#locks(id, [])
        return [id, { name: item?.name ?? name, isOwn, location: item?.facts.location ?? '', tags: item ? ownTags(item) : {}, locks }]
      })
    )
  }

  /** The value of an entry; nothing where the file cannot have it at all. */
  #write(entry: Entry, inherited: Inherited): Json | undefined {
    const { item, collection, address } = entry
    const wanted = this.#asIn(entry)
    const settings = wanted === 'own' ? settingsOf(item, this.#writing(entry)) : { says: {} }
    const cannot = this.#choices.refused.get(address) ?? ('cannot' in settings ? settings.cannot : this.#partMissing(entry, wanted))
    if (cannot !== undefined && collection.inFile.isNeverReferred) return this.#leave(entry, cannot)
    const reason = cannot ?? (wanted === 'id' ? `it belongs to the topology ${ownerIn(item.tags)}` : undefined)
    const as = reason === undefined ? wanted : 'id'
    this.#count++
    if (reason !== undefined) this.#byId.push({ address, reason })
    const said = [...(reason === undefined ? [] : [`By its id: ${reason}.`]), ...(this.#choices.remarks.get(address) ?? [])]
    for (const line of [...said, ...(as === 'own' ? withheldTags(entry) : [])]) this.#comment(entry.at, line)
    if (as === 'own' && item.kind.taggable && ownerIn(item.tags) === undefined) this.#untagged.push(address)
    const own = as === 'own' && 'says' in settings ? escaped(inCasing(settings.says, item.body), this.#secrets.texts()) : {}
    if (!isBody(own)) return own
    const context = { groups: this.#groups, top: this.#top }
    const place = collection.inGroup
      ? placeSettings(entry, as, inherited, context)
      : { says: this.#tagsOf(entry, as, inherited), inner: inherited }
    const { resourceGroup: inGroup } = place.says
    if (inGroup !== undefined && as === 'own') this.#saidGroups.add(groupIdOf(item.path))
    const locks = this.#locks(item.id, entry.at)
    const parts = [place.says, own, ...this.#below(entry, as, place.inner), ...(locks ? [{ locks }] : [])]
    return parts.reduce<Json>((value, part) => overlay(value, part), named(entry, as))
  }

  /** The tags of what lies in another and has some of its own. */
  #tagsOf({ item }: Entry, as: As, inherited: Inherited): Body {
    if (as !== 'own' || !item.kind.taggable) return {}
    const more = Object.entries(ownTags(item)).filter(([name, value]) => inherited.tags[name] !== value)
    return more.length === 0 ? {} : { tags: escaped(Object.fromEntries(more)) }
  }

  #asIn({ item, above }: Entry): As {
    const as = this.#as(item)
    const isTheirs = above !== undefined && isShareable(above.item.kind) && this.#as(above.item) !== 'own'
    return as === 'own' && isTheirs && item.kind.fallsWithParent ? 'existing' : as
  }

  /** An entry says in a setting of its own what is a resource of its own in Azure: without that there is no such entry. */
  #partMissing({ below }: Entry, as: As): string | undefined {
    for (const part of as === 'own' ? below.filter(({ collection: { entries, inFile } }) => entries === 'one' && !inFile.isOptional) : []) {
      const settings = settingsOf(part.item, this.#writing(part))
      const cannot = this.#choices.refused.get(part.address) ?? ('cannot' in settings ? settings.cannot : undefined)
      if (cannot !== undefined) return `of its ${part.item.kind.title}: ${cannot}`
    }
    return undefined
  }

  #below(entry: Entry, as: As, inner: Inherited): Json[] {
    const lists = new Map<string, Json[]>()
    const none = entry.collection.below.flatMap(({ kind, keys, inFile }) =>
      as !== 'own' || inFile.none === undefined || entry.below.some(({ item }) => item.kind === kind) ? [] : [nested(keys, inFile.none)]
    )
    const there = entry.below.flatMap(one => {
      const { keys, entries } = one.collection
      // An entry that is only referred to has no settings, hence nothing that stands in one of them.
      if (as !== 'own' && (keys.length > 1 || entries === 'one')) return []
      const value = this.#write(one, inner)
      if (value === undefined) return []
      if (entries === 'one') return [nested(keys, value)]
      if (entries === 'map') return [nested([...keys, one.key], value)]
      const list = [...(lists.get(keys.join('/')) ?? []), value]
      lists.set(keys.join('/'), list)
      return [nested(keys, list)]
    })
    return [...none, ...there]
  }

  #leave({ item, key, above }: Entry, reason: string): undefined {
    const line = `Not here: the ${item.kind.title} ${key}, since ${reason}.`
    this.#left.push(line)
    this.#comment(above?.at ?? [], line)
    return undefined
  }

  #comment(at: readonly string[], line: string): void {
    const lines = this.#comments.get(commentKey(at)) ?? []
    if (!lines.includes(line)) this.#comments.set(commentKey(at), [...lines, line])
  }

  #writing({ item, key, address, at }: Entry): Writing {
    return {
      key,
      id: item.id,
      refer: id => this.#layout.refer(id, { address, kind: item.kind }, wanted => writtenIn(item.body, wanted)),
      look: id => this.#look(id),
      secret: () => this.#secrets.of(at),
      serverAt: host => [...this.#found.items.values()].find(one => one.facts.fqdn?.toLowerCase() === host.toLowerCase())?.id,
      tenant: this.#found.tenants.get(subscriptionOf(item.id))
    }
  }

  /** Locks that something here inherits, and that lie where the file has no entry. */
  #locksAbove(): readonly Lock[] {
    const here = [...this.#layout.byId.keys()]
    const isHere = (scope: ResourceId): boolean => this.#saidGroups.has(scope) || this.#layout.byId.has(scope)
    return this.#found.locks.filter(({ scope }) => !isHere(scope) && here.some(id => within(id, scope)))
  }

  #locks(scope: ResourceId, at: readonly string[]): Body | undefined {
    const on = this.#found.locks.filter(lock => lock.scope === scope).sort((a, b) => (a.name < b.name ? -1 : 1))
    const made = on.flatMap(({ name, path, properties }) => {
      const props = managementLock.fromArm(properties)
      const item = { kind: managementLock, id: resourceId(path), path, name, props, tags: {}, refs: [], facts: {}, body: {} }
      const address = [...at, 'locks', name].join('/')
      const settings = settingsOf(item, this.#writing({ item, key: name, address, at } as unknown as Entry))
      const refused = this.#choices.refused.get(address) ?? ('cannot' in settings ? settings.cannot : undefined)
      if (refused === undefined && 'says' in settings) return [[name, escaped(settings.says)] as const]
      this.#comment(at, `Not here: the lock ${name}, since ${refused}.`)
      return []
    })
    return made.length === 0 ? undefined : Object.fromEntries(made)
  }
}

const isMain = (kind: Kind): boolean => kind.taggable === true && kind.precious === true

/** Networks, zones and groups serve others too: they are only referred to unless the user has them declared here. */
const isShareable = (kind: Kind): boolean =>
  isMain(kind) && (kind.shared === true || kind.carriesMarkers?.onlyOurs === true || kind === resourceGroup)

function named({ item, key, collection }: Entry, as: As): Body {
  if (as === 'id') return { id: item.path }
  const { nameAt = 'name', names } = collection.inFile
  const isSaid = collection.entries === 'map' && (nameAt !== 'name' || (item.name !== key && names !== undefined))
  return { ...(as === 'existing' && { existing: true }), ...(isSaid && { [nameAt]: escaped(item.name) }) }
}
