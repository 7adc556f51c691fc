import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { present } from '../../src/model/resource.ts'
import { resolved } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

/** Replicas that the Azure CLI made [CORPUS: the tests of azure-cli, by their file]: what was sent, and what Azure showed of it afterwards. */
interface Recorded {
  readonly from: string
  readonly sent: {
    readonly location: string
    readonly sku: { readonly name: string; readonly tier: string }
    readonly properties: {
      readonly sourceServerResourceId: string
      readonly storage: { readonly storageSizeGB: number; readonly autoGrow: string }
    }
  }
  /** The client has the properties beside the id. */
  readonly settled: { readonly id: string; readonly properties: object }
}

const recorded = JSON.parse(readFileSync('test/kinds/fixtures/replicas.json', 'utf8')) as readonly Recorded[]

test.each(recorded)('$from: what was asked for is what is there', ({ sent, settled }) => {
  const { storage, sourceServerResourceId } = sent.properties
  const [, , subscription = '', , group = '', , , , name = ''] = settled.id.split('/')
  const topology = topologyFrom(
    stringify({
      servers: {
        [name]: {
          subscription,
          resourceGroup: group,
          location: sent.location,
          replicaOf: { id: sourceServerResourceId },
          compute: { tier: sent.sku.tier, size: sent.sku.name },
          storage: { sizeGiB: storage.storageSizeGB, autoGrow: storage.autoGrow === 'Enabled' },
          networking: { publicAccess: { enabled: true } }
        }
      }
    })
  )
  const wanted = [...resolved(topology).desired.values()].find(({ kind }) => kind === flexibleServer.name)
  const seen = present(flexibleServer.seenAs({ ...settled, ...settled.properties }, settled.id).observed)
  expect(seen?.facts).toMatchObject({ replica: true, source: sourceServerResourceId.toLowerCase(), replicaCapacity: 0 })
  expect(flexibleServer.diff(seen?.props, wanted?.props)).toEqual([])
})
