import type { Server as ServerBody } from '@azure/arm-postgresql-flexible'
import type { Json } from '../model/json.ts'
import type { Authored } from './authored.ts'
import { sameText } from './rule.ts'
import type { Props } from './serverFields.ts'

/** The reasons why the file cannot say a server so that a write would keep it. */
function inexpressible(
  { privateDnsZone, delegatedSubnet, publicAccess, login, passwordAuth }: Props,
  body: ServerBody
): string | undefined {
  const sort = body.storage?.type
  if (/replica$/i.test(body.replicationRole ?? '')) return 'it is a read replica of another server, which no entry can be'
  if ((body.cluster?.clusterSize ?? 0) > 0) return 'it is a cluster, which no entry can be'
  if (sort && !sameText(sort, 'Premium_LRS')) return `its storage is ${sort}, and an entry is of Premium SSD`
  if (delegatedSubnet !== undefined && privateDnsZone === undefined) return 'it lies in a subnet and has no private DNS zone'
  if (delegatedSubnet === undefined && publicAccess === undefined) return 'Azure does not say whether its public access is on'
  if (passwordAuth !== false && login === undefined) return 'it takes passwords, and Azure does not say the login of its administrator'
  return undefined
}

/** How a server is written into a file, beside its fields. Its secrets become variables, and its password keeps its version. */
export const serverEntry: Authored<Props, ServerBody> = {
  instead: ['login', 'password', 'passwordVersion', 'entraAuth', 'tenantId'],
  entry(props, body, { secret, tenant }) {
    const cannot = inexpressible(props, body)
    if (cannot !== undefined) return { cannot }
    const { login, passwordAuth, entraAuth, tenantId } = props
    const elsewhere = tenantId !== undefined && tenant !== undefined && !sameText(tenantId, tenant)
    const says: { [key: string]: Json } = {
      ...(passwordAuth !== false && login !== undefined && { administrator: { login, password: secret() } }),
      ...(entraAuth && { authentication: { entra: elsewhere ? { tenantId } : {} } })
    }
    return { says }
  }
}

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
export const comesWithSize = (tier: string | undefined, { storageGiB = 0 }: Pick<Props, 'storageGiB'>): boolean =>
  sameText(tier, tiers.find(([upTo]) => storageGiB <= upTo)?.[1])
