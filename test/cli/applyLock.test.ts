import { expect, test } from 'vitest'
import { folder, transcript } from '../support/cli.ts'
import { afterPlan, fault, refused } from './runs.ts'
import { subnetIn } from './topologies.ts'

test('a lock goes down for the step it is in the way of, and comes back', async () => {
  const here = folder(subnetIn('ReadOnly'))
  const applied = await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve')
  expect(transcript(afterPlan(applied), await here.pglink('locks list --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink apply --sandbox --sandbox-seed seed.json --auto-approve
    Plan digest: sha256:…
    networks/hub lock keep: Lowering...
    networks/hub lock keep: Lowered after 1s
    networks/hub/subnets/ours: Creating...
    networks/hub/subnets/ours: Creation complete after 6s
    networks/hub lock keep: Restoring...
    networks/hub lock keep: Restored after 0s

    Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
    Locks were off or lowered for 7s in all, each lock's time added up.
    Proven by a fresh read: your infrastructure matches the topology.
    [exit 0]

    $ pglink locks list --sandbox
    NAME  LEVEL     SCOPE         STATE  NOTES
    keep  ReadOnly  networks/hub  on     owned by netops
    [exit 0]
    "
  `)
})

test('a lock that does not come back: 9, and locks restore ends it', async () => {
  const here = folder({ ...subnetIn('ReadOnly'), 'faults.json': fault('/locks/keep$', { ...refused, status: 400, nth: 2 }) })
  const applied = await here.pglink('apply --sandbox --sandbox-seed seed.json --sandbox-faults faults.json --auto-approve')
  expect(applied.code).toBe(9)
  expect(applied.stdout).toContain(
    'NOT RESTORED:\n  ReadOnly lock keep on networks/hub\nRestore them now: pglink locks restore topology.yaml --sandbox\n'
  )
  expect(
    transcript(
      await here.pglink('locks list --sandbox'),
      await here.pglink('locks restore --sandbox'),
      await here.pglink('locks restore --sandbox'),
      await here.pglink('locks list --sandbox')
    )
  ).toMatchInlineSnapshot(`
    "$ pglink locks list --sandbox
    NAME  LEVEL     SCOPE         STATE    NOTES
    keep  ReadOnly  networks/hub  LOWERED  owned by netops
    keep on networks/hub: off since 2026-01-05T09:00:00.000Z, by the run …, whose lease ends 2026-01-05T09:15:00.000Z (known from the journal and Azure). Without pglink it is restored by:
      az lock create --name keep --lock-type ReadOnly --resource /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub --notes 'owned by netops'
    Restore what is still off: pglink locks restore topology.yaml --sandbox
    [exit 9]

    $ pglink locks restore --sandbox
    ReadOnly lock keep on networks/hub: restored
    [exit 0]

    $ pglink locks restore --sandbox
    No lock is owed.
    [exit 0]

    $ pglink locks list --sandbox
    NAME  LEVEL     SCOPE         STATE  NOTES
    keep  ReadOnly  networks/hub  on     owned by netops
    [exit 0]
    "
  `)
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
})

test('whatever says how a lock is restored says it with the flags of the run, to be pasted as it is', async () => {
  const broken = fault('/locks/keep$', { ...refused, status: 400, nth: 2 })
  const here = folder({ ...subnetIn('ReadOnly'), 'faults.json': broken, 'every.json': fault('/locks/keep$', { ...refused, nth: 'every' }) })
  const flags = '--data-dir state --sandbox'
  const line = `pglink locks restore topology.yaml ${flags}`
  const applied = await here.pglink(`apply ${flags} --sandbox-seed seed.json --sandbox-faults faults.json --auto-approve`)
  expect(applied.stdout).toContain(`Restore them now: ${line}\n`)
  expect((await here.pglink(`plan ${flags}`)).stdout).toContain(`an apply, or \`${line}\`, restores it first`)
  const again = await here.pglink(`apply ${flags} --sandbox-faults every.json --auto-approve`)
  expect(again.code).toBe(9)
  expect(again.stderr).toContain(`Restore them first: ${line}\n`)
  expect((await here.pglink(line.slice('pglink '.length))).code).toBe(0)
})

test('a marker that cannot be deleted is a warning with its name and the command: the lock is back, and the code is what it would be', async () => {
  // Too long for its own notes to remember it beside the words: it is removed, and markers remember it.
  const seed = JSON.parse(subnetIn('ReadOnly')['seed.json'] ?? '')
  for (const body of Object.values<{ properties: { notes?: string } }>(seed))
    if (body.properties.notes !== undefined) body.properties.notes = 'owned by netops '.repeat(25)
  const kept = JSON.stringify([{ method: 'DELETE', path: 'pglink-owes-', nth: 'every', ...refused }])
  const here = folder({ ...subnetIn('ReadOnly'), 'seed.json': JSON.stringify(seed), 'kept.json': kept })
  const applied = await here.pglink('apply --sandbox --sandbox-seed seed.json --sandbox-faults kept.json --auto-approve')
  expect(applied.stdout).toMatch(
    /Warning: the locks are back, but markers .* could not be deleted:\n( {2}\S+pglink-owes-\S+\n)+This removes/
  )
  expect(applied.stdout).toContain('This removes them: pglink locks restore topology.yaml --sandbox\n')
  expect(applied.stdout).not.toContain('NOT RESTORED')
  expect(applied.code).toBe(0)

  const left = await here.pglink('locks list --sandbox')
  expect(left.stdout).toMatch(/keep +ReadOnly +networks\/hub +on /)
  expect(left.stdout).toContain('a marker left over')
  expect(left.code).toBe(0)
  const planned = await here.pglink('plan --sandbox')
  expect(planned.stdout).toContain('is back, but not all that remembers it could be deleted')
  expect(planned.stdout).not.toContain('it is off, and not missing')
  // An apply tries, says so, and goes on.
  const again = await here.pglink('apply --sandbox --sandbox-faults kept.json --auto-approve')
  expect(again.stdout).toContain('This removes it: pglink locks restore topology.yaml --sandbox')
  expect(again.code).toBe(0)
  expect((await here.pglink('locks restore topology.yaml --sandbox')).code).toBe(0)
  expect((await here.pglink('locks list --sandbox')).stdout).not.toContain('pglink-owes-')
})

test('locks restore that fails too: 9, with what Azure said', async () => {
  const broken = (nth: number | 'every') => fault('/locks/keep$', { ...refused, status: 400, nth })
  const here = folder({ ...subnetIn('ReadOnly'), 'second.json': broken(2), 'every.json': broken('every') })
  await here.pglink('apply --sandbox --sandbox-seed seed.json --sandbox-faults second.json --auto-approve')
  expect(transcript(await here.pglink('locks restore --sandbox --sandbox-faults every.json'))).toMatchInlineSnapshot(`
    "$ pglink locks restore --sandbox --sandbox-faults every.json
    ReadOnly lock keep on networks/hub: failed: Azure answered 400 SubnetBusy: no\\u001b[2J
    1 lock not restored. Mend the cause, then run this again, or restore the lock in the portal.
    [exit 9]
    "
  `)
})
