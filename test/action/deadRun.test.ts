import { expect, test } from 'vitest'
import { markersFor } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { runner } from '../support/runner.ts'
import { estateInFile } from './estate.ts'
import { hub } from './github.ts'

const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-net'
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const keep = `${network}/providers/Microsoft.Authorization/locks/keep`
const properties = { level: 'CanNotDelete', notes: 'owned by netops' } as const
const lock: Lock = { scope: network.toLowerCase() as Lock['scope'], path: keep, name: 'keep', level: properties.level, properties }

/** The leftovers of a workflow's run: the lock is off, its lease still runs by the clock of the sandbox. */
function leftBy(workflow: string): object {
  const lease = { run: '33333333-3333-4333-8333-333333333333', until: '2026-01-05T12:00:00.000Z', workflow }
  return {
    [group]: { location: 'eastus2' },
    [network]: { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [`${network}/subnets/ours`]: { properties: { addressPrefix: '10.20.1.0/24' } },
    ...Object.fromEntries(markersFor(lock, lease, group).map(one => [one.path, { properties: one.properties }]))
  }
}

const topology = `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: { name: rg-net, existing: true }
networks: { hub: { existing: true, subnets: { ours: { addressPrefix: 10.20.1.0/24 } } } }
`

test.each([
  ['completed', 3, 'whose workflow run is completed and did not restore it'],
  ['in_progress', 0, 'which has until 2026-01-05T12:00:00.000Z to restore it']
] as const)(
  'a lock that a workflow run has off, which GitHub says is %s',
  async (status, code, says) => {
    const azure = estateInFile(leftBy('acme/estate/runs/77'))
    const there = await hub()
    there.github.store.workflowRuns.set('77', status)
    const night = runner({ token: there.token, event: 'schedule', env: { ...azure.env, ...there.env } })
    night.write('topology.yaml', topology)
    const found = await night.run({ command: 'drift', ...azure.inputs, 'fail-on': 'drift' })
    expect([found.code, found.log], found.log).toEqual([code, expect.stringContaining(says)])
  },
  60_000
)
