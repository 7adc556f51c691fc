import { expect, test } from 'vitest'
import { estate, failures, plan, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

// max_connections is read at the start of a server only; nobody restarts one that was just made.
test('a parameter that waits for a restart is no difference, and is said', async () => {
  const topology = topologyFrom(`
servers:
  case-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }
    parameters: { max_connections: 500, work_mem: 8192 }
`)
  const on = estate()
  expect(failures(await reconcile(on, topology))).toEqual([])
  const { plan: again } = await plan(on, topology)
  expect(again.changes).toEqual([])
  expect(again.notes).toEqual([
    { address: 'servers/case-pg/parameters/max_connections', message: 'is set, and takes effect with the next restart of the server' }
  ])
})
