import { type Json, type JsonObject, listAt, textAt, valueAt, without } from '../../json.ts'

/** Sizes in GB of Premium SSDs, with the performance tier that each begins with and that tier's operations a second [TF-PG]. */
export const premiumSizes: readonly (readonly [sizeGB: number, tier: string])[] = [
  [32, 'P4'],
  [64, 'P6'],
  [128, 'P10'],
  [256, 'P15'],
  [512, 'P20'],
  [1024, 'P30'],
  [2048, 'P40'],
  [4095, 'P50'],
  [4096, 'P50'],
  [8192, 'P60'],
  [16384, 'P70'],
  [32767, 'P80']
]

/** Operations a second of each tier. */
export const tierSpeeds: Readonly<Record<string, number>> = {
  P4: 120,
  P6: 240,
  P10: 500,
  P15: 1100,
  P20: 2300,
  P30: 5000,
  P40: 7500,
  P50: 7500,
  P60: 16000,
  P70: 18000,
  P80: 20000
}

const tiers = Object.keys(tierSpeeds)

export const sizeOf = (storage: Json | undefined): number => {
  const size = valueAt(storage, 'storageSizeGB')
  return typeof size === 'number' ? size : 32
}

const isPremium = (storage: Json | undefined): boolean => /^(premium_lrs)?$/i.test(textAt(storage, 'type') ?? '')

/** The members that Azure fills in by size when they are not sent. */
export function performanceOf(storage: JsonObject): JsonObject {
  if (!isPremium(storage)) return { iops: 3000, throughput: 125 }
  const tier = textAt(storage, 'tier') ?? tierOf(sizeOf(storage)) ?? 'P4'
  return { iops: tierSpeeds[tier] ?? 120, tier }
}

/** A value that Azure fills in by itself is no choice of the sender's: a bigger disk gets other ones (CORPUS). */
export function chosenOf(storage: JsonObject): JsonObject {
  if (!isPremium(storage)) return storage
  return without(storage, 'iops', ...(storage['tier'] === tierOf(sizeOf(storage)) ? ['tier'] : []))
}

const tierOf = (size: number): string | undefined => premiumSizes.find(([sizeGB]) => sizeGB === size)?.[1]

/** The name of the parameter that cannot be; undefined when all can. A tier may be higher than the size's own, up to P50 and P80 [TF-PG]. */
export function storageProblem(storage: Json | undefined, { tier, isNew }: Around): string | undefined {
  if (isPremium(storage)) return premiumProblem(storage)
  return textAt(storage, 'type') === premiumV2 ? premiumV2Problem(storage, { tier, isNew }) : undefined
}

interface Around {
  /** The tier of the compute. */
  readonly tier: string | undefined
  /** A copy of another server may leave its speed to Azure [az postgres flexible-server restore --storage-type]. */
  readonly isNew: boolean
}

function premiumProblem(storage: Json | undefined): string | undefined {
  const size = sizeOf(storage)
  const least = tierOf(size)
  if (least === undefined) return 'storageSizeGB'
  const tier = textAt(storage, 'tier') || undefined
  const most = size > 4096 ? 'P80' : 'P50'
  const at = tier === undefined ? tiers.indexOf(least) : tiers.indexOf(tier)
  return at >= tiers.indexOf(least) && at <= tiers.indexOf(most) ? undefined : 'tier'
}

const premiumV2 = 'PremiumV2_LRS'

/** Premium SSD v2 has any size, asks for its speed, and has neither tier nor growth of its own [DOC: Premium SSD v2; az postgres]. */
function premiumV2Problem(storage: Json | undefined, { tier, isNew }: Around): string | undefined {
  const within = (name: string, least: number, most: number): boolean => {
    const value = valueAt(storage, name)
    if (value === undefined && !isNew) return true
    return typeof value === 'number' && value >= least && value <= most
  }
  if (tier === 'Burstable') return 'type'
  if (!within('storageSizeGB', 32, 65_536)) return 'storageSizeGB'
  if (!within('iops', 3000, 80_000)) return 'iops'
  if (!within('throughput', 125, 1200)) return 'throughput'
  if (textAt(storage, 'tier')) return 'tier'
  return textAt(storage, 'autoGrow') === 'Enabled' ? 'autoGrow' : undefined
}

/** The type of a disk in one word: an empty one is Premium SSD. */
export const storageTypeOf = (storage: Json | undefined): string => (isPremium(storage) ? 'Premium_LRS' : (textAt(storage, 'type') ?? ''))

/** Whether a change of a disk on Premium SSD v2 changes what its limit a day counts. */
export const changesSpeed = (was: Json | undefined, is: Json | undefined): boolean =>
  storageTypeOf(was) === premiumV2 && ['iops', 'throughput'].some(name => valueAt(was, name) !== valueAt(is, name))

const dayMs = 24 * 60 * 60_000

/** Four changes of speed in 24 hours, three in the first of a server [DOC: Premium SSD v2]. */
export const isSpeedSpent = (changedAt: readonly number[], createdAt: number, now: number): boolean =>
  changedAt.filter(one => one > now - dayMs).length >= (createdAt > now - dayMs ? 3 : 4)

/** When the speed of a disk was changed, in milliseconds. */
export const timesIn = (memory: JsonObject): readonly number[] => listAt(memory, 'speedChangedAt').filter(one => typeof one === 'number')
