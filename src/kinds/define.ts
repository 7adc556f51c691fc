import type { Azure, Clients } from '../azure/azure.ts'
import { carrying, unpaced } from '../azure/call.ts'
import { asking, isNotFound, StrayRequest, taken } from '../azure/error.ts'
import type { FieldChange } from '../model/change.ts'
import { type ResourceId, typeOf } from '../model/id.ts'
import type { Observed } from '../model/resource.ts'
import { Secret } from '../model/secret.ts'
import { authorOf } from './authored.ts'
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
    author: authorOf(def.authored),
    // A resource that Azure makes together with another is written at both ends.
    reachesElsewhere: def.reach !== undefined || def.comesWithRef === true,
    fields: def.fields as unknown as Readonly<Record<string, FieldRule<unknown>>>,
    relations: (props, ctx) => ({
      refs: def.refs(props as Props),
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

/** The answers of a definition that says nothing else. */
const usual: Pick<Kind, Exclude<Kept | Asked, 'type' | 'actions' | 'refs'>> = {
  leftAlone: 'refer to it by `id:`',
  removedBy: 'delete',
  verbRights: {},
  unseen: () => [],
  linkedRights: () => [],
  needs: () => [],
  unwanted: () => false,
  unmakable: () => undefined
}

type Reads = Pick<Kind, 'observe' | 'list' | 'listGroup' | 'embedded' | 'match' | 'seenAs'>

function reads<Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>(
  def: KindDef<Type, Name, Spec, Props, Model>
): Reads {
  const client = (azure: Azure, path: string) => azure.client(def.client, path.split('/')[2] ?? '')
  const reading = (body: Model & { readonly id?: string }, path = ''): Read => ({ path: body.id ?? path, observed: seen(def, body), body })
  const collected = async (listed: AsyncIterable<Model & { readonly id?: string }>): Promise<Read[]> => {
    const found: Read[] = []
    for await (const body of listed) found.push(reading(body))
    return found
  }
  const { listGroup, embedded, match } = def

  return {
    async observe(azure, path) {
      // A read by the names in an id of something else would find what that lies in.
      if (typeOf(path) !== def.type.toLowerCase()) return { path, observed: { state: 'absent' }, body: undefined }
      return asking(`GET ${path}`, async () => {
        const body = await orAbsent(def.read(await client(azure, path), namesIn(path) as unknown as Address<Type>, ioOf(azure, path)))
        return body === undefined ? { path, observed: { state: 'absent' }, body } : reading(body, path)
      })
    },
    async list(azure, under) {
      return asking(`GET each ${def.title} of ${under}`, async () =>
        collected(def.list(await client(azure, under), namesIn(under) as unknown as Under<Type>, ioOf(azure, under)))
      )
    },
    listGroup:
      listGroup &&
      ((azure, group) =>
        asking(`GET each ${def.title} of ${group}`, async () =>
          collected(listGroup(await client(azure, group), group.split('/')[4] ?? ''))
        )),
    embedded:
      embedded && (parent => taken(`GET each ${def.title} in a body`, () => embedded(parent as never).map(body => reading(body as Model)))),
    seenAs: (body, path) => reading(body as Model, path),
    match: match && ((props, among, lookup) => match(props as Props, among.flatMap(candidate<Props>), lookup))
  }
}

type Writes = Pick<Kind, 'create' | 'update' | 'remove' | 'invoke'>

function writes<Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>(
  def: KindDef<Type, Name, Spec, Props, Model>
): Writes {
  const at = (path: string) => namesIn(path) as unknown as Address<Type>
  const client = (azure: Azure, path: string) => azure.client(def.client, path.split('/')[2] ?? '')
  const tagged = (body: Model, tags: Readonly<Record<string, string>>): Model =>
    def.taggable ? { ...body, tags: { ...tags, ...(body as Tagged).tags } } : body

  return {
    async create({ azure, path, props, tags, written, say }) {
      const where = (await asking(`GET ${path}`, async () => def.locate?.(azure, path, props as Props))) ?? path
      const io = ioOf(azure, where, say)
      const to = await client(azure, where)
      const body = asWritten(tagged(def.toArm(props as Props), tags), written)
      await asking(`PUT ${where}`, async () => {
        await def.put(to, at(where), body, unpaced, io)
        await def.ready?.(to, at(where), props as Props, io)
      })
    },
    async update({ azure, path, props, tags, fields, written, say }) {
      const io = ioOf(azure, path, say)
      const to = await client(azure, path)
      const body = def.toPatch ? def.toPatch(props as Props, fields) : def.toArm(props as Props)
      await asking(`${def.patch ? 'PATCH' : 'PUT'} ${path}`, async () => {
        await (def.patch ?? def.put)(to, at(path), asWritten(tagged(body, tags), written), { ...unpaced, ...carrying }, io)
        await def.ready?.(to, at(path), props as Props, io)
      })
    },
    async remove({ azure, path, props, say }) {
      const io = ioOf(azure, path, say)
      const to = await client(azure, path)
      await asking(`DELETE ${path}`, async () => {
        await def.remove(to, at(path), unpaced, io)
        await def.gone?.(to, at(path), props as Props, io)
      })
    },
    async invoke({ azure, path, verb, props, say }) {
      const to = await client(azure, path)
      const result = await asking(`POST ${path}/${verb}`, async () =>
        def.invoke?.(to, at(path), verb, props as Props, ioOf(azure, path, say))
      )
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
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asWritten(one, written)])) as Value
}

const ioOf = (azure: Azure, path: string, say: (what: string) => void = () => undefined): Io => ({
  path,
  azure,
  say,
  send: request => azure.send(request)
})

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
    refs: def.refs(props),
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

const candidate = <Props>({ path, observed }: Read) =>
  observed.state === 'present' ? [{ path, props: observed.props as Props, facts: observed.facts }] : []

/** Only a 404 is absence; whatever else a read says is thrown. */
async function orAbsent<T>(reading: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

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
