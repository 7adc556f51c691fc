import { expect, test } from 'vitest'
import { onlyNear } from '../../src/model/suggest.ts'
import { folder, transcript } from '../support/cli.ts'

const name = 'topology.yaml'
const topology = `# head
version: 1
name: orders
subscription: 11111111-1111-4111-8111-111111111111
locaton: eastus2 # the region
resourceGroup: rg-orders
networks:
  hub:
    addressSpace: [10.20.0.7/16] # all of it
    subnets:
      # for endpoints
      endpoints: { addresPrefix: 10.20.1.9/24 }
privateDnsZones:
  link: { name: privatelink.postgresql.database.azure.com, links: { hub: {} } }
servers:
  orders-pg:
    version: 17 # the newest
    compute: { tier: generalpurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: "128", autoGrow: yes }
    administrator: { login: orders_admin, password: "\${env:PG}" }
    networking: { publicAccess: { enabled: "false" } }
    privateEndpoints: { orders-pg-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic } }
`
const mended = topology
  .replace('locaton', 'location')
  .replace('.7/16', '.0/16')
  .replace('addresPrefix: 10.20.1.9', 'addressPrefix: 10.20.1.0')
  .replace('postgresql.', 'postgres.')
  .replace('17 #', '"17" #')
  .replace('generalpurpose', 'GeneralPurpose')
  .replace('"128"', '128')
  .replace('yes', 'true')
  .replace('"false"', 'false')

const args = 'validate --fix --allow-env PG'
const env = { PG: 'Tr0ub4dor&3' }

test('what is meant without a doubt is written and shown, every other byte stays; then there is nothing to write', async () => {
  const here = folder({ [name]: topology })
  expect((await here.pglink('validate --allow-env PG', env)).code).toBe(4)
  expect(transcript(await here.pglink(args, env), await here.pglink(args, env))).toMatchInlineSnapshot(`
    "$ pglink validate --fix --allow-env PG

    --- a/topology.yaml
    +++ b/topology.yaml
    @@ -3,20 +3,20 @@
     name: orders
     subscription: 11111111-1111-4111-8111-111111111111
    -locaton: eastus2 # the region
    +location: eastus2 # the region
     resourceGroup: rg-orders
     networks:
       hub:
    -    addressSpace: [10.20.0.7/16] # all of it
    +    addressSpace: [10.20.0.0/16] # all of it
         subnets:
           # for endpoints
    -      endpoints: { addresPrefix: 10.20.1.9/24 }
    +      endpoints: { addressPrefix: 10.20.1.0/24 }
     privateDnsZones:
    -  link: { name: privatelink.postgresql.database.azure.com, links: { hub: {} } }
    +  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
     servers:
       orders-pg:
    -    version: 17 # the newest
    -    compute: { tier: generalpurpose, size: Standard_D2ds_v5 }
    -    storage: { sizeGiB: "128", autoGrow: yes }
    +    version: "17" # the newest
    +    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    +    storage: { sizeGiB: 128, autoGrow: true }
         administrator: { login: orders_admin, password: "\${env:PG}" }
    -    networking: { publicAccess: { enabled: "false" } }
    +    networking: { publicAccess: { enabled: false } }
         privateEndpoints: { orders-pg-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic } }

    Valid: topology.yaml
    [exit 0]

    $ pglink validate --fix --allow-env PG
    Valid: topology.yaml
    [exit 0]
    "
  `)
  expect(here.read(name)).toBe(mended)
})

test('line ends, the byte order mark and JSON stay', async () => {
  const here = folder({
    [name]: `\ufeff${topology.replaceAll('\n', '\r\n')}`,
    'x.json': '{\n  "version": 1,\n  "name": "x",\n  "tgas": { "a": 1 }\n}\n'
  })
  expect((await here.pglink(args, env)).code).toBe(0)
  expect(here.read(name)).toBe(`\ufeff${mended.replaceAll('\n', '\r\n')}`)
  expect((await here.pglink('validate --fix x.json', env)).code).toBe(0)
  expect(here.read('x.json')).toBe('{\n  "version": 1,\n  "name": "x",\n  "tags": { "a": "1" }\n}\n')
})

test.each([
  ['a key whose neighbour is there', 'version: 1\nname: x\ntag: { a: b }\ntags: {}\n', /no key tag here/],
  ['a number whose digits may be lost', 'version: 1\nname: x\ntags: { a: 1.10 }\n', /takes a text/],
  ['a value that is shared', 'version: 1\nname: x\ntags: { a: &one 1 }\n', /takes a text/],
  ['a word that is near, and not the same', 'version: 1\nname: x\ncloud: AzureClout\n', /did you mean AzureCloud/]
])('%s is left to the reader', async (_, text, said) => {
  const here = folder({ [name]: text })
  const { stdout } = await here.pglink('validate --fix')
  expect(here.read(name)).toBe(text)
  expect(stdout).not.toContain('+++')
  expect(stdout).toMatch(said)
})

test('a word that is near to two is none without a doubt', () => {
  expect(onlyNear('hubs', ['hub', 'spoke'])).toBe('hub')
  expect(onlyNear('hubs', ['hub', 'hubz'])).toBe(undefined)
  expect(onlyNear('hubs', ['spoke'])).toBe(undefined)
})

test('a file that is only extended is not written, unless it is named', async () => {
  const files = { 'base.yaml': 'version: 1\nlocaton: eastus2\n', [name]: 'extends: base.yaml\nname: x\ntags: { a: 1 }\n' }
  const here = folder(files)
  expect((await here.pglink('validate --fix')).code).toBe(4)
  expect(here.read('base.yaml')).toBe(files['base.yaml'])
  expect(here.read(name)).toBe('extends: base.yaml\nname: x\ntags: { a: "1" }\n')
  expect((await here.pglink(`validate --fix ${name} base.yaml`)).stdout).toContain(`Valid: ${name}`)
  expect(here.read('base.yaml')).toBe('version: 1\nlocation: eastus2\n')
})

test('a file with a secret in clear is left alone, and the secret is not shown', async () => {
  const text = topology.replace(`\${env:PG}`, 'hunter2-Hunter2')
  const here = folder({ [name]: text })
  const { stdout, stderr, code } = await here.pglink('validate --fix')
  expect(stdout + stderr).not.toContain('hunter2')
  expect(stdout).toContain('error PGL913')
  expect({ text: here.read(name), code }).toEqual({ text, code: 4 })
})

test('with --json the document alone is on standard output', async () => {
  const { stdout, stderr, code } = await folder({ [name]: topology }).pglink(`${args} --json`, env)
  expect(JSON.parse(stdout)).toMatchObject({ valid: true })
  expect(stderr).toContain('+location: eastus2 # the region')
  expect(code).toBe(0)
})
