import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { folder, type Ran, transcript } from '../support/cli.ts'
import { afterPlan, fault, refused } from './runs.ts'
import { network, subnetIn } from './topologies.ts'

const documentOf = ({ stdout }: Ran) => JSON.parse(stdout) as Record<string, unknown>

test('apply, and a plan that has nothing left to do', async () => {
  const here = folder({ 'topology.yaml': network() })
  const applied = await here.pglink('apply --sandbox --auto-approve')
  expect(transcript(afterPlan(applied), await here.pglink('plan --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink apply --sandbox --auto-approve
    Plan digest: sha256:…
    resourceGroups/rg-net: Creating...
    resourceGroups/rg-net: Creation complete after 0s
    privateDnsZones/link: Creating...
    networks/hub: Creating...
    networks/hub: Creation complete after 12s
    networks/hub/subnets/endpoints: Creating...
    networks/hub/subnets/endpoints: Creation complete after 6s
    privateDnsZones/link: Still creating... [30s elapsed]
    privateDnsZones/link: Creation complete after 30s
    privateDnsZones/link/links/hub: Creating...
    privateDnsZones/link/links/hub: Still creating... [30s elapsed]
    privateDnsZones/link/links/hub: Still creating... [1m0s elapsed]
    privateDnsZones/link/links/hub: Creation complete after 1m0s

    Apply complete! Resources: 5 added, 0 changed, 0 destroyed.
    Proven by a fresh read: your infrastructure matches the topology.
    [exit 0]

    $ pglink plan --sandbox
    Estate: sandbox .pglink/sandbox.json, subscription 11111111-1111-4111-8111-111111111111

    No changes. Your infrastructure matches the topology.
    5 ARM reads.
    Plan digest: sha256:…
    [exit 0]
    "
  `)
})

test('a resource that was written and may not be read again is not proven: 7', async () => {
  const hub = '/providers/Microsoft.Network/virtualNetworks/hub'
  const whole = folder({ 'topology.yaml': network() })
  await whole.pglink('apply --sandbox --auto-approve --sandbox-log log.ndjson')
  const reads = whole
    .read('log.ndjson')
    .split('\n')
    .filter(line => line.includes('"method":"GET"') && line.includes(`${hub}"`))
  const last = { method: 'GET', path: `${hub}$`, nth: reads.length, status: 403, code: 'AuthorizationFailed', message: 'no' }
  const here = folder({ 'topology.yaml': network(), 'faults.json': JSON.stringify([last]) })
  const { code, stdout, stderr } = await here.pglink('apply --sandbox --auto-approve --sandbox-faults faults.json')
  expect(stdout).toContain('Apply complete!')
  expect(stdout).not.toContain('Proven')
  expect(stderr).toContain('Error: Not proven, since what was written could not be read again: networks/hub\n')
  expect(code).toBe(7)
})

test('without anybody to confirm it nothing is done', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { code, stderr } = await here.pglink('apply --sandbox --sandbox-log log.ndjson')
  expect(code).toBe(6)
  expect(stderr).toBe('Error: No user is there to confirm this. Nothing was changed. Run it with --auto-approve to apply without asking.\n')
  expect(here.read('log.ndjson')).not.toMatch(/"method":"(PUT|PATCH|POST|DELETE)"/)
})

test('when the step under a lock fails, the lock is back, what failed is named, and nothing took effect: 1', async () => {
  const here = folder({ ...subnetIn('ReadOnly'), 'faults.json': fault('/subnets/ours$', refused) })
  const applied = await here.pglink('apply --sandbox --sandbox-seed seed.json --sandbox-faults faults.json --auto-approve')
  expect(transcript(afterPlan(applied), await here.pglink('locks list --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink apply --sandbox --sandbox-seed seed.json --sandbox-faults faults.json --auto-approve
    Plan digest: sha256:…
    networks/hub lock keep: Lowering...
    networks/hub lock keep: Lowered after 1s
    networks/hub/subnets/ours: Creating...
    networks/hub/subnets/ours: FAILED after 0s, creating: Azure answered 409 SubnetBusy: no\\u001b[2J
    networks/hub lock keep: Restoring...
    networks/hub lock keep: Restored after 0s

       1  done     lift    networks/hub lock keep
       2  failed   create  networks/hub/subnets/ours: Azure answered 409 SubnetBusy: no\\u001b[2J
       3  done     restore networks/hub lock keep

    Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed.
    Locks were off or lowered for 1s in all, each lock's time added up.
    1 step failed. Finished steps stay done: mend the cause, then run the same command again.
    [exit 1]

    $ pglink locks list --sandbox
    NAME  LEVEL     SCOPE         STATE  NOTES
    keep  ReadOnly  networks/hub  on     owned by netops
    [exit 0]
    "
  `)
})

test('when some of it took effect: 8, and the next apply does the rest', async () => {
  const here = folder({ 'topology.yaml': network(), 'faults.json': fault('/virtualNetworks/hub$', refused) })
  const first = await here.pglink('apply --sandbox --sandbox-faults faults.json --auto-approve')
  expect(first.code).toBe(8)
  expect(first.stdout).toContain('3  failed   create  networks/hub: Azure answered 409 SubnetBusy: no\\u001b[2J')
  expect(first.stdout).toContain('skipped  create  networks/hub/subnets/endpoints: it needs step 3')
  expect(first.stdout).toContain('Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed.')
  const second = await here.pglink('apply --sandbox --auto-approve')
  expect(second.stdout).toContain('Apply complete! Resources: 3 added, 0 changed, 0 destroyed.')
  expect(second.code).toBe(0)
})

test('an answer that is lost is looked up: what took effect is done', async () => {
  const here = folder({ 'topology.yaml': network(), 'faults.json': fault('/virtualNetworks/hub$', { drop: 'after' }) })
  const { code, stdout } = await here.pglink('apply --sandbox --sandbox-faults faults.json --auto-approve')
  expect(stdout).toContain('networks/hub: Creation complete after 15s (the answer was lost, and a read shows that it took effect)')
  expect(stdout).toContain('Apply complete!')
  expect(code).toBe(0)
})

test('an answer that is lost and cannot be looked up is told as unknown, not as failed', async () => {
  const lost = JSON.parse(fault('/virtualNetworks/hub$', { drop: 'after' }))
  // From the third look on: the plan has looked, and so has the create.
  const unreadable = [3, 4, 5, 6].map(nth => ({ method: 'GET', path: '/virtualNetworks/hub$', nth, ...refused, status: 403 }))
  const here = folder({ 'topology.yaml': network(), 'faults.json': JSON.stringify([...lost, ...unreadable]) })
  const { code, stdout } = await here.pglink('apply --sandbox --sandbox-faults faults.json --auto-approve')
  expect(stdout).toContain('unknown  create  networks/hub: no answer says whether it took effect (Azure could not be reached')
  expect(code).toBe(8)
})

test('a saved plan is applied without asking, and only while nothing moved', async () => {
  const here = folder({ 'topology.yaml': network() })
  expect((await here.pglink('plan --sandbox --out plan.json')).code).toBe(0)
  here.write('topology.yaml', network('10.20.2.0/24'))
  const stale = await here.pglink('apply plan.json')
  expect(stale.code).toBe(5)
  expect(stale.stderr).toContain('Something moved since the plan was saved. Nothing was changed.')
  expect(stale.stderr).toContain('networks/hub/subnets/endpoints')
  here.write('topology.yaml', network())
  expect((await here.pglink('apply plan.json')).code).toBe(0)
  const done = await here.pglink('apply plan.json')
  expect(done.code).toBe(5)
})

test('a saved plan keeps to the flags it was made with', async () => {
  const here = folder({ 'topology.yaml': network(), 'not.json': '{}', 'later.json': '{"format_version":"3.0"}' })
  await here.pglink('plan --sandbox --out plan.json --prune')
  expect((await here.pglink('apply plan.json --max-deletes 9')).code).toBe(64)
  expect((await here.pglink('apply plan.json --prune')).code).toBe(0)
  for (const file of ['not.json', 'later.json', 'nosuch.json']) expect((await here.pglink(`apply ${file}`)).code).toBe(4)
})

test('a plan that an older pglink saved is refused as stale, with that reason, by whatever reads it', async () => {
  const here = folder({ 'topology.yaml': network() })
  await here.pglink('plan --sandbox --out plan.json')
  here.write('plan.json', here.read('plan.json').replace('"format_version": "2.0"', '"format_version": "1.1"'))
  for (const command of ['apply', 'graph']) {
    const { code, stdout, stderr } = await here.pglink(`${command} plan.json`)
    expect(stderr).toContain('plan.json has the format 1.1 of an older pglink')
    expect(stderr).toContain('Nothing was changed. Plan again')
    expect([code, stdout]).toEqual([5, ''])
  }
})

test('--plan-digest goes on only with the plan that has it', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { digest } = documentOf(await here.pglink('plan --sandbox --json'))
  const other = await here.pglink(`apply --sandbox --auto-approve --plan-digest sha256:${'0'.repeat(64)}`)
  expect(other.code).toBe(5)
  expect((await here.pglink(`apply --sandbox --auto-approve --plan-digest ${String(digest)}`)).code).toBe(0)
})

test('with --json, stdout is one document that says what became of each step', async () => {
  const here = folder({ ...subnetIn('ReadOnly'), 'faults.json': fault('/subnets/ours$', refused) })
  const ran = await here.pglink('apply --sandbox --sandbox-seed seed.json --sandbox-faults faults.json --auto-approve --json')
  expect(documentOf(ran)).toMatchObject({
    format_version: '1.0',
    plan: { summary: { add: 1 } },
    complete: false,
    steps: [
      { n: 1, outcome: 'done' },
      { n: 2, subject: 'networks/hub/subnets/ours', outcome: 'failed' },
      { n: 3, outcome: 'done' }
    ],
    locks_not_restored: [],
    exit_code: ran.code
  })
})

test('each document of an apply has the published shape, whatever became of it', async () => {
  const named = (name: string): object => JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8'))
  const ajv = new Ajv2020.Ajv2020({ strict: true, allowUnionTypes: true, schemas: { 'plan.schema.json': named('plan') } })
  const validate = ajv.compile(named('apply'))
  const here = folder({ ...subnetIn('ReadOnly'), 'faults.json': fault('/subnets/ours$', refused) })
  const apply = 'apply --sandbox --sandbox-seed seed.json --auto-approve --json'
  for (const [more, code, steps] of [
    [' --sandbox-faults faults.json', 1, 3],
    ['', 0, 3],
    ['', 0, undefined]
  ] as const) {
    const ran = await here.pglink(`${apply}${more}`)
    const document = documentOf(ran)
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
    expect([ran.code, (document['steps'] as readonly unknown[] | undefined)?.length]).toEqual([code, steps])
  }
  const { plan: _, ...without } = documentOf(await here.pglink(apply))
  expect([validate(without), validate({ ...without, plan: {} })]).toEqual([false, false])
})

test('the sandbox is not shared: a second process on its file is told who has it', async () => {
  const here = folder({ 'topology.yaml': network() })
  here.write('.pglink/sandbox.json.lock', JSON.stringify({ pid: process.pid, started: startedAt() }))
  const { code, stderr } = await here.pglink('plan --sandbox')
  expect(stderr).toContain(`is in use by process ${process.pid}`)
  expect(code).toBe(1)
})

/** As the sandbox reads it of a process that lives. */
function startedAt(): string {
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
