import { expect, test } from 'vitest'
import { type Folder, folder } from '../support/cli.ts'
import { repositoryIn } from '../support/repository.ts'
import { network } from './topologies.ts'

const without = network().replace(/ {4}subnets:\n.*\n/, '')

async function applied(): Promise<Folder> {
  const here = folder({ 'topology.yaml': network(), 'old.yaml': network() })
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  return here
}

test('a resource that left the file goes with --prune, by a baseline file', async () => {
  const here = await applied()
  here.write('topology.yaml', without)
  const { stdout } = await here.pglink('plan --sandbox --prune --baseline old.yaml')
  expect(stdout).toContain('- 1  networks/hub/subnets/endpoints (subnet) will be destroyed')
  expect(stdout).toContain('Plan: 0 to add, 0 to change, 1 to destroy.')
  expect((await here.pglink('apply --sandbox --prune --baseline old.yaml --auto-approve')).code).toBe(0)
})

test('a baseline may be a commit', async () => {
  const here = await applied()
  repositoryIn(here.path, { 'topology.yaml': network() })
  here.write('topology.yaml', without)
  const { stdout } = await here.pglink('plan --sandbox --prune --baseline HEAD')
  expect(stdout).toContain('Plan: 0 to add, 0 to change, 1 to destroy.')
  const none = await here.pglink('plan --sandbox --prune --baseline=--output=x')
  expect(none.code).toBe(4)
})

test('a resource that holds others goes only by name: 6 until then', async () => {
  const here = await applied()
  here.write('topology.yaml', `version: 1\nname: net\nsubscription: \${env:AZURE_SUBSCRIPTION_ID}\n`)
  const refused = await here.pglink('plan --sandbox --prune --baseline old.yaml --max-deletes 9')
  expect(refused.stdout).toContain('Refused, so this plan cannot be applied:')
  expect(refused.stdout).toContain('--allow-delete networks/hub')
  expect(refused.code).toBe(6)
  const apply = await here.pglink('apply --sandbox --prune --baseline old.yaml --max-deletes 9 --auto-approve')
  expect(apply.code).toBe(6)
  const all = ['resourceGroups/rg-net', 'networks/hub', 'privateDnsZones/link'].map(address => `--allow-delete ${address}`).join(' ')
  const gone = await here.pglink(`apply --sandbox --prune --baseline old.yaml --max-deletes 9 --auto-approve ${all}`)
  expect(gone.stdout).toMatch(/Apply complete! Resources: 0 added, 0 changed, \d+ destroyed\./)
  expect(gone.code).toBe(0)
})

test('a connection that goes with its endpoint is no finding of the plan that deletes that', async () => {
  const server = (more: string): string => `${network()}
servers:
  gone-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: adm, password: "\${env:PW}" }
    networking: { publicAccess: { enabled: false } }
${more}`
  const endpoint = '    privateEndpoints: { gone-pe: { subnet: hub/endpoints, privateDns: none, approval: automatic } }\n'
  const here = folder({ 'topology.yaml': server(endpoint) })
  const env = { PW: 'Throw-away-4' }
  expect((await here.pglink('apply --sandbox --auto-approve --allow-env PW', env)).code).toBe(0)
  here.write('topology.yaml', server(''))
  const left = await here.pglink('plan --sandbox --allow-env PW', env)
  expect(left.stdout).toMatch(/privateEndpointConnections\/gone-pe\S* is Approved and reaches/)
  here.write('topology.yaml', server('removed: [servers/gone-pg/privateEndpoints/gone-pe]\n'))
  const goes = await here.pglink('plan --sandbox --allow-env PW', env)
  expect(goes.stdout).toContain('servers/gone-pg/privateEndpoints/gone-pe (private endpoint) will be destroyed')
  expect(goes.stdout).not.toContain('In Azure, and in no file')
}, 60_000)
