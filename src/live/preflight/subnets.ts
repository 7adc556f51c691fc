import { kindOf } from '../../kinds/index.ts'
import { grouped } from '../../model/grouped.ts'
import { nameOf, type ResourceId } from '../../model/id.ts'
import { presentIn } from '../../model/resource.ts'
import { type Asked, found, needsIn, type Wanting } from './asked.ts'

/** The first four addresses and the last one of each range [DOC-VNET-FAQ]. */
const reserved = 5

interface Room {
  readonly prefixes: readonly string[] | undefined
  readonly delegation: string | undefined
  /** How many addresses are in use. */
  readonly used: number
}

/** Whether a subnet has an address for each endpoint that the plan makes in it, and is delegated to what is to lie in it. */
export function checkSubnets(asked: Asked): void {
  for (const [subnet, joining] of grouped(needsIn(asked, 'address'), ({ need }) => need.subnet)) checkRoom(subnet, joining, asked)
  for (const lies of needsIn(asked, 'delegation')) checkDelegation(lies, asked)
}

/** As it is to be where the plan says so, as it is where it does not. */
export function roomOf(subnet: ResourceId, { live, desired }: Asked): Room | undefined {
  const observed = presentIn(live, subnet)
  const there = observed?.props as Omit<Room, 'used'> | undefined
  const wanted = desired.get(subnet)?.props as Partial<Omit<Room, 'used'>> | undefined
  if (there === undefined && wanted === undefined) return undefined
  return {
    prefixes: wanted?.prefixes ?? prefixesIn(wanted) ?? prefixesIn(there),
    delegation: wanted?.delegation ?? there?.delegation,
    used: observed?.facts.used ?? 0
  }
}

const prefixesIn = (props: object | undefined): readonly string[] | undefined =>
  (props as { readonly addressPrefixes?: readonly string[] } | undefined)?.addressPrefixes

function checkRoom(subnet: ResourceId, joining: readonly Wanting<'address'>[], asked: Asked): void {
  const room = roomOf(subnet, asked)
  if (room?.prefixes === undefined) return
  const ranges = room.prefixes.flatMap(prefix => /^\d+\.\d+\.\d+\.\d+\/(\d+)$/.exec(prefix)?.[1] ?? [])
  if (ranges.length === 0) return
  const all = ranges.reduce((sum, length) => sum + 2 ** (32 - Number(length)) - reserved, 0)
  // Only an endpoint that is made again has its old address back in time: one that just goes makes room for the next run.
  const again = joining.filter(({ isNew, old }) => isNew && old?.refs.includes(subnet) === true).length
  const free = all - room.used + again
  for (const { resource, need } of joining.slice(Math.max(0, free)))
    found(asked, resource, {
      rule: 'PGL081',
      exit: 6,
      field: need.field,
      message: `the subnet ${nameOf(subnet)} (${room.prefixes.join(', ')}) has no free address for it: ${all} beside the ${reserved} that Azure keeps of each range, ${room.used} of them in use, and ${joining.length} wanted by this plan. Azure would refuse it (SubnetIsFull). Use another subnet, or one with a larger range.`
    })
}

/** Validation has judged a subnet that the file declares; one that is only referred to we look at here. */
function checkDelegation({ resource, need }: Wanting<'delegation'>, asked: Asked): void {
  const room = asked.desired.get(need.subnet)?.managed ? undefined : roomOf(need.subnet, asked)
  const observed = asked.live.resources.get(need.subnet)?.observed
  if (room === undefined || observed?.state !== 'present') return
  const { type, title } = kindOf(resource)
  if (room.delegation?.toLowerCase() === type.toLowerCase()) return
  const has =
    room.delegation !== undefined
      ? `is delegated to ${room.delegation}`
      : room.used > 0
        ? `is not delegated, and ${room.used} others have addresses in it`
        : 'is not delegated'
  found(asked, resource, {
    rule: 'PGL082',
    exit: 6,
    field: 'delegatedSubnet',
    message: `the subnet ${nameOf(need.subnet)} ${has}. Azure would refuse the ${title} (DelegatedSubnetResourceId). Use a subnet that is delegated to ${type} and holds nothing else: ${need.subnet}`
  })
}
