import { vaultType } from '../../kinds/server/encryption.ts'
import { subscriptionOf } from '../../model/id.ts'
import { inBatches } from '../batches.ts'
import { type Asked, found, needsIn } from './asked.ts'

interface Vault {
  readonly name?: string
  readonly properties?: { readonly enablePurgeProtection?: boolean }
}

/**
 * Looks for the vault of a key, in the subscription of the server: it may lie in any of its tenant, and whether the server's identity may use
 * the key only the vault knows. One that is not seen is unknown, and stops nothing.
 */
export async function checkVaults(asked: Asked): Promise<void> {
  await inBatches(needsIn(asked, 'vault'), async ({ need: { field, key }, resource }) => {
    const { hostname } = new URL(key)
    const [name = ''] = hostname.split('.')
    const path = `/subscriptions/${subscriptionOf(resource.path)}/providers/${vaultType}`
    const seen = /\.vault\./i.test(hostname) ? await asked.looks.list<Vault>(path, '2023-07-01') : ({ as: 'absent' } as const)
    const vault = seen.as === 'seen' ? seen.value.find(one => one.name?.toLowerCase() === name.toLowerCase()) : undefined
    const why =
      seen.as === 'unreadable'
        ? `: ${seen.reason}`
        : ', since it is not among the vaults that this login sees in the subscription of the server'
    if (vault === undefined)
      asked.answers.unknown.push({
        address: resource.address,
        message: `whether the server can use the key in ${hostname} could not be read${why}`
      })
    else if (vault.properties?.enablePurgeProtection !== true)
      found(asked, resource, {
        rule: 'PGL115',
        exit: 4,
        field,
        message: `the vault ${name} is not protected against purging, and Azure takes no key for a server from it. Turn it on: az keyvault update --name ${name} --enable-purge-protection true`
      })
  })
}
