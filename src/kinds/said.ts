import type { Azure } from '../azure/azure.ts'
import type { Duty } from '../model/duty.ts'
import type { ResourceId } from '../model/id.ts'
import type { Facts } from '../model/resource.ts'
import type { Drawn, Join } from './drawn.ts'
import type { CarriesMarkers, OnPath } from './kind.ts'
import type { Ours, Undeclared } from './undeclared.ts'

/** A password that Azure keeps for one, and gives back in a form that a write may send again. */
export interface StoredCredential<Props> {
  /** Another way to go without the password in a run: goes on from "or". */
  readonly instead: string
  /** Why an update of these fields cannot do with what is stored: goes on from "since"; `undefined` where it can. */
  refuses(have: Props, want: Props, fields: ReadonlySet<string>): string | undefined
  /** The properties of an update that leaves the stored one in place. */
  keep(props: Props): Props
}

/** A change that Azure makes by a call of its own. */
export interface ChangingCall {
  /** The words for it, which go on from "will be". */
  readonly becomes: string
  /** How long it usually takes. */
  readonly seconds: number
  /** The cost for clients, a sentence without its end: while it runs, and from then on until the new path is proven. */
  readonly meanwhile: string
  readonly afterwards: string
  /** Why nothing says that Azure makes the call on one as it is: clauses, such as "it is a read replica". */
  untried(have: { readonly props: unknown; readonly facts: Facts }): readonly string[]
}

/** The facts of a kind that its file states and the rest of the program takes as they stand. */
export interface Said<Props> {
  readonly name: string
  /** As a reader of a message knows it: `private endpoint`. */
  readonly title: string
  /** The duty that writes one. */
  readonly duty: Duty
  /** How long a write usually takes, as seen from outside: the medians of recorded operations [CORPUS], or a guess where none was. */
  readonly seconds: { readonly create: number; readonly update: number; readonly remove: number }
  /** Azure takes one write at a time of one and all that lies in it or refers to it. */
  readonly oneWriteAtATime: boolean
  /** The changes that Azure makes by calls of their own, by their verb. */
  readonly calls?: Readonly<Record<string, ChangingCall>>
  /** Its writes go beside those of what it refers to and reaches: in turn with others only where it lies. */
  readonly writtenBesideRefs?: boolean
  readonly drawn: Drawn
  /** The edges that one draws. @param own its id */
  joins?(props: Partial<Props>, own: ResourceId, facts: Facts): readonly Join[]
  /** The words of the way over public networks that it is to its server, or to itself as a server; of a network, whom it asks for names. @param name Azure's */
  way?(props: Partial<Props>, name: string, facts: Facts): string | undefined
  /** The rights that looks at it take beside the one to read it. */
  readonly alsoReads?: readonly string[]
  /** It carries tags, and one of them says which topology owns it. */
  readonly taggable?: boolean
  /** A label for its name, where that name is an id that no reader knows: a plan shows it. */
  readonly nameIs?: string
  /** Azure Resource Graph keeps the changes of one [azure-docs, supported tables and resources]; the activity log alone tells of others. */
  readonly inChangeHistory?: boolean
  /** The values that Azure decides while it makes one, and that a reader would look for. */
  readonly knownAfterApply?: readonly string[]
  /** Deleting the parent deletes it, and nothing is lost by not deleting it first. */
  readonly fallsWithParent?: boolean
  /** Holds data or other people's resources: a delete needs `--allow-delete` with its address. */
  readonly precious?: boolean
  /** Declaring it is consent enough to change one that we did not make. */
  readonly declarationIsConsent?: boolean
  /** Azure makes it together with what it refers to: where that is new, so is this. */
  readonly comesWithRef?: boolean
  /** Azure does not delete what one of these refers to: where that is made again, so is this. */
  readonly remadeWithRef?: boolean
  /** A follower has those of its leader, and they go with that alone. */
  readonly ofLeader?: boolean
  /** Azure keeps one of them in what it lies in: the old one goes before another is made. */
  readonly isAlone?: boolean
  /** Azure takes no second write of one that it could not make: that one is made again. */
  readonly remadeWhenFailed?: boolean
  /** Leaving the file means leaving it alone: only `removed` takes it away. */
  readonly keptWhenGone?: boolean
  /** Why Azure deletes none, as a sentence. */
  readonly neverDeleted?: string
  /** The way out where Azure is at one for ever: goes on from a colon. */
  readonly whenStuck?: string
  /** It lies in the Git repository of what it is in, where that has one, and a publish from there writes over it. */
  readonly publishedFromGit?: boolean
  /** Absent where Azure stores no password, or a write that leaves it out keeps it. */
  readonly storedCredential?: StoredCredential<Props>
  /** A write may take effect only when its parent has restarted. */
  readonly waitsForRestart?: boolean
  /** Absent where no marker lock may lie on one. */
  readonly carriesMarkers?: CarriesMarkers
  /** Absent where one that no file declares is no concern of what it lies in. */
  readonly undeclared?: Undeclared<Props>
  /** The ids of all that Azure would delete with one, and that is not ours or is protected; absent where nothing can lie in one unseen. */
  undeclaredInside?(azure: Azure, path: string, ours: Ours): Promise<readonly string[]>
  /** The words for what that finds, where it is not `holds what is not ours, or is protected`. */
  readonly othersInside?: string
  /** Others remove what is theirs from one of these: of one that is not ours, no marker may lie on what it is in either. */
  readonly shared?: boolean
  /** It is a part of the path from a client to a server: what takes it away comes after the proof of the new one. */
  readonly path?: OnPath
  /** The decision that one waits for and that no topology takes: a sentence that goes on from its address. */
  waitsElsewhere?(props: Props, facts: Facts): string | undefined
  /** How more of the network reaches a server by a write of this. @param before absent where none was updated @param isOurs whether the file makes it */
  exposes?(props: Props, before: Props | undefined, own: ResourceId, isOurs: (id: ResourceId) => boolean): string | undefined
}
