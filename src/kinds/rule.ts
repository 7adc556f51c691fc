import type { FieldChange, Forces } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'
import type { Setting } from './setting.ts'

/** `have` is all that the resource has, `want` all that is declared: some fields can only be judged beside another. */
type Equal<T, Props extends object = object> = (live: T, desired: T, have: Props, want: Props) => boolean

/** The meaning of a difference in one field, and when the call that mends it may go out. */
export interface FieldRule<T, Props extends object = object> {
  /** Where the file says it, below its entry: `compute/size`, or a setting of another form. Absent for what stands nowhere in it. */
  readonly at?: string | Setting
  /** A function where it depends on the values: storage grows in place and never shrinks. */
  readonly forces: Forces | ((live: T, desired: T, have: Props) => Forces)
  readonly equal: Equal<T, Props>
  /** For `fixed`: the way to do it, as a sentence for the user. */
  readonly instead?: string | ((have: Props) => string)
  /** The difference in Azure's words, where the field is a word of ours. */
  readonly because?: string
  /** The exit code a `fixed` difference refuses with; 6 unless a person elsewhere has to move first. */
  readonly exit?: 6 | 7
  /** `false` for what Azure takes only from an update: it follows the create as a call of its own. */
  readonly atCreate?: boolean
  /** Whether going from one value to the other takes a path to the server away: it waits for the proof of the new one. */
  readonly cutsPath?: (live: T, desired: T) => boolean
  /** The types that an id may lead to. Azure looks for it before it takes the write. */
  readonly leadsTo?: readonly string[]
  /** The resource it leads to has to be in the region of this resource's parent. */
  readonly near?: boolean
  /**
   * The verb of the call that takes the value away, where Azure has one and the file has another setting in its stead: then it differs although
   * the file does not declare it.
   */
  readonly leavesBy?: (have: Props, want: Props) => string | undefined
  /** It goes out only after such a call of another field, where that has not left it as it is to be. */
  readonly afterCall?: (have: Props, want: Props) => boolean
  /** A change of it gives a path, where it does not take one away. */
  readonly givesPath?: boolean
  /** The value that Azure gives by default: an import leaves it out of the file. */
  readonly usual?: unknown
  /** As {@link usual}, where it depends on what is beside it, or has no case. */
  readonly isUsual?: (live: T, props: Props) => boolean
  /**
   * How much more one takes with the new value, below 0 for less: what follows another grows before it, and shrinks after it.
   * @param id of the resource, where its name decides
   */
  readonly grows?: (live: T, desired: T, id: ResourceId) => number
  /** The leader that one follows: no write changes it, but a promotion, which is a step of its own. */
  readonly leads?: boolean
  readonly restarts?: boolean | ((live: T, desired: T, have: Props) => boolean)
  /** Sent, never read back, never shown. It differs where what is beside it says that it has to be sent. */
  readonly secret?: boolean
  /** A limit of Azure's that a change of it counts towards, as a sentence of its own: a plan says it beside the change. */
  readonly note?: string | ((have: Props) => string | undefined)
  /** Azure takes it and never gives it back: a reader of the plan has to see that. */
  readonly irreversible?: boolean
  /** The value to write in place of `desired`, where a part of it stays as Azure has it. */
  readonly completed?: (live: T, desired: T) => unknown
  /** Azure's default: a value goes back to it that the baseline declared and the file does not. */
  readonly whenGone?: unknown
  /** Ours to keep and no word of the user's: never shown. */
  readonly internal?: boolean
  /** Never compared, and sent with every write all the same: a reader of the plan wants to see it. */
  readonly sentAlong?: boolean
  /** True of a secret that Azure does not keep through a write, so that no update goes without it. */
  readonly everyWrite?: boolean
}

type Options<T, Props extends object> = Partial<Omit<FieldRule<T, Props>, 'forces' | 'secret' | 'everyWrite'>>

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const always =
  (forces: Forces) =>
  <T, Props extends object = object>(options: Options<T, Props> = {}): FieldRule<T, Props> => ({ forces, equal: sameJson, ...options })

export const update = always('update')
export const replace = always('replace')
/** Azure cannot change it and we will not delete what carries it: the plan refuses and says `instead`. */
export const fixed = <T, Props extends object = object>(
  instead: string | ((have: Props) => string),
  options: Options<T, Props> = {}
): FieldRule<T, Props> => ({ forces: 'fixed', equal: sameJson, instead, ...options })
/** Either way, by the values. `instead` is printed where it comes out as `fixed`. */
export const depending = <T, Props extends object = object>(
  forces: (live: T, desired: T, have: Props) => Forces,
  options: Options<T, Props> = {}
): FieldRule<T, Props> => ({ forces, equal: sameJson, ...options })
/** `due` says by what is beside it when an update sets it. A create always sends it. */
export const secret = <T, Props extends object>(
  due: (have: Props, want: Props) => boolean,
  { everyWrite = false }: Pick<FieldRule<T>, 'everyWrite'> = {}
): FieldRule<T, Props> => ({
  forces: 'update',
  equal: (_live, _desired, have, want) => !due(have, want),
  secret: true,
  everyWrite
})

/** A password is sent when its version rises. From an unknown version it cannot rise: a server that is taken over keeps its password. */
export const rises = (live: number | undefined, desired: number | undefined): boolean =>
  live !== undefined && desired !== undefined && desired > live

/** Remembers which password was sent last. An earlier one is not known any more. */
export const versionOfSecret = <Props extends { readonly passwordVersion?: number | undefined }>(
  options: Options<number | undefined, Props> = {}
): FieldRule<number | undefined, Props> => ({
  forces: (live, desired) => (rises(desired, live) ? 'fixed' : 'update'),
  equal: sameJson,
  instead: ({ passwordVersion = 0 }) =>
    `A version only rises: the password of version ${passwordVersion} was sent last. Write passwordVersion: ${passwordVersion}, or ${passwordVersion + 1} to have the password sent again.`,
  ...options
})

/** Equal whatever the case: ids, enums, locations already stripped of spaces. */
export const sameText = (a: string | undefined, b: string | undefined): boolean => a?.toLowerCase() === b?.toLowerCase()

const judged = <T, Props, R extends Forces | boolean>(
  rule: R | ((live: T, desired: T, have: Props) => R),
  live: T,
  desired: T,
  have: Props
): R => (typeof rule === 'function' ? rule(live, desired, have) : rule)

/** The difference of one field, or nothing. A field that the file does not declare is no difference. */
export function fieldChange<T, Props extends object>(
  field: string,
  rule: FieldRule<T, Props>,
  live: T,
  desired: T,
  { have, want }: { readonly have: Props; readonly want: Props }
): FieldChange | undefined {
  const call = live === undefined ? undefined : rule.leavesBy?.(have, want)
  if (call !== undefined) return { field, from: live, to: undefined, forces: 'update', phase: 'call', call, restarts: false }
  if (desired === undefined || rule.equal(live, desired, have, want)) return undefined
  const forces = judged(rule.forces, live, desired, have)
  const instead = typeof rule.instead === 'function' ? rule.instead(have) : rule.instead
  return {
    field,
    from: live,
    to: desired,
    forces,
    ...(forces === 'fixed' && instead !== undefined && { instead }),
    ...(forces === 'fixed' && rule.exit !== undefined && { exit: rule.exit }),
    ...(rule.because !== undefined && { because: rule.because }),
    phase: rule.afterCall?.(have, want) ? 'later' : rule.cutsPath?.(live, desired) ? 'cut-over' : 'main',
    restarts: forces !== 'fixed' && judged(rule.restarts ?? false, live, desired, have)
  }
}
