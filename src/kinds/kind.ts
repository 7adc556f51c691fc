import type { Azure, Clients, RawRequest } from '../azure/azure.ts'
import type { Call } from '../azure/call.ts'
import type { FieldChange } from '../model/change.ts'
import type { Audit } from '../model/decision.ts'
import { type ResourceId, resourceId } from '../model/id.ts'
import type { Advice, Facts, Gate, Invocation, Listed, Live, Observed, Present, Reach, Resource } from '../model/resource.ts'
import type { Secret } from '../model/secret.ts'
import type { Author, Authored } from './authored.ts'
import type { InFile } from './inFile.ts'
import type { Motion } from './motion.ts'
import type { LinkedRight, Need } from './need.ts'
import type { FieldRule } from './rule.ts'
import type { Said } from './said.ts'
import type { Unclear } from './untold.ts'

/** A name in the file, or an ARM id. */
export type Reference = string | { readonly id: string }

/** Questions that a kind may ask while its entry is mapped: where it stands, and which resource a name in the file refers to. */
export interface Context {
  readonly path: string
  readonly id: ResourceId
  readonly name: string
  readonly subscription: string
  readonly resourceGroup: string
  /** Without spaces, lower case. */
  readonly location: string
  /** The end of servers' names in this cloud: `postgres.database.azure.com`. */
  readonly serverSuffix: string
  /** The paths behind the ids that this context gave, each in the casing it is written in. */
  readonly written: ReadonlyMap<ResourceId, string>
  /** The id to compare by; its path is kept for the body. */
  canonical(path: string): ResourceId
  ref(kind: string, reference: Reference): ResourceId
  /** The name of what is referred to, in the case it is written in: Data Factory's references are names. */
  nameOf(kind: string, reference: Reference): string
  /** The managed endpoint of the factory this lies in that leads to `server`. */
  managedEndpointTo(server: ResourceId): ResourceId | undefined
}

type Names<Type extends string> = Type extends `${string}/${infer Rest}` ? readonly [name: string, ...Names<Rest>] : readonly []

/** The group and the names in a path, as the SDKs take them: `get(...at)`. A type with two slashes has two names. */
export type Address<Type extends string> = readonly [group: string, ...Names<Type>]

/** The address of what a resource lies under. One that lies right in a group is listed for the whole subscription, at no address. */
export type Under<Type extends string> =
  Address<Type> extends readonly [...infer Above extends readonly [string, string, ...string[]], string] ? Above : readonly []

/** The means of an operation beside its client: the path it is about, and requests no SDK can express. */
export interface Io {
  readonly path: string
  readonly azure: Azure
  /** Tells the user what the step waits for, as a short phrase. */
  say(what: string): void
  send(request: RawRequest): Promise<unknown>
  readonly audit: Audit
}

/** Which part of a path: a proof that cannot wait for a later part looks at the ones before it. */
export type PathPart = 'endpoint' | 'decision' | 'record' | 'link' | 'access' | 'client'

/** One end of a path, as `match` compares it. */
interface End {
  readonly id: ResourceId
  readonly refs: readonly ResourceId[]
  /** The servers that it leads to. */
  readonly servers: readonly ResourceId[]
  readonly props: unknown
  /** Facts of the resource as Azure has it. */
  readonly facts?: Facts | undefined
}

/** How one of a kind stands in the path from a client to a server. */
export interface OnPath {
  readonly part: PathPart
  /** Whether it leads a client further, as it is: a rejected connection does not. `above` is the resource that it lies in. */
  leads?(own: { readonly props: unknown; readonly facts: Facts }, above: Observed | undefined): boolean
  /** Whether the owner of the server has to approve a new one before a client gets through. */
  asks?(props: unknown): boolean | undefined
  /** Two that cannot stand side by side: the old one goes before the new one is made. */
  excludes?(old: End, made: End): boolean
  /** The ids by which a connection of the server names one as where it comes from. */
  source?(own: { readonly id: ResourceId; readonly refs: readonly ResourceId[]; readonly facts: Facts | undefined }): readonly ResourceId[]
  /** The name that the endpoint behind one has: it says where to look, and anybody may give it to another. */
  nameBehind?(id: ResourceId): string
  /** The name by which a client calls the server, of a kind that refers to it by nothing else. */
  host?(props: unknown): string | undefined
}

/** Lookups that `match` may make: how the other end of a join looks. */
export type Lookup = (id: ResourceId) => Observed | undefined

/** One of those that are there, as `match` compares it. */
type Candidate<Props> = Pick<Read, 'path'> & { readonly props: Props; readonly facts: Facts }

/** No read can tell which of them is meant; the other end may say that it is as wanted. */
type Untellable = Unclear & { readonly isAsWanted: boolean }

/** How good a place for a marker lock one of a kind is. */
export interface CarriesMarkers {
  /** The lowest first. */
  readonly rank: number
  /** Only on one of ours: a Delete lock would be in the way of the owner of another. */
  readonly onlyOurs: boolean
}

/**
 * The one file a new kind is written in. One kind is one ARM resource: nothing it writes hides a second
 * call. `Model` is the SDK's own type for the body, `Spec` the type of its entry in the file.
 */
export interface KindDef<Type extends string, Name extends keyof Clients, Spec, Props extends object, Model extends object>
  extends Said<NoInfer<Props>> {
  readonly type: Type
  /** Absent for what no file declares. */
  readonly inFile?: InFile<NoInfer<Spec>>
  /** Absent where an entry says no more than its fields do. */
  readonly authored?: Authored<NoInfer<Props>, NoInfer<Model>>
  readonly client: Name
  /** How an entry says that this is not ours, where it has no `id`: goes on from "to leave it alone,". */
  readonly leftAlone?: string
  /** The bodies of this kind that the body of its parent already carries: reading them costs no call. */
  embedded?(parent: never): readonly unknown[]

  desired(spec: Spec, ctx: Context): Props
  refs?(props: NoInfer<Props>): readonly ResourceId[]
  /** Another of its kind that it follows: both take one write at a time, and it is never the smaller. */
  follows?(props: NoInfer<Props>): ResourceId | undefined
  /** The refs that a write takes on trust: it needs neither a right on them nor a look at them. */
  unseen?(props: NoInfer<Props>): readonly ResourceId[]
  /** Where the names of its rights begin with something else than its type. */
  readonly actions?: string
  /** `write` for what is never deleted, but written back as it was. */
  readonly removedBy?: 'write' | 'delete'
  /** The rights that calls take, by verb. */
  readonly verbRights?: Readonly<Record<string, string>>
  /** The rights on what a write leads to. @param fields those that an update changes; absent for a create */
  linkedRights?(props: NoInfer<Props>, fields: ReadonlySet<string> | undefined, id: ResourceId): readonly LinkedRight[]
  /** Further needs of a write. @param fields those that an update changes; absent for a create */
  needs?(props: NoInfer<Props>, fields: ReadonlySet<string> | undefined, id: ResourceId): readonly Need[]
  /** Where else Azure goes when this is written or removed; see Reach. */
  reach?(props: NoInfer<Props>, as: Reach['as']): readonly Reach[]
  /** The resources that the how-to wants without locks of their own while this is added. */
  advice?(props: NoInfer<Props>): readonly Advice[]
  gates?(props: NoInfer<Props>, ctx: Context): readonly Gate[]
  /** The file says that there is to be none: what it says of one that is there is a difference, and none is made. */
  unwanted?(props: NoInfer<Props>): boolean
  /** Why Azure would not make one of these, although one may be there that is so: a sentence with what to write. */
  unmakable?(props: NoInfer<Props>): string | undefined
  /**
   * The work of a person elsewhere before one that is written so works: a sentence that goes on from its address.
   * @param fields those that an update changes; absent for a create
   */
  byHand?(props: NoInfer<Props>, fields: ReadonlySet<string> | undefined, path: string): string | undefined
  /** Calls that follow a write of this. */
  invokes?(props: NoInfer<Props>, ctx: Context): readonly Invocation[]
  readonly fields: { readonly [K in keyof NoInfer<Props>]-?: FieldRule<Props[K], NoInfer<Props>> }
  /** Only the members we manage. Any other on the resource stays as it was found. */
  toArm(props: NoInfer<Props>): Model
  fromArm(body: NoInfer<Model>): NoInfer<Props>
  facts?(body: NoInfer<Model>): Facts
  /** Whether Azure works on one, for a type with states of its own. Azure's usual words need no line here. */
  motion?(facts: Facts): Motion

  read(client: Clients[Name], at: Address<Type>, io: Io): Promise<NoInfer<Model> | undefined>
  /** All in the subscription, or all under a parent: fewer calls than to read them one by one. */
  list(client: Clients[Name], under: Under<Type>, io: Io): AsyncIterable<NoInfer<Model> & { readonly id?: string }>
  /** All in a group: for a login that may not list the subscription. */
  listGroup?(client: Clients[Name], group: string): AsyncIterable<NoInfer<Model> & { readonly id?: string }>
  put(client: Clients[Name], at: Address<Type>, body: NoInfer<Model>, call: Call, io: Io): Promise<unknown>
  /** For a type that is updated with a PATCH, where Azure itself keeps what the body does not mention. `toPatch` then gives the body of the named fields alone. */
  patch?(client: Clients[Name], at: Address<Type>, body: NoInfer<Model>, call: Call, io: Io): Promise<unknown>
  toPatch?(props: NoInfer<Props>, fields: ReadonlySet<string>): NoInfer<Model>
  remove(client: Clients[Name], at: Address<Type>, call: Call, io: Io): Promise<unknown>

  /** For a kind that is found by what it joins, whatever its name: which of those that are there is meant. */
  match?(props: NoInfer<Props>, among: readonly Candidate<NoInfer<Props>>[], lookup: Lookup): string | undefined
  /** The resources that `match` and `untold` look up, also where no file declares them. */
  joinedBy?(props: NoInfer<Props>): readonly ResourceId[]
  /** For a kind that is found by what it joins; `undefined` where `match` tells all. */
  untold?(props: NoInfer<Props>, among: readonly Candidate<NoInfer<Props>>[], lookup: Lookup): Untellable | undefined
  /** For a kind that Azure names, or that the file names by another key: whether the last key of an address stands for this one. */
  answersTo?(key: string, props: NoInfer<Props>): boolean
  /** For a kind that Azure itself makes, with a name of its own: waits until it is there and says where. */
  locate?(azure: Azure, path: string, props: NoInfer<Props>): Promise<string>
  /** Paths at which Azure may keep one beside its own: there it is looked for before it counts as absent. @param above the resource that it lies in */
  elsewhere?(props: NoInfer<Props>, path: string, above: Present | undefined): readonly string[]
  /** For a type that answers at once and goes on working: waits until a write, or a removal, has come to its end. */
  ready?(client: Clients[Name], at: Address<Type>, props: NoInfer<Props>, io: Io): Promise<void>
  gone?(client: Clients[Name], at: Address<Type>, props: NoInfer<Props>, io: Io): Promise<void>
  /** The calls that are no write, by their verb. */
  readonly verbs?: Readonly<Record<string, Invoke<Clients[Name], Address<Type>, NoInfer<Props>>>>
}

type Invoke<Client, At, Props> = (client: Client, at: At, props: Props, io: Io) => Promise<InvokeResult>

/** The outcome of a call that is no write. `cannot-tell` is no failure: Azure did not offer the call. `waiting` is for a person. */
export interface InvokeResult {
  readonly outcome: 'ok' | 'cannot-tell' | 'waiting' | 'failed'
  readonly message: string
}

/** A resource as a read found it, with the body for what is embedded in it. */
export interface Read {
  readonly path: string
  readonly observed: Observed
  readonly body: unknown
}

type AnyDef = KindDef<string, keyof Clients, unknown, object, object>
type After<Ask> = Ask extends (first: never, ...rest: infer Rest) => unknown ? Rest : never
type Answer<Ask> = Ask extends (...all: never) => infer Result ? Result : never

/** The members of a definition that are the same in a kind; where a definition may leave one out, the kind has the usual answer. */
export type Kept = 'type' | 'leftAlone' | 'actions' | 'removedBy' | 'verbRights'
/** The questions about the properties of one, asked by callers that do not know the type of these. */
export type Asked =
  | 'refs'
  | 'unseen'
  | 'joinedBy'
  | 'elsewhere'
  | 'follows'
  | 'linkedRights'
  | 'needs'
  | 'unwanted'
  | 'unmakable'
  | 'byHand'

/** A kind with its types closed over, so that kinds of different shape fit in one registry. */
export interface Kind
  extends Said<unknown>,
    Required<Pick<AnyDef, Kept>>,
    Pick<AnyDef, 'inFile' | 'desired'>,
    Readonly<{ [Ask in Asked]: (props: unknown, ...rest: After<NonNullable<AnyDef[Ask]>>) => Answer<NonNullable<AnyDef[Ask]>> }> {
  readonly author: Author
  /** The rights that looks at one take, and waits for what Azure does with it. */
  readonly readRights: readonly string[]
  /** Azure may go elsewhere when one is written or removed. */
  readonly reachesElsewhere: boolean
  readonly fields: Readonly<Record<string, FieldRule<unknown>>>
  relations(props: unknown, ctx: Context): Relations
  diff(have: unknown, want: unknown): FieldChange[]
  /** Whether Azure works on one, and on what; one that is not there is at rest. */
  motion(observed: Observed | undefined): Motion
  observe(azure: Azure, path: string): Promise<Read>
  list(azure: Azure, under: string): Promise<readonly Read[]>
  /** `group` is the group's own path. */
  readonly listGroup: ((azure: Azure, group: string) => Promise<readonly Read[]>) | undefined
  /** One as a read that gave this body would find it. */
  seenAs(body: unknown, path: string): Read
  /** `undefined` for a kind that no parent carries. */
  readonly embedded: ((parentBody: unknown) => readonly Read[]) | undefined
  readonly answersTo: ((key: string, props: unknown) => boolean) | undefined
  readonly match: ((props: unknown, among: readonly Read[], lookup: Lookup) => string | undefined) | undefined
  readonly untold: ((props: unknown, among: readonly Listed[], lookup: Lookup) => Untellable | undefined) | undefined
  create(write: Write): Promise<void>
  /** Sends the named fields, and whatever has to go with them. */
  update(write: Write & { readonly fields: ReadonlySet<string> }): Promise<void>
  remove(write: Omit<Write, 'tags'>): Promise<void>
  /** The secrets that a create, or an update of these fields, sends and cannot go without. */
  sends(props: unknown, fields: ReadonlySet<string> | undefined): readonly Secret[]
  invoke(write: Omit<Write, 'tags'> & { readonly verb: string }): Promise<InvokeResult>
  /** `fromArm(toArm(props))`, for the law that it changes nothing. */
  roundTrip(props: unknown): unknown
  /** Maps a body as Azure answers it. */
  fromArm(body: unknown): unknown
}

interface Write {
  readonly azure: Azure
  readonly path: string
  readonly props: unknown
  readonly tags: Readonly<Record<string, string>>
  /** The casing in which the body names other resources. */
  readonly written?: ReadonlyMap<ResourceId, string> | undefined
  readonly say?: (what: string) => void
  readonly audit?: Audit | undefined
}

type Relations = Pick<Resource, 'refs' | 'reach' | 'advice' | 'gates' | 'invokes'>

/** Whether this end of a connection shows it as Approved: Azure lets no client through any other. */
export const isOpen = ({ connection }: Facts): boolean => connection === undefined || /^approved$/i.test(connection.status)

/** For a type that is only read by listing. */
export async function named<T extends { readonly name?: string }>(all: AsyncIterable<T>, name: string): Promise<T | undefined> {
  for await (const one of all) if (one.name?.toLowerCase() === name.toLowerCase()) return one
  return undefined
}

/** A location as Azure compares it: "East US 2" is eastus2. */
export const location = (name: string | undefined): string => (name ?? '').replaceAll(' ', '').toLowerCase()

/** `undefined` stays so: a field that is not in a body was not set. */
export const idOf = (path: string | null | undefined): ResourceId | undefined => (path ? resourceId(path) : undefined)

/** How `Live` answers a lookup. */
export function lookupIn({ resources }: Pick<Live, 'resources'>): Lookup {
  return id => resources.get(id)?.observed
}
