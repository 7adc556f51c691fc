import { given } from '../../model/given.ts'
import { depending, fixed, sameText } from '../rule.ts'
import type { Compute } from './compute.ts'
import { block, filled, isOn, onOff, type ServerAspect } from './serverAspect.ts'

interface Storage {
  readonly storageType: string | undefined
  readonly storageGiB: number | undefined
  readonly autoGrow: boolean | undefined
  /** Only of Premium SSD. */
  readonly storageTier: string | undefined
  /** Operations a second; of Premium SSD they follow from the tier and are no setting. */
  readonly iops: number | undefined
  /** In MB/s, of Premium SSD v2. */
  readonly throughputMBps: number | undefined
}

const premium = 'Premium_LRS'
const premiumV2 = 'PremiumV2_LRS'

const isV2 = ({ storageType }: Pick<Storage, 'storageType'>): boolean => sameText(storageType, premiumV2)

/** The sizes of Premium SSD in GiB [TF-PG], each with the tier that it comes with [learn.microsoft.com/azure/virtual-machines/disks-types]. */
const premiumSizes: ReadonlyMap<number, string> = new Map([
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
])

const otherType =
  'Storage stays of the type that it was made of: restore the server to a new one with the other type, or make a read replica with it and promote that.'
const premiumOnly = 'Premium SSD v2 has neither a tier nor auto-grow: take it out, and set iops and throughputMBps.'
// learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd-v2 (Limitations).
const fourADay =
  'Azure takes four changes of iops and throughputMBps of a disk in 24 hours, and three in the first 24 hours of its life: it refuses the next one.'

/** The disk: Premium SSD, whose speed is its tier, or Premium SSD v2, whose speed is bought. Ultra disks are read and not written. */
export const storage: ServerAspect<Storage, Compute> = {
  desired: ({ storage: disk }) => ({
    storageType: disk?.type,
    storageGiB: disk?.sizeGiB,
    autoGrow: disk?.autoGrow,
    storageTier: disk?.tier,
    iops: disk?.iops,
    throughputMBps: disk?.throughputMBps
  }),
  unmakable: props =>
    props.storageGiB === undefined || isV2(props) || premiumSizes.has(props.storageGiB)
      ? undefined
      : `Azure makes a server on Premium SSD, which has no ${props.storageGiB} GiB: write one of ${[...premiumSizes.keys()].join(', ')}, or type: ${premiumV2} with iops and throughputMBps.`,
  offer: (props, sends) =>
    isV2(props) && (sends('storageGiB') || sends('iops') || sends('throughputMBps') || sends('computeSize'))
      ? { storage: { sizeGiB: props.storageGiB, iops: props.iops, throughputMBps: props.throughputMBps } }
      : undefined,
  fields: {
    storageType: fixed(otherType, {
      at: 'storage/type',
      usual: premium,
      equal: (live, desired) => sameText(live ?? premium, desired)
    }),
    storageGiB: depending<number | undefined, Storage>(
      (live, desired) => (desired !== undefined && live !== undefined && desired < live ? 'fixed' : 'update'),
      {
        at: 'storage/sizeGiB',
        // Storage that auto-grow has added is no difference; nor could it be taken back.
        equal: (live, desired, { autoGrow }) =>
          live === desired || (autoGrow === true && live !== undefined && desired !== undefined && live > desired),
        instead: ({ storageGiB }) => `Storage grows and never shrinks: write sizeGiB: ${storageGiB}.`,
        // Premium SSD v2 does not grow while the server runs [learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd-v2].
        restarts: (_live, _desired, have) => isV2(have),
        irreversible: true,
        grows: (live = 0, desired = 0) => desired - live
      }
    ),
    autoGrow: depending<boolean | undefined, Storage>((_live, desired, have) => (desired === true && isV2(have) ? 'fixed' : 'update'), {
      at: 'storage/autoGrow',
      grows: (live, desired) => Number(desired) - Number(live),
      usual: false,
      instead: premiumOnly
    }),
    storageTier: depending<string | undefined, Storage>((_live, _desired, have) => (isV2(have) ? 'fixed' : 'update'), {
      at: 'storage/tier',
      equal: sameText,
      isUsual: (tier, { storageGiB = 0 }) => sameText(tier, premiumSizes.get(storageGiB)),
      instead: premiumOnly
    }),
    iops: depending<number | undefined, Storage>((_live, _desired, have) => (isV2(have) ? 'update' : 'fixed'), {
      at: 'storage/iops',
      instead: otherType,
      note: fourADay
    }),
    throughputMBps: depending<number | undefined, Storage>((_live, _desired, have) => (isV2(have) ? 'update' : 'fixed'), {
      at: 'storage/throughputMBps',
      instead: otherType,
      note: fourADay
    })
  },
  toArm: ({ storageType, storageGiB, autoGrow, storageTier, iops, throughputMBps }) =>
    block(
      'storage',
      given({
        type: storageType,
        storageSizeGB: storageGiB,
        autoGrow: onOff(autoGrow),
        tier: storageTier,
        iops,
        throughput: throughputMBps
      })
    ),
  // The tier that the old size came with is not that of the new one. The type is chosen when the server is made, and not sent again.
  toPatch: ({ storageTier, ...props }, fields) =>
    storage.toArm({ ...props, storageType: undefined, storageTier: fields.has('storageTier') ? storageTier : undefined }),
  // An empty type is Premium SSD, whose operations a second Azure fills in by its tier [CORPUS].
  fromArm({ storage: disk }) {
    const type = disk?.type === '' ? premium : disk?.type
    const isBought = type !== undefined && !sameText(type, premium)
    return {
      storageType: type,
      storageGiB: disk?.storageSizeGB,
      autoGrow: isOn(disk?.autoGrow),
      storageTier: filled(disk?.tier),
      iops: isBought ? disk?.iops : undefined,
      throughputMBps: isBought ? disk?.throughput : undefined
    }
  },
  cannot: ({ storageType = premium }) =>
    sameText(storageType, premium) || sameText(storageType, premiumV2)
      ? undefined
      : `its storage is ${storageType}, and an entry is of ${premium} or ${premiumV2}`
}
