import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { idsInState, NoState } from '../../src/import/terraform.ts'
import { example } from '../examples/example.ts'

/*
 * The state is made by hand, in the format that HashiCorp documents for `terraform show -json`
 * [developer.hashicorp.com/terraform/internals/json-format], with the types of azurerm: it is of the estate that the quickstart makes.
 */
const state = readFileSync(new URL('fixtures/quickstart.tfstate.json', import.meta.url), 'utf8')

const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
const server = `${subscription}/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`

test('the ids of a state are taken from modules of any depth, data sources apart, and nothing else', () => {
  const { managed, data } = idsInState(state)
  expect(managed.map(id => id.split('/').at(-1))).toEqual([
    'rg-orders',
    'orders-pg',
    'orders',
    'keep',
    'privatelink.postgres.database.azure.com',
    'hub',
    'orders-pg-pe'
  ])
  expect(data.map(id => id.split('/').at(-1))).toEqual(['vnet-hub', 'snet-endpoints'])
})

test.each([
  ['what is no JSON', 'terraform {', 'is no JSON: line 1'],
  ['a state file', '{"version":4,"serial":3,"resources":[]}', 'is no state as `terraform show -json` writes it'],
  ['a list', '[]', 'is no state as']
])('%s is refused', (_, text, says) => {
  expect(() => idsInState(text)).toThrow(NoState)
  expect(() => idsInState(text)).toThrow(says)
})

test('resources without an id of ARM, and members of other sorts, are passed over', () => {
  const odd = { resources: [{ mode: 'managed', values: { id: 7 } }, null, { mode: 'managed' }], child_modules: [null, {}] }
  expect(idsInState(JSON.stringify({ values: { root_module: odd } }))).toEqual({ managed: [], data: [] })
})

test('the state of the quickstart imports to the file of the live estate, and says what Terraform manages', async () => {
  const here = example('quickstart')
  here.files.write('state.json', state)
  expect((await here.run('apply topology.yaml --auto-approve')).code).toBe(0)
  const sandbox = '--sandbox --sandbox-state estate.json'
  const live = await here.files.pglink(`import --server ${server} ${sandbox}`)
  const imported = await here.files.pglink(`import --terraform-state state.json ${sandbox}`)
  expect([live.code, imported.code, imported.stderr]).toEqual([0, 0, live.stderr])
  expect(parse(imported.stdout)).toEqual(parse(live.stdout))
  expect(imported.stdout).not.toMatch(/Secret-in/)
  const said = imported.stdout.split('\n').filter(line => line.includes('lso in Terraform state: remove it there before `adopt`'))
  // The zone, its link, the server, its lock, its database and its endpoint; the group stands in a setting.
  expect(said).toHaveLength(6)
})

test('a file that is no state is refused before anything is read', async () => {
  const here = example('quickstart')
  here.files.write('state.json', '{"version":4}')
  const { code, stderr } = await here.files.pglink('import --terraform-state state.json --sandbox')
  expect([code, stderr]).toEqual([
    4,
    'Error: state.json is no state as `terraform show -json` writes it: give what that prints, not the state file.\n'
  ])
  expect((await here.files.pglink('import --terraform-state nowhere.json --sandbox')).code).toBe(4)
})
