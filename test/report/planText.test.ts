import { expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { planText } from '../../src/report/planText.ts'
import { plain, styleOf } from '../../src/report/style.ts'
import { estate, failures, plan, reconcile, type Settings, safetyWith, subscription } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'

interface Wanted {
  readonly open?: boolean
  readonly subnet?: string
  readonly endpoint?: boolean
}

const topology = ({ open = true, subnet = 'a', endpoint = true }: Wanted): Topology => ({
  version: 1,
  name: 'orders',
  subscription,
  location: 'eastus2',
  resourceGroup: 'rg-orders',
  networks: {
    hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' }, b: { addressPrefix: '10.0.2.0/24' } } }
  },
  servers: {
    'orders-pg': {
      version: '17',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
      storage: { sizeGiB: 128 },
      administrator: { login: 'orders_admin', password: new Secret('PG_PASSWORD', 'Throw-away-1'), passwordVersion: 1 },
      networking: { publicAccess: { enabled: open } },
      ...(endpoint && {
        privateEndpoints: { pe: { subnet: `hub/${subnet}`, privateDns: 'none' as const, approval: { manual: 'CHG-1' } } },
        connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'approve' as const, response: 'CHG-1' }]
      })
    }
  }
})

async function planned(from: Wanted | undefined, to: Wanted, settings: Settings = {}): Promise<PlanDocument> {
  const on = estate()
  if (from) expect(failures(await reconcile(on, topology(from)))).toEqual([])
  return planDocument(await plan(on, topology(to), { ...settings, ...(from && settings.prune && { baseline: topology(from) }) }))
}

/** The steps alone. */
const steps = (view: PlanDocument): string =>
  planText(view, plain)
    .replace(/^[\s\S]*?:\n\n(?=\S+ +1 )/, '')
    .replace(/sha256:[0-9a-f]{64}/, 'sha256:…')

test('public access goes only after the endpoint is approved and proven', async () => {
  expect(steps(await planned({ endpoint: false }, { open: false }))).toMatchInlineSnapshot(`
    "+ 1  servers/orders-pg/privateEndpoints/pe (private endpoint) will be created  topology.yaml:1:1
          wave 1
            + location         = "eastus2"
            + subnet           = networks/hub/subnets/a
            + target           = servers/orders-pg
            + groupIds         = ["postgresqlServer"]
            + manual           = true
            + requestMessage   = "CHG-1"
            + tags             = {"pglink-topology":"orders"}
            + networkInterface = (known after apply)
            + ipAddress        = (known after apply)

    ✓ 2  servers/orders-pg/connections/pe (private endpoint connection) will be approved  topology.yaml:1:1
          wave 2, after step 1; as the file decides
            + from        = servers/orders-pg/privateEndpoints/pe
            + status      = "Approved"
            + description = "CHG-1"
            + name        = (known after apply)

    ? 3  servers/orders-pg will be proven reachable over its endpoints
          wave 3, after steps 1, 2; later steps take a path to this server away
            ? servers/orders-pg/privateEndpoints/pe: connection Approved at both ends

    ~ 4  servers/orders-pg (server) will be updated in-place  topology.yaml:1:1
          wave 4, after steps 1, 2, 3; public access differs from the file, last since it removes a path
            ~ publicAccess = true -> false

    Plan: 2 to add, 1 to change, 0 to destroy.
    Locks: 0 to lift, 0 to restore. Approvals: 1, counted above as well.
    7 ARM reads.
    Plan digest: sha256:…
    "
  `)
})

test('an endpoint that moves is made again, and that interrupts', async () => {
  expect(steps(await planned({}, { subnet: 'b' }))).toMatchInlineSnapshot(`
    "-/+ 1  servers/orders-pg/privateEndpoints/pe (private endpoint) will be destroyed, then created again  (interrupts: connections may drop)
          wave 1; Azure does not change the subnet of a private endpoint; declared at topology.yaml:1:1

    -/+ 2  servers/orders-pg/privateEndpoints/pe (private endpoint) will be created again  (interrupts: connections may drop)  topology.yaml:1:1
          wave 2, after step 1; Azure does not change the subnet of a private endpoint
            + location         = "eastus2"
            + subnet           = networks/hub/subnets/a -> networks/hub/subnets/b # forces replacement
            + target           = servers/orders-pg
            + groupIds         = ["postgresqlServer"]
            + manual           = true
            + requestMessage   = "CHG-1"
            + tags             = {"pglink-topology":"orders"}
            + networkInterface = (known after apply)
            + ipAddress        = (known after apply)

    ✓ 3  servers/orders-pg/connections/pe (private endpoint connection) will be approved  topology.yaml:1:1
          wave 3, after step 2; as the file decides
            + from        = servers/orders-pg/privateEndpoints/pe
            + status      = "Approved"
            + description = "CHG-1"
            + name        = (known after apply)

    Plan: 2 to add, 0 to change, 1 to destroy.
    Locks: 0 to lift, 0 to restore. Approvals: 1, counted above as well.
    7 ARM reads.
    Plan digest: sha256:…
    "
  `)
})

test('a resource that left the file stays, unless its delete is asked for', async () => {
  const stays = planText(await planned({}, { endpoint: false }), plain)
  expect(stays).toContain('No changes.')
  expect(steps(await planned({}, { endpoint: false }, { prune: true }))).toMatchInlineSnapshot(`
    "- 1  servers/orders-pg/privateEndpoints/pe (private endpoint) will be destroyed  (interrupts: connections may drop)
          wave 1; no longer in the file

    Plan: 0 to add, 0 to change, 1 to destroy.
    Locks: 0 to lift, 0 to restore. Approvals: 0.
    7 ARM reads.
    Plan digest: sha256:…
    "
  `)
})

test('a threshold that is passed is a refusal, beside the plan', async () => {
  const view = await planned({}, { subnet: 'b' })
  const safety = safetyWith(0)
  const refused = await planned({}, { subnet: 'b' }, { safety })
  expect(planText(view, plain)).not.toContain('Refused')
  expect(planText(refused, plain)).toMatch(/Refused, so this plan cannot be applied:\n {2}The plan deletes 1 resource/)
})

test('the symbol of each step stands in the first column, in colour where there is any', async () => {
  const view = await planned({ endpoint: false }, { open: false })
  const signs = (text: string): string[] => [...text.matchAll(/^(\S+) \d+ {2}/gm)].map(([, sign = '']) => sign)
  expect(signs(planText(view, plain))).toEqual(['+', '✓', '?', '~'])
  expect(signs(planText(view, styleOf({ color: false, unicode: false })))).toEqual(['+', 'v', '?', '~'])
  expect(planText(view, styleOf({ color: true, unicode: true }))).toContain('\u001b[36m✓\u001b[39m 2')
})
