import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bodiesOf, type Estate, example, locksOf, type Run, requestsIn, writes } from './example.ts'

interface Saved {
  readonly digest: string
  readonly steps: readonly unknown[]
}

const saidToApply = 'apply plan.json --env-file=.env.example'

const planned = async (name: string): Promise<readonly [Estate, Saved]> => {
  const here = example(name)
  const { code, stdout } = await here.run('plan topology.yaml --out plan.json')
  expect(code).toBe(0)
  expect(stdout).toContain(`Apply exactly this with: pglink ${saidToApply}\n`)
  return [here, JSON.parse(here.files.read('plan.json')) as Saved]
}

/** By the line that `plan` printed: with it goes the hidden file of variables, which only the user may choose; all else is recorded. */
const applySaved = async (here: Estate, log = 'saved.ndjson'): Promise<Run> => {
  const before = here.bytes()
  const ran = await here.files.pglink(`${saidToApply} --sandbox-log ${log}`)
  here.keepsSecrets(ran.stdout, ran.stderr)
  const requests = requestsIn(join(here.path, log))
  if (ran.code === 5) {
    expect(writes(requests)).toEqual([])
    expect(here.bytes()).toBe(before)
  }
  return { ...ran, requests }
}

test('a saved plan does what it says, and once', async () => {
  const [here, { steps }] = await planned('quickstart')
  const ran = await applySaved(here)
  expect(ran.code).toBe(0)
  expect(ran.stdout).toContain(`the following ${steps.length} steps`)
  const again = await here.run('plan topology.yaml --detailed-exitcode')
  expect(again.code).toBe(0)
  expect((await applySaved(here, 'again.ndjson')).code).toBe(5)
})

test('the topology moved: 5, and what moved is named', async () => {
  const [here, { digest }] = await planned('locked')
  const now = here.files.read('topology.yaml').replace('vault: { charset: UTF8 }', 'safe: { charset: UTF8 }')
  here.files.write('topology.yaml', now)
  const ran = await applySaved(here)
  expect(ran.code).toBe(5)
  expect(ran.stderr).toContain('servers/vault-pg/databases/vault')
  expect(ran.stderr).toContain('servers/vault-pg/databases/safe')
  const byDigest = await here.run(`apply topology.yaml --auto-approve --plan-digest ${digest}`)
  expect(byDigest.code).toBe(5)
  expect(writes(byDigest.requests)).toEqual([])
})

test('a lock moved: 5, and the lock is named; its digest is refused as well', async () => {
  const [here, { digest }] = await planned('locked')
  const [id = ''] = Object.keys(locksOf(here.seed)).filter(path =>
    path.endsWith('/virtualNetworks/vnet-vault/providers/Microsoft.Authorization/locks/keep')
  )
  const changed = { ...here.seed, [id]: { properties: { level: 'CanNotDelete', notes: 'owned by somebody else now' } } }
  here.files.write('sandbox.json', JSON.stringify(changed))
  const ran = await applySaved(here)
  expect(ran.code).toBe(5)
  expect(ran.stderr.toLowerCase()).toContain(id.toLowerCase())
  const byDigest = await here.run(`apply topology.yaml --auto-approve --plan-digest ${digest}`)
  expect(byDigest.code).toBe(5)
  expect(writes(byDigest.requests)).toEqual([])
})

test('somebody did part of it meanwhile: 5, and what is there now is named', async () => {
  const [here] = await planned('quickstart')
  const zone =
    '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-orders/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com'
  here.files.write('sandbox.json', JSON.stringify({ ...here.seed, [zone]: { location: 'global', tags: { 'pglink-topology': 'orders' } } }))
  const ran = await applySaved(here)
  expect(ran.code).toBe(5)
  expect(ran.stderr).toContain('privateDnsZones/link')
})

test('--plan-digest of the plan that is made now goes on', async () => {
  const [here, { digest }] = await planned('locked')
  const ran = await here.run(`apply topology.yaml --auto-approve --plan-digest ${digest}`)
  expect(ran.code).toBe(0)
  expect(locksOf(bodiesOf(here.resources()))).toEqual(locksOf(here.seed))
})
