import type { Refusal } from '../model/change.ts'
import type { ResourceId } from '../model/id.ts'
import type { Existing, Live, Position } from '../model/resource.ts'

/** What is there under this id, or nothing. What could not be read is not there for a plan, and refused elsewhere. */
export function existing(live: Live, id: ResourceId, address: string): Existing | undefined {
  const found = live.resources.get(id)
  if (found === undefined || found.observed.state !== 'present') return undefined
  const { state: _, ...seen } = found.observed
  return { kind: found.kind, id, path: found.path, address, ...seen }
}

export const protectedRefusal = (address: string, { at }: { readonly at?: Position }): Refusal => ({
  code: 'protected',
  address,
  message: `${address} is protected (\`protect: true\`) and would be deleted. Take the protection off in a change of its own first.`,
  exit: 6,
  ...(at && { at })
})
