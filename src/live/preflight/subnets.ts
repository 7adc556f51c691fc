import { kindOf } from '../../kinds/index.ts'
import type { Need } from '../../kinds/need.ts'
import { nameOf, type ResourceId } from '../../model/id.ts'
import { presentIn } from '../../model/resource.ts'
import { type Asked, type Checked, type Finding, needsIn, placed, type Wanting } from './asked.ts'

type Joins = Wanting<Extract<Need, { need: 'address' }>>
type Lies = Wanting<Extract<Need, { need: 'delegation' }>>

/** The first four addresses and the last one of each range [DOC-VNET-FAQ]. */
const reserved = 5

interface Room {
  readonly prefixes: readonly string[] | undefined
  readonly delegation: string | undefined
  /** How many addresses are in use. */
  readonly used: number
}

/** Whether a subnet has an address for each endpoint that the plan makes in it, and is delegated to what is to lie in it. */
export async function checkSubnets(asked: Asked): Promise<Checked> {
  const bySubnet = new Map<ResourceId, Joins[]>()
  for (const joins of needsIn(asked, 'address')) bySubnet.set(joins.need.subnet, [...(bySubnet.get(joins.need.subnet) ?? []), joins])
  return {
    findings: [
      ...[...bySubnet].flatMap(([subnet, joining]) => full(subnet, joining, asked)),
      ...needsIn(asked, 'delegation').flatMap(lies => notFor(lies, asked))
    ]
  }
}

/** As it is to be where the plan says so, as it is where it does not. */
export function roomOf(subnet: ResourceId, { live, desired }: Asked): Room | undefined {
  const found = presentIn(live, subnet)
  const there = found?.props as Omit<Room, 'used'> | undefined
  const wanted = desired.get(subnet)?.props as Partial<Omit<Room, 'used'>> | undefined
  if (there === undefined && wanted === undefined) return undefined
  return {
    prefixes: wanted?.prefixes ?? prefixesIn(wanted) ?? prefixesIn(there),
    delegation: wanted?.delegation ?? there?.delegation,
    used: found?.facts.used ?? 0
  }
}

const prefixesIn = (props: object | undefined): readonly string[] | undefined =>
  (props as { readonly addressPrefixes?: readonly string[] } | undefined)?.addressPrefixes

function full(subnet: ResourceId, joining: readonly Joins[], asked: Asked): Finding[] {
  const room = roomOf(subnet, asked)
  if (room?.prefixes === undefined) return []
  const ranges = room.prefixes.flatMap(prefix => /^\d+\.\d+\.\d+\.\d+\/(\d+)$/.exec(prefix)?.[1] ?? [])
  if (ranges.length === 0) return []
  const all = ranges.reduce((sum, length) => sum + 2 ** (32 - Number(length)) - reserved, 0)
  // Only an endpoint that is made again has its old address back in time: one that just goes makes room for the next run.
  const again = joining.filter(({ isNew, old }) => isNew && old?.refs.includes(subnet) === true).length
  const free = all - room.used + again
  return joining.slice(Math.max(0, free)).map(({ resource, need }) => ({
    rule: 'PGL081',
    address: resource.address,
    message: `the subnet ${nameOf(subnet)} (${room.prefixes?.join(', ')}) has no free address for it: ${all} beside the ${reserved} that Azure keeps of each range, ${room.used} of them in use, and ${joining.length} wanted by this plan. Azure would refuse it (SubnetIsFull). Use another subnet, or one with a larger range.`,
    exit: 6,
    at: placed(asked, resource, need.field)
  }))
}

/** Validation has judged a subnet that the file declares; one that is only referred to we look at here. */
function notFor({ resource, need }: Lies, asked: Asked): Finding[] {
  const room = asked.desired.get(need.subnet)?.managed ? undefined : roomOf(need.subnet, asked)
  const observed = asked.live.resources.get(need.subnet)?.observed
  if (room === undefined || observed?.state !== 'present') return []
  const { type, title } = kindOf(resource)
  if (room.delegation?.toLowerCase() === type.toLowerCase()) return []
  const has =
    room.delegation !== undefined
      ? `is delegated to ${room.delegation}`
      : room.used > 0
        ? `is not delegated, and ${room.used} others have addresses in it`
        : 'is not delegated'
  return [
    {
      rule: 'PGL082',
      address: resource.address,
      message: `the subnet ${nameOf(need.subnet)} ${has}. Azure would refuse the ${title} (DelegatedSubnetResourceId). Use a subnet that is delegated to ${type} and holds nothing else: ${need.subnet}`,
      exit: 6,
      at: placed(asked, resource, 'delegatedSubnet')
    }
  ]
}
