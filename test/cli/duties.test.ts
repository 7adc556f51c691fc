import { expect, test } from 'vitest'
import { type Estate, example, writes } from '../examples/example.ts'

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
})

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
