import { expect, test } from 'vitest'
import { folder, transcript } from '../support/cli.ts'
import { isQuick } from '../support/parts.ts'
import { repositoryIn } from '../support/repository.ts'
import { applied, documentOf, drifted, moved, topology } from './driftScene.ts'

test('a topology that was just applied has not drifted', async () => {
  const here = await applied()
  expect(transcript(await here.pglink('drift --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink drift --sandbox
    No drift. Azure is as the topology says.
    7 ARM reads.
    [exit 0]
    "
  `)
})

test("somebody's changes, without a baseline, and the way back", async () => {
  const here = await drifted()
  expect(transcript(await here.pglink('drift --sandbox')).replace(/\d{4}-\d\d-\d\d/g, 'DAY')).toMatchInlineSnapshot(`
    "$ pglink drift --sandbox
    Not as declared:
    ~ networks/hub  addressSpace: ["10.20.0.0/16"] -> ["10.20.0.0/16","10.21.0.0/16"] in Azure  topology.yaml:8:3
          ignore: { path: networks/hub/addressSpace, reason: say why, owner: say who, until: "DAY" }
    ~ networks/hub  tags/team: "payments" -> "thieves" in Azure  topology.yaml:8:3
          ignore: { path: networks/hub/tags/team, reason: say why, owner: say who, until: "DAY" }
    ~ networks/hub/locks/keep  notes: "ours" -> "theirs" in Azure  topology.yaml:14:7
          ignore: { path: networks/hub/locks/keep/notes, reason: say why, owner: say who, until: "DAY" }
    ~ privateDnsZones/link  tags/team: "payments" -> "thieves" in Azure  topology.yaml:16:3
          ignore: { path: privateDnsZones/link/tags/team, reason: say why, owner: say who, until: "DAY" }
    ~ privateDnsZones/link/links/hub  tags/team: "payments" -> "thieves" in Azure  topology.yaml:16:67
          ignore: { path: privateDnsZones/link/links/hub/tags/team, reason: say why, owner: say who, until: "DAY" }
    ~ resourceGroups/rg-net  tags/team: "payments" -> "thieves" in Azure  topology.yaml:5:1
          ignore: { path: resourceGroups/rg-net/tags/team, reason: say why, owner: say who, until: "DAY" }

    Drift: 6 differs.
    Without the topology as last applied (--baseline REF) pglink cannot tell who changed it.
    7 ARM reads.
    [exit 3]
    "
  `)
  const revert = await here.pglink('drift --sandbox --revert --out revert.json')
  expect(revert.code).toBe(3)
  expect(revert.stdout).toContain('Saved. Apply exactly this with: pglink apply revert.json')
  const back = await here.pglink('apply revert.json')
  expect(back.code, back.stdout + back.stderr).toBe(0)
  expect((await here.pglink('drift --sandbox')).code).toBe(0)
})

test('it only reads, and leaves the estate as it is, to the byte', async () => {
  const here = await drifted()
  const before = here.read('.pglink/sandbox.json')
  const { stdout } = await here.pglink('drift --sandbox --revert --sandbox-log log.ndjson')
  expect(here.read('.pglink/sandbox.json')).toBe(before)
  const methods = here
    .read('log.ndjson')
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as { readonly method: string }).method)
  expect(new Set(methods)).toEqual(new Set(['GET']))
  expect(stdout).toContain(`${methods.length} ARM reads.`)
})

test('with the commit that was applied last, what the file changed is pending and no drift', async () => {
  const here = await drifted()
  repositoryIn(here.path, { 'topology.yaml': topology })
  here.write('topology.yaml', topology.replace('notes: ours', 'notes: mine').replace('10.20.1.0/24', '10.20.2.0/24'))
  // In `npm test` no process of Git's reads it.
  here.write('applied.yaml', topology)
  const applied = isQuick ? 'applied.yaml' : 'HEAD'
  const ran = await here.pglink(`drift --sandbox --baseline ${applied} --json`)
  const { entries, baseline, clean } = documentOf(ran)
  expect(ran.code).toBe(3)
  expect(baseline).toBe(applied)
  expect(clean).toBe(false)
  const shown = entries.map(({ class: of, address, field, baseline: was, desired, live }) => [of, address, field, was, desired, live])
  expect(shown).toEqual([
    ['drifted', 'networks/hub', 'addressSpace', ['10.20.0.0/16'], ['10.20.0.0/16'], ['10.20.0.0/16', '10.21.0.0/16']],
    ['drifted', 'networks/hub', 'tags/team', 'payments', 'payments', 'thieves'],
    ['both', 'networks/hub/locks/keep', 'notes', 'ours', 'mine', 'theirs'],
    ['pending', 'networks/hub/subnets/endpoints', 'addressPrefixes', ['10.20.1.0/24'], ['10.20.2.0/24'], ['10.20.1.0/24']],
    ['drifted', 'privateDnsZones/link', 'tags/team', 'payments', 'payments', 'thieves'],
    ['drifted', 'privateDnsZones/link/links/hub', 'tags/team', 'payments', 'payments', 'thieves'],
    ['drifted', 'resourceGroups/rg-net', 'tags/team', 'payments', 'payments', 'thieves']
  ])

  const revert = await here.pglink(`drift --sandbox --baseline ${applied} --revert --out revert.json`)
  expect(revert.stdout).not.toContain('subnets/endpoints (subnet)')
  expect((await here.pglink('apply revert.json')).code).toBe(0)
  const after = await here.pglink(`drift --sandbox --baseline ${applied} --json`)
  expect(after.code).toBe(0)
  expect(documentOf(after).entries.map(({ class: of, address }) => [of, address])).toEqual([
    ['pending', 'networks/hub/locks/keep'],
    ['pending', 'networks/hub/subnets/endpoints']
  ])
})

test('a saved way back is refused when more has moved since', async () => {
  const here = await drifted()
  await here.pglink('drift --sandbox --revert --out revert.json')
  here.write('theirs/topology.yaml', moved.replace('notes: theirs', 'notes: others'))
  await here.pglink('apply --sandbox --auto-approve --data-dir .pglink theirs/topology.yaml')
  const { code, stderr } = await here.pglink('apply revert.json')
  expect(stderr).toContain('Something moved since the plan was saved')
  expect(code).toBe(5)
})

test('a plan with a baseline names what drifted beside what it changes', async () => {
  const here = await drifted({ 'applied.yaml': topology })
  const { stdout } = await here.pglink('plan --sandbox --baseline applied.yaml --json')
  const { resource_drift: drift } = JSON.parse(stdout) as { resource_drift: { address: string; class: string }[] }
  expect(drift.map(({ address, class: of }) => `${of} ${address}`)).toContain('drifted networks/hub/locks/keep')
  expect(drift).toHaveLength(6)
})

test('agreed drift is shown with who said so, and does not count; an entry that nobody needs any more is said', async () => {
  const ignores = `driftIgnore:
  - { path: networks/hub, reason: "being moved", owner: netops, until: "9999-12-31" }
  - { path: privateDnsZones/link, reason: too long ago, until: "2020-01-31" }
  - { path: networks/hub/subnets/endpoints, reason: not needed }
  - { path: resourceGroups/rg-net/tags/team, reason: a policy writes it }
`
  const here = await drifted({ 'topology.yaml': topology + ignores })
  const ran = await here.pglink('drift --sandbox --json')
  const { entries, ignores: states, summary } = documentOf(ran)
  expect(ran.stderr).toContain('PGL061')
  expect(entries.filter(({ counts }) => counts).map(({ address }) => address)).toEqual([
    'privateDnsZones/link',
    'privateDnsZones/link/links/hub'
  ])
  expect(states.map(({ state }) => state)).toEqual(['used', 'expired', 'unused', 'used'])
  expect(entries.find(({ address }) => address === 'networks/hub/locks/keep')?.ignored).toEqual({
    reason: 'being moved',
    owner: 'netops',
    until: '9999-12-31'
  })
  expect(summary).toMatchObject({ differs: 2, ignored: 4 })
  const { stdout } = await here.pglink('drift --sandbox')
  expect(stdout).toContain('being moved (netops, until 9999-12-31)')
  expect(stdout).toContain('privateDnsZones/link: is over since 2020-01-31, and counts again')
  expect(stdout).toContain('networks/hub/subnets/endpoints: is not needed')
  const revert = await here.pglink('drift --sandbox --revert')
  expect(revert.stdout).toContain('Plan: 0 to add, 2 to change, 0 to destroy.')
})

test('an entry that is printed to be pasted is one that the file takes, and it is enough', async () => {
  const here = await drifted()
  const { entries } = documentOf(await here.pglink('drift --sandbox --json'))
  const lines = entries.flatMap(({ ignore }) => (ignore === undefined ? [] : [`  - ${ignore}\n`]))
  here.write('topology.yaml', `${topology}driftIgnore:\n${lines.join('')}`)
  const ran = await here.pglink('drift --sandbox')
  expect(ran.stderr).toBe('')
  expect(ran.code).toBe(0)
})

test('all forms from one look, and an estate that is gone is drift', async () => {
  const here = folder({ 'topology.yaml': topology })
  const ran = await here.pglink('drift --sandbox --markdown d.md --sarif d.sarif --json-into d.ndjson --json')
  expect(ran.code).toBe(3)
  expect(documentOf(ran).entries).toMatchObject([
    { class: 'differs', address: 'resourceGroups/rg-net', message: 'is declared, and not there, nor what is declared in it (5)' }
  ])
  expect(here.read('d.md')).toContain('`resourceGroups/rg-net`')
  const sarif = JSON.parse(here.read('d.sarif')) as { runs: { results: { ruleId: string }[] }[] }
  expect(sarif.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(['drift/differs'])
  expect(
    here
      .read('d.ndjson')
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { type: string }).type)
  ).toEqual(['version', 'resource_drift', 'change_summary'])
})

test.each([
  ['drift --sandbox --accept --revert', 'not both'],
  ['drift --sandbox --out plan.json', '--revert'],
  ['drift --sandbox --allow-locked-delete networks/hub', '--revert'],
  ['drift --sandbox --markdown - --json', 'same place']
])('%s is wrong usage', async (args, says) => {
  const { code, stderr } = await folder({ 'topology.yaml': topology }).pglink(args)
  expect(stderr).toContain(says)
  expect(code).toBe(64)
})
