/** How a kind is read: by a list, one by one, in the body of what it lies in, or by the record that it keeps. */
export type HowRead = 'list' | 'one by one' | 'in a body' | 'by record'

/** A decision how some resources are read. */
export interface ReadNote {
  /** The type of what is read. */
  readonly type: string
  readonly how: HowRead
  readonly resources: number
  readonly why: string
}

/** How often Azure was asked, by what for: see {@link askedFor}. */
export type Asked = ReadonlyMap<string, number>

/** The reason of a plan's reads: what was decided, and how often Azure was asked in the end. */
export interface ReadsTold {
  readonly notes: readonly ReadNote[]
  readonly asked: Asked
}

/** The key of a read: its type in lower case, and whether it is a list, whose pages count each, or one resource. */
export const readKey = (type: string, how: 'list' | 'one by one'): string => `${type.toLowerCase()} ${how}`

/** One line of the explanation of a plan's reads. */
export interface ExplainedRead {
  /** The kind, as a reader of a message knows it, or the type of what is no kind. */
  readonly what: string
  readonly how: HowRead
  readonly resources: number
  /** Pages count each. */
  readonly calls: number
  readonly why: string
}

/** The key of a request that only reads. */
export function askedFor(method: string, url: string): string {
  const parts = decodeURI(new URL(url).pathname)
    .toLowerCase()
    .split('/')
    .filter(part => part !== '')
  const at = parts.lastIndexOf('providers')
  if (at < 0) {
    const last = parts.length % 2 === 1 ? parts.at(-1) : parts.at(-2)
    return readKey(`microsoft.resources/${last ?? ''}`, parts.length % 2 === 1 ? 'list' : 'one by one')
  }
  const [namespace = '', ...rest] = parts.slice(at + 1)
  const type = [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/')
  return readKey(type, method === 'GET' && rest.length % 2 === 1 ? 'list' : 'one by one')
}

/** How often Azure was asked in all. */
export const readsIn = (asked: Asked): number => [...asked.values()].reduce((sum, calls) => sum + calls, 0)

/** Both together. */
export function addAsked(one: Asked, other: Asked): Asked {
  const sum = new Map(one)
  for (const [key, calls] of other) sum.set(key, (sum.get(key) ?? 0) + calls)
  return sum
}
