import { exampleAt } from './examples.generated.ts'
import { secretPatterns } from './secrets.generated.ts'
import type { Path } from './tree.ts'

/** Whether the schema says `secret` of what stands at `path`. */
export const secretAt = (path: Path): boolean =>
  secretPatterns.some(
    pattern => pattern.length === path.length && pattern.every((part, index) => part === '*' || part === String(path[index]))
  )

/** The first example that the schema has for what stands at `path`; none for what is one word and may be left out. */
export function exampleFor(path: Path): unknown {
  const keys = path.map(String)
  const pattern = Object.keys(exampleAt).find(one => {
    const parts = one.split('/')
    return parts.length === keys.length && parts.every((part, index) => part === '*' || part === keys[index])
  })
  return pattern === undefined ? undefined : exampleAt[pattern]
}
