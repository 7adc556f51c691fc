import { given } from '../../model/given.ts'
import { depending, sameText, update } from '../rule.ts'
import { block, filled, isOn, onOff, type ServerAspect } from './serverAspect.ts'

interface Storage {
  readonly storageGiB: number | undefined
  readonly autoGrow: boolean | undefined
  readonly storageTier: string | undefined
}

/** In GiB [TF-PG]. */
const premiumSizes: readonly number[] = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767]

/** In GiB, each with the tier that Azure gives it by default [learn.microsoft.com/azure/virtual-machines/disks-types]. */
const tiers: readonly (readonly [upTo: number, tier: string])[] = [
  [32, 'P4'],
  [64, 'P6'],
  [128, 'P10'],
  [256, 'P15'],
  [512, 'P20'],
  [1024, 'P30'],
  [2048, 'P40'],
  [4096, 'P50'],
  [8192, 'P60'],
  [16384, 'P70'],
  [32768, 'P80']
]

/** Whether a tier is the one that comes with the size. */
const comesWithSize = (tier: string | undefined, { storageGiB = 0 }: Pick<Storage, 'storageGiB'>): boolean =>
  sameText(tier, tiers.find(([upTo]) => storageGiB <= upTo)?.[1])

export const storage: ServerAspect<Storage> = {
  desired: ({ storage: disk }) => ({ storageGiB: disk?.sizeGiB, autoGrow: disk?.autoGrow, storageTier: disk?.tier }),
  // Its storage is Premium SSD: the file has no setting for another sort.
  unmakable: ({ storageGiB }) =>
    storageGiB === undefined || premiumSizes.includes(storageGiB)
      ? undefined
      : `Azure makes a server on Premium SSD, which has no ${storageGiB} GiB: write one of ${premiumSizes.join(', ')}.`,
  fields: {
    storageGiB: depending((live, desired) => (desired !== undefined && live !== undefined && desired < live ? 'fixed' : 'update'), {
      at: 'storage/sizeGiB',
      // Storage that auto-grow has added is no difference; nor could it be taken back.
      equal: (live, desired, { autoGrow }) =>
        live === desired || (autoGrow === true && live !== undefined && desired !== undefined && live > desired),
      instead: ({ storageGiB }) => `Storage grows and never shrinks: write sizeGiB: ${storageGiB}.`,
      irreversible: true
    }),
    autoGrow: update({ at: 'storage/autoGrow', usual: false }),
    storageTier: update({ at: 'storage/tier', equal: sameText, isUsual: comesWithSize })
  },
  toArm: ({ storageGiB, autoGrow, storageTier }) =>
    block('storage', given({ storageSizeGB: storageGiB, autoGrow: onOff(autoGrow), tier: storageTier })),
  // The tier that the old size came with is not that of the new one.
  toPatch: ({ storageTier, ...props }, fields) =>
    storage.toArm({ ...props, storageTier: fields.has('storageTier') ? storageTier : undefined }),
  fromArm: ({ storage: disk }) => ({
    storageGiB: disk?.storageSizeGB,
    autoGrow: isOn(disk?.autoGrow),
    storageTier: filled(disk?.tier)
  }),
  cannot(_, { storage: disk }) {
    const sort = disk?.type
    return sort && !sameText(sort, 'Premium_LRS') ? `its storage is ${sort}, and an entry is of Premium SSD` : undefined
  }
}
