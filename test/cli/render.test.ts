import { expect, test } from 'vitest'
import { folder, transcript } from '../support/cli.ts'

const files = {
  'base.yaml': `version: 1
name: base
location: eastus2
tags: { team: payments, stage: dev }
networks:
  hub:
    addressSpace:
      - 10.20.0.0/16
    subnets: { old: { addressPrefix: 10.20.9.0/24 } }
`,
  'topology.yaml': `extends: base.yaml
name: orders
subscription: \${env:AZURE_SUBSCRIPTION_ID}
resourceGroup: rg-\${env:STAGE}
tags: { note: "a $\${b} # c" }
networks: { hub: { subnets: { old: null, ours: { addressPrefix: 10.20.1.0/24 } } } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: "\${env:PG}" }
    networking: { publicAccess: { enabled: false } }
    databases: { books: {} }
`,
  'topology.prod.yaml': 'tags: { stage: prod }\nsafety: { maxDeletes: 1 }\n'
}
const args = '--env prod --allow-env STAGE --allow-env PG'
const env = { STAGE: 'prod', PG: 'Tr0ub4dor&3' }

test('each line has its origin: an overlay, what is extended, the file, or a default', async () => {
  expect(transcript(await folder(files).pglink(`render ${args}`, env))).toMatchInlineSnapshot(`
    "$ pglink render --env prod --allow-env STAGE --allow-env PG
    version: 1                                         # base.yaml:1:1
    name: orders                                       # topology.yaml:2:1
    location: eastus2                                  # base.yaml:3:1
    tags:                                              # topology.prod.yaml:1:1
      team: payments                                   # base.yaml:4:9
      stage: prod                                      # topology.prod.yaml:1:9
      note: "a $\${b} # c"                              # topology.yaml:5:9
    networks:                                          # topology.yaml:6:1
      hub:                                             # topology.yaml:6:13
        addressSpace: [10.20.0.0/16]                   # base.yaml:7:5
        subnets:                                       # topology.yaml:6:20
          ours:                                        # topology.yaml:6:42
            addressPrefix: 10.20.1.0/24                # topology.yaml:6:50
    subscription: 11111111-1111-4111-8111-111111111111 # topology.yaml:3:1
    resourceGroup: rg-prod                             # topology.yaml:4:1
    servers:                                           # topology.yaml:7:1
      orders-pg:                                       # topology.yaml:8:3
        version: "17"                                  # topology.yaml:9:5
        compute:                                       # topology.yaml:10:5
          tier: GeneralPurpose                         # topology.yaml:10:16
          size: Standard_D2ds_v5                       # topology.yaml:10:38
        storage:                                       # topology.yaml:11:5
          sizeGiB: 128                                 # topology.yaml:11:16
        administrator:                                 # topology.yaml:12:5
          login: orders_admin                          # topology.yaml:12:22
          password: "\${env:PG}"                        # topology.yaml:12:43
        networking:                                    # topology.yaml:13:5
          publicAccess:                                # topology.yaml:13:19
            enabled: false                             # topology.yaml:13:35
        databases:                                     # topology.yaml:14:5
          books: {}                                    # topology.yaml:14:18
        restart: refused                               # default
    safety:                                            # topology.prod.yaml:2:1
      maxDeletes: 1                                    # topology.prod.yaml:2:11
      maxUnlockedSeconds: 600                          # default
      locks: advised                                   # default
      liftExistingLocks: true                          # default
      lockMemory: azure                                # default
    cloud: AzureCloud                                  # default
    [exit 0]
    "
  `)
})

test('--json has the topology and the origins by pointer; no secret is in it', async () => {
  const { stdout, code } = await folder(files).pglink(`render ${args} --json`, env)
  expect(code).toBe(0)
  expect(stdout).not.toContain(env.PG)
  const { format_version, topologies } = JSON.parse(stdout)
  expect(format_version).toBe('1.0')
  expect(topologies).toHaveLength(1)
  expect(topologies[0]).toMatchObject({
    file: 'topology.yaml',
    topology: { resourceGroup: 'rg-prod', servers: { 'orders-pg': { administrator: { password: `\${env:PG}` } } } },
    origins: {
      '/tags/stage': { file: 'topology.prod.yaml', line: 1, column: 9 },
      '/networks/hub/addressSpace': { file: 'base.yaml', line: 7, column: 5 },
      '/networks/hub/addressSpace/0': { file: 'base.yaml', line: 8, column: 9 },
      '/servers/orders-pg/restart': 'default'
    }
  })
})

test('a file that is not sound is told as by validate', async () => {
  const { stdout, stderr, code } = await folder(files).pglink('render')
  expect(stderr).toContain('error PGL911 variable-not-allowed')
  expect({ stdout, code }).toEqual({ stdout: '', code: 4 })
})
