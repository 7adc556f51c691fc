import { expect, test } from 'vitest'
import type { ApplyEvent } from '../../src/model/events.ts'
import { estate, failures, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const topology = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
servers:
  side-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: side_admin, password: drawn }
    networking: { publicAccess: { enabled: false } }
    privateEndpoints: { side-pe: { subnet: hub/a, privateDns: none, approval: automatic } }
dataFactories:
  side-adf: { managedVirtualNetwork: true, managedPrivateEndpoints: { to-pg: { server: side-pg } } }
`)

test('a managed endpoint and a private endpoint of one server are made side by side', async () => {
  const on = estate()
  const applied = await reconcile(on, topology)
  expect(failures(applied)).toEqual([])
  const at = (type: ApplyEvent['type'], step: RegExp): number =>
    applied.events.findIndex(event => event.type === type && 'step' in event && step.test(event.step.id))
  const [managed, own] = [/^create .*managedprivateendpoints\/to-pg$/, /^create .*\/privateendpoints\/side-pe$/]
  expect(at('started', managed)).toBeLessThan(at('finished', own))
  expect(at('started', own)).toBeLessThan(at('finished', managed))
  expect(Math.min(at('started', managed), at('started', own))).toBeGreaterThanOrEqual(0)
})
