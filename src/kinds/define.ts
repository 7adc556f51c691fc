import type { Azure, Clients } from '../azure/azure.ts'
import { carrying, unpaced } from '../azure/call.ts'
import { asking, orAbsent, StrayRequest, taken } from '../azure/error.ts'
import { gathered } from '../azure/items.ts'
import type { FieldChange } from '../model/change.ts'
import { unaudited } from '../model/decision.ts'
import { groupOf, type ResourceId, resourceId, subscriptionOf, typeOf } from '../model/id.ts'
import type { Listed, Observed } from '../model/resource.ts'
import { Secret } from '../model/secret.ts'
import { type Author, usualAuthor } from './authored.ts'
import type { Address, Asked, Io, Kept, Kind, KindDef, Read, Under } from './kind.ts'
import { usualMotion } from './motion.ts'
import { type FieldRule, fieldChange } from './rule.ts'
import type { Said } from './said.ts'

type Tagged = { readonly tags?: Readonly<Record<string, string>> }

/**
 * Closes a kind's types over it, so that kinds of different shape fit in one registry. The casts of the whole program
 * are the ones in this file. They hold because a Resource is only ever handed back to the kind named in it, and a path
 * to the kind of its type.
 */
export function defineKind<const Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>(
  def: KindDef<Type, Name, Spec, Props, Model>
): Kind {
  const stated = { ...usual, actions: def.type, ...def } as unknown as Pick<Kind, Kept | Asked | keyof Said<unknown> | 'inFile' | 'desired'>
  return {
    ...stated,
    readRights: [`${stated.actions}/read`, ...waited[def.client], ...(def.alsoReads ?? [])],
    author: { ...usualAuthor, ...def.authored } as Author,
    // A resource that Azure makes together with another is written at both ends.
    reachesElsewhere: def.reach !== undefined || def.comesWithRef === true,
    fields: def.fields as unknown as Readonly<Record<string, FieldRule<unknown>>>,
    relations: (props, ctx) => ({
      refs: def.refs?.(props as Props) ?? [],
      reach: def.reach?.(props as Props, 'write') ?? [],
      advice: def.advice?.(props as Props) ?? [],
      gates: def.gates?.(props as Props, ctx) ?? [],
      invokes: def.invokes?.(props as Props, ctx) ?? []
    }),
    motion: observed => (observed?.state === 'present' ? (def.motion ?? usualMotion)(observed.facts) : 'at rest'),
    diff: (have, want) => differences(def, have as Props, want as Props),
    sends: (props, fields) => secretsIn(def.fields as unknown as Readonly<Record<string, FieldRule<unknown>>>, props, fields),
    ...reads(def),
    ...writes(def),
    roundTrip: props => def.fromArm(def.toArm(props as Props)),
    fromArm: body => def.fromArm(body as Model),
    answersTo: def.answersTo && ((key, props) => def.answersTo?.(key, props as Props) ?? false)
  }
}

const both = (place: string, name: string): readonly string[] => [`${place}/${name}`, `${place}/operationResults`].map(one => `${one}/read`)

/** Where each provider tells how its operations go on [DOC-OPS]. */
const waited: Readonly<Record<keyof Clients, readonly string[]>> = {
  postgres: both('Microsoft.DBforPostgreSQL/locations', 'azureAsyncOperation'),
  network: both('Microsoft.Network/locations', 'operations'),
  privateDns: ['Microsoft.Network/privateDnsOperationResults/read', 'Microsoft.Network/privateDnsOperationStatuses/read'],
  factories: [],
  locks: [],
  resources: []
}

/** The answers of a definition that says nothing else. */
const usual: Pick<Kind, Exclude<Kept | Asked, 'type' | 'actions'>> = {
  leftAlone: 'refer to it by `id:`',
  removedBy: 'delete',
  verbRights: {},
  refs: () => [],
  unseen: () => [],
  joinedBy: () => [],
  elsewhere: () => [],
  follows: () => undefined,
  linkedRights: () => [],
  needs: () => [],
  unwanted: () => false,
  unmakable: () => undefined,
  byHand: () => undefined
}

interface Telling {
  readonly say?: Io['say'] | undefined
  readonly audit?: Io['audit'] | undefined
}

/** The means of a call on what lies at a path: the client, the names in the path, and all that goes beside them. */
async function means<Name extends keyof Clients>(
  client: Name,
  azure: Azure,
  path: string,
  { say = () => undefined, audit = unaudited }: Telling = {}
) {
  const at = namesIn(path)
  const through = client === 'locks' ? azure.forLocks : azure
  const io: Io = { path, azure: through, say, send: through.send, audit }
  return { to: await through.client(client, subscriptionOf(path)), at, io }
}

function reads<Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>(
  def: KindDef<Type, Name, Spec, Props, Model>
): Pick<Kind, 'observe' | 'list' | 'listGroup' | 'embedded' | 'match' | 'untold' | 'seenAs'> {
  const reading = (body: Model & { readonly id?: string }, path = ''): Read => ({ path: body.id ?? path, observed: seen(def, body), body })
  const collected = async (listed: AsyncIterable<Model & { readonly id?: string }>) => (await gathered(listed)).map(body => reading(body))
  const { listGroup, embedded, match, untold } = def
  return {
    async observe(azure, path) {
      // A read by the names in an id of something else would find what that lies in.
      if (typeOf(path) !== def.type.toLowerCase()) return { path, observed: { state: 'absent' }, body: undefined }
      return asking(`GET ${path}`, async () => {
        const { to, at, io } = await means(def.client, azure, path)
        const body = await orAbsent(def.read(to, at as unknown as Address<Type>, io))
        return body === undefined ? { path, observed: { state: 'absent' }, body } : reading(body, path)
      })
    },
    list: (shared, under) =>
      shared.listed(`${def.name} ${resourceId(under)}`, azure =>
        asking(`GET each ${def.title} of ${under}`, async () => {
          const { to, at, io } = await means(def.client, azure, under)
          return collected(def.list(to, at as unknown as Under<Type>, io))
        })
      ),
    listGroup:
      listGroup &&
      ((azure, group) =>
        asking(`GET each ${def.title} of ${group}`, async () =>
          collected(listGroup((await means(def.client, azure, group)).to, groupOf(group) ?? ''))
        )),
    embedded:
      embedded && (parent => taken(`GET each ${def.title} in a body`, () => embedded(parent as never).map(body => reading(body as Model)))),
    seenAs: (body, path) => reading(body as Model, path),
    match: match && ((props, among, lookup) => match(props as Props, among.flatMap(candidate<Props>), lookup)),
    untold: untold && ((props, among, lookup) => untold(props as Props, among.flatMap(candidate<Props>), lookup))
  }
}

function writes<Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>(
  def: KindDef<Type, Name, Spec, Props, Model>
): Pick<Kind, 'create' | 'update' | 'remove' | 'invoke'> {
  const on = async (azure: Azure, path: string, telling: Telling) => {
    const { at, ...rest } = await means(def.client, azure, path, telling)
    return { ...rest, at: at as unknown as Address<Type> }
  }
  const tagged = (body: Model, tags: Readonly<Record<string, string>>): Model =>
    def.taggable ? { ...body, tags: { ...tags, ...(body as Tagged).tags } } : body
  return {
    async create({ azure, path, props, tags, written, ...telling }) {
      const where = (await asking(`GET ${path}`, async () => def.locate?.(azure, path, props as Props))) ?? path
      const { to, at, io } = await on(azure, where, telling)
      const body = asWritten(tagged(def.toArm(props as Props), tags), written)
      await asking(`PUT ${where}`, async () => {
        await def.put(to, at, body, unpaced, io)
        await def.ready?.(to, at, props as Props, io)
      })
    },
    async update({ azure, path, props, tags, fields, written, ...telling }) {
      const { to, at, io } = await on(azure, path, telling)
      const body = def.toPatch ? def.toPatch(props as Props, fields) : def.toArm(props as Props)
      await asking(`${def.patch ? 'PATCH' : 'PUT'} ${path}`, async () => {
        await (def.patch ?? def.put)(to, at, asWritten(tagged(body, tags), written), { ...unpaced, ...carrying }, io)
        await def.ready?.(to, at, props as Props, io)
      })
    },
    async remove({ azure, path, props, ...telling }) {
      const { to, at, io } = await on(azure, path, telling)
      await asking(`DELETE ${path}`, async () => {
        await def.remove(to, at, unpaced, io)
        await def.gone?.(to, at, props as Props, io)
      })
    },
    async invoke({ azure, path, verb, props, ...telling }) {
      const { to, at, io } = await on(azure, path, telling)
      const result = await asking(`POST ${path}/${verb}`, async () => def.verbs?.[verb]?.(to, at, props as Props, io))
      return result ?? { outcome: 'cannot-tell', message: `${def.title} has no ${verb}` }
    }
  }
}

/**
 * A body as it goes out: ids in it are compared in lower case and written in the casing of their path. Azure gives an id back as it
 * was sent in most places, and other tools take one in another casing for another resource
 * [GH hashicorp/terraform-provider-azurerm#19154, #22765].
 */
function asWritten<Value>(value: Value, written: ReadonlyMap<ResourceId, string> | undefined): Value {
  if (typeof value === 'string') return (written?.get(value as unknown as ResourceId) ?? value) as Value
  if (Array.isArray(value)) return value.map(one => asWritten(one, written)) as Value
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [written?.get(key as unknown as ResourceId) ?? key, asWritten(one, written)])
  ) as Value
}

type AnyDef<Props extends object, Model extends object> = Pick<
  KindDef<string, keyof Clients, never, Props, Model>,
  'fromArm' | 'refs' | 'reach' | 'facts' | 'fields'
>

function seen<Props extends object, Model extends object>(def: AnyDef<Props, Model>, body: Model): Observed {
  const props = def.fromArm(body)
  // A member that is of another sort than Azure's breaks here, where it came from, and not in a plan.
  differences(def, props, props)
  return {
    state: 'present',
    props,
    tags: (body as Tagged).tags ?? {},
    refs: def.refs?.(props) ?? [],
    reach: def.reach?.(props, 'delete') ?? [],
    facts: def.facts?.(body) ?? {}
  }
}

function differences<Props extends object, Model extends object>(def: AnyDef<Props, Model>, have: Props, want: Props): FieldChange[] {
  return (Object.keys(def.fields) as (keyof Props & string)[]).flatMap(
    field => fieldChange(field, def.fields[field], have[field], want[field], { have, want }) ?? []
  )
}

function secretsIn(rules: Readonly<Record<string, FieldRule<unknown>>>, props: unknown, fields: ReadonlySet<string> | undefined): Secret[] {
  return Object.entries(rules).flatMap(([field, { secret, everyWrite }]) => {
    const value = (props as Readonly<Record<string, unknown>>)[field]
    const sent = fields === undefined || everyWrite || fields.has(field)
    return secret && sent && value instanceof Secret ? [value] : []
  })
}

const candidate = <Props>({ path, observed }: Listed) =>
  observed.state === 'present' ? [{ path, props: observed.props as Props, facts: observed.facts }] : []

/**
 * `/subscriptions/s/resourceGroups/g/providers/N/a/x/b/y` → `[g, x, y]`; of a group `[g]`. A text that has a meaning in an address is
 * no name: the client for private DNS puts names in as they are, and a dot-dot takes a part of any path away [SDK-DNS, CORE-CLIENT].
 *
 * @throws StrayRequest
 */
function namesIn(path: string): string[] {
  if (/[\\?#%\p{Cc}]|\/\.{0,2}(\/|$)/u.test(path)) throw new StrayRequest(`Nothing was asked of Azure, since this is no id: ${path}`)
  const [, , , , group, , , ...rest] = path.split('/')
  return group === undefined ? [] : [group, ...rest.filter((_, index) => index % 2 === 1)]
}
