import { expect, test } from 'vitest'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { estate, failures, plan, reconcile } from '../support/estate.ts'
import { privateServer, topologyFrom } from '../support/yaml.ts'

const wanted = topologyFrom(`
networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { endpoints: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com } }
${privateServer('privateEndpoints: { case-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic } }')}`)
// Azure keeps a create that failed in its operation: we write it again.
test.each(['privateEndpoints/case-pe$', 'privateDnsZoneGroups/[^/]+$', 'virtualNetworks/hub$', 'subnets/endpoints$'])(
  'a resource that is there and has failed is written again: %s',
  async path => {
    const fault = { method: 'PUT', path, operation: { code: 'InternalServerError', message: 'An error occurred.' } }
    const on = estate({ faults: parseFaultList([fault], 'this test') })
    expect(failures(await reconcile(on, wanted)).length).toBeGreaterThan(0)
    expect(failures(await reconcile(on, wanted))).toEqual([])
    const { plan: left, live } = await plan(on, wanted)
    expect(left.changes).toEqual([])
    for (const { observed } of live.resources.values()) if (observed.state === 'present') expect(observed.facts.state).not.toBe('Failed')
  }
)
