import { secretPatterns } from './secrets.generated.ts'
import type { Path } from './tree.ts'

/** Whether the schema says `secret` of what stands at `path`. */
export const secretAt = (path: Path): boolean =>
  secretPatterns.some(
    pattern => pattern.length === path.length && pattern.every((part, index) => part === '*' || part === String(path[index]))
  )
