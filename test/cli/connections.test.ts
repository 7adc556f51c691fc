import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folder, transcript } from '../support/cli.ts'

test('an endpoint waits for the DBA, the DBA applies the decision, and the list shows both', async () => {
  const here = folder()
  cpSync(fileURLToPath(new URL('../../examples/approval', import.meta.url)), here.path, { recursive: true })
  const pending = await here.pglink('apply --sandbox --sandbox-seed sandbox.json --auto-approve')
  expect(pending.stdout).toContain('Waiting for others:')
  expect(pending.stdout.match(/is Pending on the server/g)).toHaveLength(1)
  expect(pending.code).toBe(7)
  const before = await here.pglink('connections list --sandbox')
  const decided = await here.pglink('apply --sandbox --auto-approve dba.yaml')
  expect(decided.stdout).toMatch(/^✓ 1 {2}servers\/claims-pg\/connections\/claims-pg-pe/m)
  expect(decided.code).toBe(0)
  const after = await here.pglink('connections list --sandbox')
  // Its name is one that Azure chose.
  const shown = transcript(before, after).replace(/claims-pg-pe\.[0-9a-f-]{36}/g, 'claims-pg-pe.…')
  expect(shown.replace(/ {2,}/g, '  ')).toMatchInlineSnapshot(`
    "$ pglink connections list --sandbox
    SERVER  FROM  STATE  AT ENDPOINT  AGE  DECLARED  FOREIGN  REQUEST
    servers/claims-pg  servers/claims-pg/privateEndpoints/claims-pg-pe  Pending  Pending  ?  yes  no  CHG-3051: the claims service reaches claims-pg

    These wait for a decision. Look at one:
      pglink connections show /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-claims-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/claims-pg/privateEndpointConnections/claims-pg-pe.… --sandbox
    [exit 0]

    $ pglink connections list --sandbox
    SERVER  FROM  STATE  AT ENDPOINT  AGE  DECLARED  FOREIGN  REQUEST  RESPONSE
    servers/claims-pg  servers/claims-pg/privateEndpoints/claims-pg-pe  Approved  Approved  ?  yes  no  CHG-3051: the claims service reaches claims-pg  CHG-3051
    [exit 0]
    "
  `)
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
})

test('a server that is not there has no connections, and is named', async () => {
  const here = folder({
    'topology.yaml': `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
resourceGroup: { name: rg-none, existing: true }
servers: { nosuch-pg: { existing: true } }
`
  })
  const { stdout, stderr, code } = await here.pglink('connections list --sandbox')
  expect(stdout).toBe('No connections.\n')
  expect(stderr).toContain('servers/nosuch-pg is not there')
  expect(code).toBe(0)
})
