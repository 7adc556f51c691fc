import { expect, onTestFinished, test } from 'vitest'
import { type Estate, example, writes } from '../examples/example.ts'
import { isQuick } from '../support/parts.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'

/* The command line of a part by duty: what waits and for whom, exit codes, digests, dangers and secrets. */

interface Document {
  readonly digest: string
  readonly partial?: { readonly duty?: string; readonly left_out: readonly string[]; readonly waits_for?: readonly string[] }
  readonly duties?: readonly {
    readonly duty: string
    readonly digest: string
    readonly changes: number
    readonly waits_for: readonly string[]
  }[]
  readonly verdict: { readonly as: string; readonly text: string }
  readonly resource_changes: readonly { readonly address: string }[]
  readonly waiting: readonly { readonly address: string; readonly message: string }[]
}

const planned = async (here: Estate, flags = ''): Promise<Document> =>
  JSON.parse((await here.run(`plan topology.yaml --json ${flags}`)).stdout) as Document

const endpoint = 'servers/orders-pg/privateEndpoints/orders-pg-pe'

test('a part says for whom it waits, needs no secret of another, and ends with 7 until nothing is left', async () => {
  const here = example('quickstart')
  const whole = await planned(here)
  expect(whole.duties?.map(({ duty, changes, waits_for: waits }) => [duty, changes, waits])).toEqual([
    ['network', 5, ['dba']],
    ['dba', 3, ['network']],
    ['locks', 1, ['network', 'dba']]
  ])
  for (const { duty, digest } of whole.duties ?? []) {
    const part = await planned(here, `--duty ${duty}`)
    expect([part.digest, part.partial?.duty, part.duties]).toEqual([digest, duty, undefined])
    expect([...part.resource_changes.map(({ address }) => address), ...(part.partial?.left_out ?? [])].sort()).toEqual(
      whole.resource_changes.map(({ address }) => address).sort()
    )
  }
  const waiting = await here.run('plan topology.yaml --duty network')
  expect(waiting.code).toBe(7)
  expect(waiting.stdout).toContain('Partial: only the part of network; 7 changes of the whole plan are left out')
  expect(waiting.stdout).toContain(`  ${endpoint} waits for dba: server servers/orders-pg\n`)
  expect(waiting.stdout).toContain('  servers/orders-pg waits for dba, whose part creates it\n')
  expect(waiting.stdout).toContain(`Approves its own request: ${endpoint}: the login that asks for the connection approves it as well`)
  const idle = await here.run('apply topology.yaml --auto-approve --duty dba')
  expect([idle.code, writes(idle.requests)]).toEqual([7, []])

  // Only the DBA's step sends the password.
  here.files.write('.env.example', 'AZURE_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111\n')
  const first = await here.run('apply topology.yaml --auto-approve --duty network --allow-env ORDERS_PG_PASSWORD')
  expect([first.code, first.stderr]).toEqual([7, ''])
  expect(first.stdout).toContain('Read again. Nothing to do in the part of network. Partial: 7 changes of the whole plan are left out.')
  const unset = await here.run('apply topology.yaml --auto-approve --duty dba --allow-env ORDERS_PG_PASSWORD')
  expect([unset.code, unset.stderr]).toEqual([4, expect.stringContaining('ORDERS_PG_PASSWORD')])
  here.files.write('.env.example', 'AZURE_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111\nORDERS_PG_PASSWORD=Throw-away-1\n')
  const stale = await here.run(`apply topology.yaml --duty dba --plan-digest ${whole.duties?.[1]?.digest}`)
  expect(stale.code).toBe(5)
  const { digest } = await planned(here, '--duty dba')
  expect((await here.run(`apply topology.yaml --duty dba --auto-approve --plan-digest ${digest}`)).code).toBe(7)
  expect((await here.run('plan topology.yaml --duty network --out part.json')).code).toBe(7)
  const saved = await here.run('apply part.json')
  expect([saved.code, saved.stdout.includes('lowered')]).toEqual([7, true])
  const last = await here.run('apply topology.yaml --auto-approve --duty locks')
  expect([last.code, last.stderr]).toEqual([0, ''])
  expect(last.stdout).not.toMatch(/matches|Proven/)
  for (const duty of ['network', 'dba', 'data', 'locks']) {
    const done = await here.run(`plan topology.yaml --duty ${duty}`)
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringContaining(`Nothing to do in the part of ${duty}, and no change is left to others.`)
    ])
  }
  expect((await here.run('plan topology.yaml')).stdout).toContain('No changes. Your infrastructure matches the topology.')
}, 120_000)

test('a duty that there is not, and one beside another sort of part, are wrong usage', async () => {
  const here = example('quickstart')
  const unknown = await here.run('plan topology.yaml --duty datas')
  expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining('--duty takes network, dba, data, locks, not "datas"')])
  const both = await here.run(`plan topology.yaml --duty dba --target ${endpoint}`)
  expect([both.code, both.stderr]).toEqual([64, expect.stringContaining('--duty is a part by itself: leave --target out.')])
})

test('with a login for locks its right to write them is in its role alone', async () => {
  const here = example('quickstart')
  const roleOf = async (duty: string, flags = ''): Promise<readonly string[]> => {
    const printed = await here.run(`plan topology.yaml --duty ${duty} --show-permissions ${flags}`)
    return (JSON.parse(printed.stdout) as { readonly Actions: readonly string[] }).Actions
  }
  const isLock = (action: string): boolean => action.startsWith('Microsoft.Authorization/')
  const lockRights = ['read', 'write', 'delete'].map(right => `Microsoft.Authorization/locks/${right}`)
  const second = '--lock-identity 55555555-5555-4555-8555-555555555555'
  expect(await roleOf('network')).toEqual(expect.arrayContaining(lockRights))
  expect((await roleOf('network', second)).filter(isLock)).toEqual(['Microsoft.Authorization/permissions/read'])
  expect([...(await roleOf('locks', second))].sort()).toEqual([...lockRights, 'Microsoft.Authorization/permissions/read'].sort())
})

test('a login that may approve what it asks for is a danger in each form, unless it is of the DBA', async () => {
  const here = example('three-duties')
  const said: string[] = []
  for (const duty of ['network', 'dba', 'data']) {
    const { dangers } = (await planned(here, `--duty ${duty}`)) as Document & {
      readonly dangers: readonly { readonly kind: string; readonly address: string }[]
    }
    said.push(...dangers.flatMap(({ kind, address }) => (kind === 'self-approval' ? [`${duty} ${address}`] : [])))
  }
  expect(said).toEqual([
    'network servers/ledger-pg/privateEndpoints/ledger-pe',
    'data dataFactories/ledger-adf/managedPrivateEndpoints/to-ledger'
  ])
  const forms = await here.run('plan topology.yaml --duty data --markdown plan.md --html plan.html')
  expect(forms.stdout).toContain('Approves its own request: dataFactories/ledger-adf/managedPrivateEndpoints/to-ledger: ')
  expect(here.files.read('plan.md')).toContain('1 request that its own login may approve')
  expect(here.files.read('plan.html')).toContain('Approves its own request')
})

// Four runs on a served sandbox: for the longer part of the tests.
test.skipIf(isQuick)('a login that may read nothing of others does what it can, and takes nothing unread for done', async () => {
  const here = example('three-duties')
  const role = JSON.parse((await here.run('plan topology.yaml --duty dba --show-permissions')).stdout) as {
    readonly Actions: readonly string[]
  }
  const scope = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-data'
  const clientId = '77777777-7777-4777-8777-777777777777'
  const narrow = { name: 'dba', clientId, secret: 's', roles: [{ scope, actions: role.Actions }] }
  const owner = { name: 'owner', clientId: '88888888-8888-4888-8888-888888888888', secret: 's', roles: [{ scope: '/', role: 'Owner' }] }
  here.files.write('narrow.json', JSON.stringify([narrow, owner]))
  const files = ['--seed', `${here.path}/sandbox.json`, '--principals', `${here.path}/narrow.json`, '--speed', '3600']
  const served = await sandboxHere(files)
  onTestFinished(async () => void (await served.stop()))
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, clientId) }
  const at = `--env-file .env.example --data-dir data --arm-endpoint ${served.url}`
  const first = await here.files.pglink(`apply topology.yaml --duty dba --auto-approve ${at}`, env)
  expect([first.code, first.stderr]).toEqual([7, ''])
  expect(first.stdout).toContain('servers/ledger-pg: Creation complete')
  expect(first.stdout).toContain('privateDnsZones/link is for network, and could not be read: ')
  const again = await here.files.pglink(`plan topology.yaml --duty dba ${at}`, env)
  expect([again.code, again.stdout.includes('no change is left to others')]).toEqual([7, false])
  await here.files.pglink(`apply topology.yaml --duty network --auto-approve ${at}`, {
    ...env,
    ARM_TOKEN: await tokenFrom(served, owner.clientId)
  })
  // The connection lies on the server and names the endpoint; that of the factory's endpoint nothing tells from others.
  const decided = await here.files.pglink(`apply topology.yaml --duty dba --auto-approve ${at}`, env)
  expect([decided.code, decided.stderr]).toEqual([7, ''])
  expect(decided.stdout).toContain('servers/ledger-pg/connections/ledger-pe: Approved')
  expect(decided.stdout).not.toContain('servers/ledger-pg/connections/to-ledger: Approved')
  expect(decided.stdout).toContain('Read again. Nothing to do in the part of dba, as far as it could be read.')
})
