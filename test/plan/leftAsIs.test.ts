import { expect, test } from 'vitest'
import { estate, failures, plan, reconcile, type Settings } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const subnet = (more: string) =>
  topologyFrom(`networks: { hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24${more} } } } }`)

test('a value that left the file and is not reset is said to stay', async () => {
  const on = estate()
  const baseline = subnet(', delegation: Microsoft.ContainerInstance/containerGroups, privateEndpointNetworkPolicies: Enabled')
  expect(failures(await reconcile(on, baseline))).toEqual([])
  const said = async (settings: Settings) => {
    const { plan: made } = await plan(on, subnet(''), settings)
    const fields = made.changes.flatMap(change => (change.op === 'update' ? change.fields.map(({ field }) => field) : []))
    return [fields, made.notes.map(({ address, message }) => `${address}: ${message}`)]
  }
  const delegation = 'networks/hub/subnets/a: the delegation left the file and stays as it is in Azure: write the value that it is to have'
  expect(await said({ baseline })).toEqual([
    [],
    [
      delegation,
      'networks/hub/subnets/a: the private endpoint network policies left the file and stays as it is in Azure: prune: true sets it back to what Azure has by default'
    ]
  ])
  expect(await said({ baseline, prune: true })).toEqual([['privateEndpointNetworkPolicies'], [delegation]])
  expect(await said({})).toEqual([[], []])
})
