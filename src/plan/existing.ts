import type { Refusal } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'
import { isProtected, protectTag } from '../model/owner.ts'
import { type Existing, type Live, type Position, presentIn } from '../model/resource.ts'
import { shellWord } from '../model/shell.ts'

/** The resource under this id, or nothing. An unreadable one is not there for a plan, and refused elsewhere. */
export function existing(live: Live, id: ResourceId, address: string): Existing | undefined {
  const [found, observed] = [live.resources.get(id), presentIn(live, id)]
  if (found === undefined || observed === undefined) return undefined
  const { state: _, ...seen } = observed
  return { kind: found.kind, id, path: found.path, address, ...seen }
}

interface Protected {
  /** The file's word, or the baseline's for a resource that left it. */
  readonly protect: boolean | undefined
  readonly at?: Position
  readonly happens: 'deleted' | 'deleted and made again'
}

/** The protections of `old` against a delete: the file's word, and the tag on the resource itself. Each is ended in its own way. */
export function protectedRefusals(old: Existing, { protect, at, happens }: Protected): Refusal[] {
  const { address, path } = old
  const refuse = (message: string): Refusal => ({ code: 'protected', address, message, exit: 6, ...(at && { at }) })
  const byFile = `${address} is protected (\`protect: true\`) and would be ${happens}. Take the protection off in a change of its own first.`
  const takesOff = `az tag update --operation Delete --tags ${shellWord(`${protectTag}=${tagValue(old.tags)}`)} --resource-id ${shellWord(path)}`
  const byTag = `${address} is protected (its tag ${protectTag} in Azure says so) and would be ${happens}. If it may go, take the tag off first: ${takesOff}`
  return [...(protect ? [refuse(byFile)] : []), ...(isProtected(old.tags) ? [refuse(byTag)] : [])]
}

const tagValue = (tags: Existing['tags']): string => {
  const value = Object.entries(tags).find(([name]) => name.toLowerCase() === protectTag)?.[1] ?? ''
  return /^[^\p{Cc}]+$/u.test(value) ? value : 'VALUE'
}
