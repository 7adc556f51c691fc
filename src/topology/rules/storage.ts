import type { Server } from '../../model/topology.generated.ts'
import type { Finding, RuleText, Sound } from './rule.ts'
import { each, ourServersOf } from './walk.ts'

/** The performance tiers a disk of each size can have, the one it has by itself first. */
const storageTiers: ReadonlyMap<number, readonly number[]> = new Map([
  [32, [4, 6, 10, 15, 20, 30, 40, 50]],
  [64, [6, 10, 15, 20, 30, 40, 50]],
  [128, [10, 15, 20, 30, 40, 50]],
  [256, [15, 20, 30, 40, 50]],
  [512, [20, 30, 40, 50]],
  [1024, [30, 40, 50]],
  [2048, [40, 50]],
  [4095, [50]],
  [4096, [50]],
  [8192, [60, 70, 80]],
  [16384, [70, 80]],
  [32767, [80]]
])

const leastGiB = 32
/** The bounds of Premium SSD v2; Premium SSD ends at 32767. */
const mostGiB = 65_536

const isV2 = ({ storage }: Sound<Server>): boolean => storage?.type === 'PremiumV2_LRS'

const sizes = [...storageTiers.keys()].join(', ')
/** The sizes of Premium SSD, and the next one up. */
function sizesAfter(size: number): string {
  const larger = [...storageTiers.keys()].find(one => one > size)
  return `use ${sizes}${larger === undefined ? '' : `; the next size up is ${larger}`}; or write type: PremiumV2_LRS with iops and throughputMBps`
}

const storageSize = each(ourServersOf, function* ({ path, entry }) {
  const { sizeGiB: size, type } = entry.storage ?? {}
  if (size === undefined) return
  const at = [...path, 'storage', 'sizeGiB']
  if (size < leastGiB || size > mostGiB)
    yield {
      path: at,
      summary: `a server cannot have ${size} GiB of storage`,
      fix: size < leastGiB ? `the least is ${leastGiB}` : `the most is ${mostGiB}`
    }
  else if (type === 'Premium_LRS' && !storageTiers.has(size))
    yield {
      path: at,
      summary: `Premium SSD has no size of ${size} GiB`,
      fix: sizesAfter(size),
      related: [{ path: [...path, 'storage', 'type'], message: 'the type' }]
    }
})

const sizeOfSsdV2 = each(ourServersOf, function* ({ path, entry }, ctx) {
  const size = entry.storage?.sizeGiB
  if (size === undefined || size < leastGiB || size > mostGiB || storageTiers.has(size) || ctx.declared([...path, 'storage', 'type']))
    return
  yield {
    path: [...path, 'storage', 'sizeGiB'],
    summary: `${size} GiB is a size of Premium SSD v2 alone: a server can be taken over with it, and not be made without type`,
    fix: sizesAfter(size)
  }
})

const storageTier = each(ourServersOf, function* ({ path, entry }) {
  const { sizeGiB, tier } = entry.storage ?? {}
  const allowed = sizeGiB === undefined || isV2(entry) ? undefined : storageTiers.get(sizeGiB)?.map(number => `P${number}`)
  if (tier === undefined || !allowed || allowed.some(one => one.toLowerCase() === tier.toLowerCase())) return
  yield {
    path: [...path, 'storage', 'tier'],
    summary: `storage of ${sizeGiB} GiB cannot have the performance tier ${tier}`,
    fix: `use ${allowed.join(', ')}, or leave tier out for ${allowed[0]}`
  }
})

const figures = ['iops', 'throughputMBps'] as const

const performance = each(ourServersOf, function* ({ path, entry }, ctx) {
  const at = [...path, 'storage']
  const type = { path: [...at, 'type'], message: 'the type' }
  for (const figure of figures) {
    const isThere = ctx.declared([...at, figure])
    if (isV2(entry) && !isThere) {
      yield {
        path: type.path,
        summary: `storage of the type PremiumV2_LRS has to say ${figure}`,
        fix: `add ${figure}: ${figure === 'iops' ? least.iops : least.throughputMBps}, or more`
      }
    } else if (isThere && !isV2(entry) && (entry.storage?.type !== undefined || !ctx.declared(type.path))) {
      const related = entry.storage?.type === undefined ? [] : [type]
      yield {
        path: [...at, figure],
        aim: 'key',
        summary: `${figure} is a setting of Premium SSD v2: that of Premium SSD comes with its tier`,
        fix: `write type: PremiumV2_LRS, or take ${figure} out and set tier`,
        related
      }
    }
  }
})

const least = { iops: 3000, throughputMBps: 125 }
const most = { iops: 80_000, throughputMBps: 1200 }

const limits = each(ourServersOf, function* ({ path, entry }): Generator<Finding> {
  if (!isV2(entry)) return
  const { sizeGiB, iops, throughputMBps } = entry.storage ?? {}
  for (const figure of figures) {
    const value = entry.storage?.[figure]
    if (value !== undefined && (value < least[figure] || value > most[figure]))
      yield {
        path: [...path, 'storage', figure],
        summary: `Premium SSD v2 has no ${figure}: ${value}`,
        fix: `use ${least[figure]} to ${most[figure]}`
      }
  }
  // In the order of the documentation: 500 operations a second for each GiB, 0.25 MB/s for each operation a second, and the least of both at all sizes.
  const mostIops = sizeGiB === undefined ? undefined : Math.max(least.iops, 500 * sizeGiB)
  if (iops !== undefined && mostIops !== undefined && iops <= most.iops && iops > mostIops)
    yield {
      path: [...path, 'storage', 'iops'],
      summary: `${sizeGiB} GiB of Premium SSD v2 have at most ${mostIops} operations a second`,
      fix: `use ${least.iops} to ${mostIops}, or ${Math.ceil(iops / 500)} GiB`,
      related: [{ path: [...path, 'storage', 'sizeGiB'], message: 'the size' }]
    }
  const mostThroughput = iops === undefined ? undefined : Math.max(least.throughputMBps, Math.floor(iops / 4))
  if (
    throughputMBps !== undefined &&
    mostThroughput !== undefined &&
    throughputMBps <= most.throughputMBps &&
    throughputMBps > mostThroughput
  )
    yield {
      path: [...path, 'storage', 'throughputMBps'],
      summary: `Premium SSD v2 of ${iops} operations a second has at most ${mostThroughput} MB/s`,
      fix: `use ${least.throughputMBps} to ${mostThroughput}, or iops: ${4 * throughputMBps}`,
      related: [{ path: [...path, 'storage', 'iops'], message: 'the operations a second' }]
    }
})

const withoutOf = each(ourServersOf, function* ({ path, entry }): Generator<Finding> {
  if (!isV2(entry)) return
  const related = [{ path: [...path, 'storage', 'type'], message: 'the type' }]
  if (entry.storage?.tier !== undefined)
    yield {
      path: [...path, 'storage', 'tier'],
      summary: 'Premium SSD v2 has no performance tier',
      fix: 'take tier out: iops and throughputMBps say it',
      related
    }
  if (entry.storage?.autoGrow === true)
    yield { path: [...path, 'storage', 'autoGrow'], summary: 'Premium SSD v2 does not grow by itself', fix: 'take autoGrow out', related }
  if (entry.compute?.tier === 'Burstable')
    yield { path: [...path, 'compute', 'tier'], summary: 'a server of the tier Burstable is not on Premium SSD v2', related }
})

const docs = 'https://learn.microsoft.com/azure/postgresql/compute-storage'
const premium = 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage-premium-ssd'
const premiumV2 = `${docs}/concepts-storage-premium-ssd-v2`

export const storageRules: readonly RuleText[] = [
  {
    id: 'PGL028',
    name: 'storage-size',
    source: `${premium} (Storage size)`,
    summary: 'The storage of a server has 32 to 65536 GiB, and with type: Premium_LRS one of its sizes.',
    why: 'Azure refuses less and more, and on Premium SSD every size in between.',
    fix: 'use a size in between',
    check: storageSize
  },
  {
    id: 'PGL078',
    name: 'storage-size-of-ssd-v2',
    severity: 'warning',
    lowerable: true,
    source: `${premium} (Storage size), https://github.com/Azure/bicep-registry-modules/pull/6965`,
    summary: 'The storage of a server that says no type has one of the sizes of Premium SSD: 32, 64, 128, … 32767 GiB.',
    why: 'A server is made on Premium SSD unless type says otherwise, and Azure refuses every size in between there. Premium SSD v2 has them all, and a server on it can be taken over.',
    fix: 'use one of the sizes, write type: PremiumV2_LRS, or take over a server that is on it',
    check: sizeOfSsdV2
  },
  {
    id: 'PGL029',
    name: 'storage-tier',
    source: `${premium} (Performance tiers), https://github.com/hashicorp/terraform-provider-azurerm/blob/main/internal/services/postgres/validate/flexible_server_storage_tier.go`,
    summary: 'The performance tier of the storage is at least that of its size, up to P50 for 4096 GiB and less, and up to P80 above.',
    why: 'Azure refuses a tier below that of the size, and one of the other group.',
    fix: 'leave tier out for the tier of the size',
    check: storageTier
  },
  {
    id: 'PGL110',
    name: 'storage-performance',
    source: `${premiumV2}, https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/postgresql/utils/validators.py (_pg_storage_type_validator)`,
    summary: 'Storage on Premium SSD v2 says iops and throughputMBps, and other storage neither.',
    why: 'Azure asks for both with PremiumV2_LRS. Those of Premium SSD come with its tier.',
    fix: 'write type: PremiumV2_LRS with both, or neither',
    check: performance
  },
  {
    id: 'PGL111',
    name: 'storage-performance-limits',
    lowerable: true,
    source: `${premiumV2} (Premium SSD v2 - IOPS, Throughput)`,
    summary:
      'Premium SSD v2 has 3000 to 80000 operations a second, 500 for each GiB at most, and 125 to 1200 MB/s, a quarter of the operations at most.',
    why: 'Azure refuses other figures. The region and the size of the compute may offer less: a plan asks.',
    fix: 'use figures within the limits',
    check: limits
  },
  {
    id: 'PGL112',
    name: 'storage-without',
    source: `${premiumV2} (Limitations), https://github.com/Azure/azure-cli/pull/31948`,
    summary: 'A server on Premium SSD v2 has no performance tier and no auto-grow, and is not Burstable.',
    why: 'Azure has none of them on Premium SSD v2.',
    fix: 'take the setting out, or use GeneralPurpose or MemoryOptimized',
    check: withoutOf
  }
]
