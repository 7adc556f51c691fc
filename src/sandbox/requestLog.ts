import { typeOf } from './armPath.ts'
import type { Json } from './json.ts'
import type { LogEntry } from './sandbox.ts'

/** The requests since it was last cleared. */
export interface RequestLog {
  add(entry: LogEntry): void
  clear(): undefined
  /** How many requests there were, by method and type, and each of them; of one method or one type alone where it is given. */
  report(only?: LogFilter): Json
}

interface LogFilter {
  readonly method?: string | null
  /** In any casing. */
  readonly type?: string | null
}

/** The oldest are forgotten beyond this many; the counts go on. */
const keptMax = 100_000

export function requestLog(): RequestLog {
  let entries: LogEntry[] = []
  let counts = new Map<string, Count>()
  return {
    add(entry) {
      entries.push(entry)
      if (entries.length > keptMax) entries = entries.slice(keptMax / 10)
      const type = typeIn(entry.path)
      const key = `${entry.method} ${type}`
      const known = counts.get(key)
      counts.set(key, { method: entry.method, type, count: (known?.count ?? 0) + 1 })
    },
    clear() {
      entries = []
      counts = new Map()
    },
    report(only = {}) {
      const asked = (method: string, type: string): boolean =>
        (!only.method || method === only.method.toUpperCase()) && (!only.type || type.toLowerCase() === only.type.toLowerCase())
      const counted = [...counts].filter(([, { method, type }]) => asked(method, type))
      return {
        count: counted.reduce((sum, [, { count }]) => sum + count, 0),
        byMethodAndType: Object.fromEntries(counted.map(([key, { count }]) => [key, count] as const).sort()),
        entries: entries.filter(({ method, path }) => asked(method, typeIn(path))).map(entry => ({ ...entry }))
      }
    }
  }
}

interface Count {
  readonly method: string
  readonly type: string
  readonly count: number
}

/** The type of the resource or collection; what stands above the providers by its last word. */
function typeIn(path: string): string {
  const type = typeOf(path)
  if (type !== '') return type
  const segments = path.split('/').filter(Boolean)
  return segments.length === 2 ? (segments[0] ?? '') : (segments.at(-1) ?? '')
}
