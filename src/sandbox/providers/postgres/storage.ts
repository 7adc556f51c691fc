import { type Json, type JsonObject, textAt, valueAt, without } from '../../json.ts'

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
export function storageProblem(storage: Json | undefined): string | undefined {
  if (!isPremium(storage)) return undefined
  const size = sizeOf(storage)
  const least = tierOf(size)
  if (least === undefined) return 'storageSizeGB'
  const tier = textAt(storage, 'tier') || undefined
  const most = size > 4096 ? 'P80' : 'P50'
  const at = tier === undefined ? tiers.indexOf(least) : tiers.indexOf(tier)
  return at >= tiers.indexOf(least) && at <= tiers.indexOf(most) ? undefined : 'tier'
}
