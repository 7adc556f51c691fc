import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { startResponder } from '../../src/sandbox/dataPlane/responder.ts'
import { folder } from '../support/cli.ts'

const topology = `version: 1
name: near
location: eastus2
subscription: 11111111-1111-4111-8111-111111111111
resourceGroup: rg-near
networks: { hub: { addressSpace: [10.20.0.0/16], subnets: { endpoints: { addressPrefix: 10.20.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } } }
servers:
  near-pg:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 32 }
    authentication: { password: false, entra: { administrators: { dba: { objectId: 22222222-2222-4222-8222-222222222222, type: Group } } } }
    networking: { publicAccess: { enabled: false } }
    parameters: { pgbouncer.enabled: "true" }
    privateEndpoints: { near-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic } }
`

const isOfSchema = new Ajv2020.Ajv2020({ strict: false }).compile(JSON.parse(readFileSync('schema/verify.schema.json', 'utf8')) as object)

// Each is refused before a file is read: there is none.
test.each([
  ['--resolver 127.0.0.1:53', '--resolver is for a look from this machine: give --live.'],
  ['--dial 10.0.0.4:5432=127.0.0.1:1', '--dial is for a look from this machine: give --live.'],
  ['--ca ca.pem', '--ca is for a look from this machine: give --live.'],
  ['--live --probe', '--live looks from here, and --probe from elsewhere: give one.'],
  ['--probe --json', '--probe prints a script: not together with --json.'],
  ['--live --resolver 127.0.0.1', '--resolver takes HOST:PORT, not "127.0.0.1".'],
  ['--live --resolver 127.0.0.1:70000', '--resolver takes HOST:PORT, not "127.0.0.1:70000".'],
  ['--live --dial 10.0.0.4=127.0.0.1:1', '--dial takes ADDRESS:PORT=HOST:PORT, not "10.0.0.4=127.0.0.1:1".'],
  ['--live --dial a.name:5432=127.0.0.1:1', '--dial takes ADDRESS:PORT=HOST:PORT, not "a.name:5432=127.0.0.1:1".'],
  ['--live --dial 10.0.0.4:5432=h:1 --dial 10.0.0.4:5432=h:2', '--dial names 10.0.0.4:5432 twice.'],
  ['--live --ca no.pem', '--ca takes a file of certificates (PEM), which no.pem is not.']
])('verify %s is no use', async (args, says) => {
  const { code, stderr } = await folder({ 'no.pem': 'none\n' }).pglink(`verify ${args}`)
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(says) })
})

test('before there is anything, it is not met, and there is nothing to probe', async () => {
  const here = folder({ 'topology.yaml': topology })
  const live = await here.pglink('verify --sandbox --live --json')
  const { paths } = JSON.parse(live.stdout) as {
    readonly paths: readonly { readonly hops: readonly { readonly hop: string; readonly why?: string }[] }[]
  }
  expect(paths[0]?.hops.at(-1)).toMatchObject({ hop: 'dns', as: 'unknown', why: 'Azure has not said its name' })
  const probe = await here.pglink('verify --sandbox --probe')
  expect(probe).toMatchObject({ code: 7, stdout: '', stderr: expect.stringContaining('no endpoint of these files has an address') })
})

test('a way that is closed is told at its hop, with what was connected to, and a script has every port', async () => {
  const here = folder({ 'topology.yaml': topology })
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  const named = await startResponder(name => ({ code: 'NOERROR', records: [{ name, type: 'A', data: '10.20.1.4', ttl: 1 }] }))
  // A port on which nothing listens any more.
  const closed = await startResponder(() => ({ code: 'REFUSED', records: [] }))
  await closed.close()
  const dials = [5432, 6432].map(port => `--dial 10.20.1.4:${port}=127.0.0.1:${closed.port}`).join(' ')
  const { code, stdout } = await here.pglink(`verify --sandbox --live --resolver 127.0.0.1:${named.port} ${dials}`)
  const json = await here.pglink(`verify --sandbox --json --live --resolver 127.0.0.1:${named.port} ${dials}`)
  await named.close()
  const document: unknown = JSON.parse(json.stdout)
  expect(isOfSchema(document), JSON.stringify(isOfSchema.errors)).toBe(true)
  const through = `127.0.0.1:${closed.port}`
  expect(JSON.stringify(document)).toMatch(new RegExp(`"hop":"tcp","as":"broken",[^}]*"ms":[\\d.]+,"through":"${through}"`))
  expect(code).toBe(3)
  expect(stdout).toContain(`DNS: near-pg.postgres.database.azure.com leads to 10.20.1.4, as 127.0.0.1:${named.port} says`)
  expect(stdout).toContain(`TCP: 10.20.1.4:5432 takes no connection, through --dial 127.0.0.1:${closed.port} (ECONNREFUSED)`)
  expect(stdout).toContain('bouncer TCP: 10.20.1.4:6432 takes no connection')
  expect(stdout).toContain('servers/near-pg/privateEndpoints/near-pe: first broken at TCP')
  const script = (await here.pglink('verify --sandbox --probe')).stdout
  expect(script.match(/^check .*$/gm)).toEqual(
    [5432, 6432].map(
      port => `check servers/near-pg/privateEndpoints/near-pe near-pg.postgres.database.azure.com 10.20.1.4 10.20.1.4 ${port}`
    )
  )
})
