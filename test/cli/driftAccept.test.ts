import { expect, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { documentOf, drifted, moved, topology } from './driftScene.ts'

test("Azure's value is accepted into the file that says it, and nothing else in it is touched", async () => {
  const here = await drifted({
    'topology.yaml': 'extends: base.yaml   # the rest\nnetworks:\n  hub:\n    addressSpace: [10.20.0.0/16] # ours\n',
    'base.yaml': topology.replace('    addressSpace: [10.20.0.0/16]\n', '')
  })
  const ran = await here.pglink('drift --sandbox --accept')
  expect(ran.stdout.slice(ran.stdout.indexOf('---'))).toMatchInlineSnapshot(`
    "--- a/topology.yaml
    +++ b/topology.yaml
    @@ -2,3 +2,4 @@
     networks:
       hub:
    -    addressSpace: [10.20.0.0/16] # ours
    +    addressSpace: [10.20.0.0/16, 10.21.0.0/16] # ours
    +    tags: { team: thieves }

    --- a/base.yaml
    +++ b/base.yaml
    @@ -3,5 +3,5 @@
     subscription: \${env:AZURE_SUBSCRIPTION_ID}
     location: eastus2
    -resourceGroup: rg-net
    +resourceGroup: { name: rg-net, tags: { team: thieves } }
     tags: { team: payments }   # who pays
     networks:
    @@ -11,5 +11,5 @@
           endpoints: { addressPrefix: 10.20.1.0/24 }
         locks:
    -      keep: { level: CanNotDelete, notes: ours }
    +      keep: { level: CanNotDelete, notes: theirs }
     privateDnsZones:
    -  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
    +  link: { name: privatelink.postgres.database.azure.com, links: { hub: { tags: { team: thieves } } }, tags: { team: thieves } }

    Accepted 6 differences into the topology.
    "
  `)
  expect(here.read('topology.yaml')).toContain('addressSpace: [10.20.0.0/16, 10.21.0.0/16] # ours\n')
  expect(here.read('base.yaml')).toContain('tags: { team: payments }   # who pays\n')
  expect(here.read('base.yaml')).toContain('    # The whole of it.\n')
  expect(ran.code).toBe(0)
  expect((await here.pglink('drift --sandbox')).code).toBe(0)
})

test('a value goes into the overlay that says it, and what is a variable is left to whoever sets it', async () => {
  const here = folder({
    'topology.yaml': topology.replace('notes: ours', `notes: "$` + '{env:NOTES}"'),
    'topology.prod.yaml': 'networks:\n  hub:\n    addressSpace: [10.20.0.0/16, 10.22.0.0/16]   # prod alone\n',
    'theirs/topology.yaml': moved
  })
  const env = { NOTES: 'ours', PGLINK_ALLOW_ENV: 'NOTES' }
  expect((await here.pglink('apply --sandbox --auto-approve --env prod', env)).code).toBe(0)
  expect((await here.pglink('apply --sandbox --auto-approve --data-dir .pglink theirs/topology.yaml')).code).toBe(0)
  const ran = await here.pglink('drift --sandbox --env prod --accept', env)
  expect(here.read('topology.prod.yaml')).toContain('    addressSpace: [10.20.0.0/16, 10.21.0.0/16]   # prod alone\n')
  expect(ran.stdout).toContain('networks/hub/locks/keep/notes: it is written as a variable')
  expect(here.read('topology.yaml')).toContain('notes: "$' + '{env:NOTES}"')
  expect(ran.code).toBe(3)
  const left = documentOf(await here.pglink('drift --sandbox --env prod --json', env)).entries
  expect(left.map(({ address, field }) => [address, field])).toEqual([['networks/hub/locks/keep', 'notes']])
})
