import { describe, expect, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { network, subnetIn } from './topologies.ts'

/** As much of a plan as is read again. */
const before = {
  format_version: '2.0',
  digest: `sha256:${'0'.repeat(64)}`,
  topology: { name: 'net', path: 'topology.yaml', env: null, flags: { sandbox: true } },
  foundation: {}
}

describe('a saved plan that was edited is refused by the member at fault', () => {
  test.each<[string, unknown, string]>([
    ...[0, {}, 'text', [1], null].map(value => ['env-file', value, 'a list of texts'] as [string, unknown, string]),
    ['allow-env', 0, 'a list of texts'],
    ['allow-delete', ['a', null], 'a list of texts'],
    ['data-dir', 1, 'a text'],
    ['data-dir', 'a\0b', 'a text'],
    ['sandbox-state', ['x'], 'a text'],
    ['sandbox-seed', {}, 'a text'],
    ['baseline', true, 'a text'],
    ['env', 7, 'a text'],
    ['sandbox', 'yes', 'true or false'],
    ['max-deletes', 'x', 'a whole number from 0'],
    ['max-deletes', -1, 'a whole number from 0'],
    ['max-deletes', 0.5, 'a whole number from 0']
  ])('topology.flags.%s: %j', async (flag, value, wanted) => {
    const plan = { ...before, topology: { ...before.topology, flags: { ...before.topology.flags, [flag]: value } } }
    const { code, stdout, stderr } = await applied(plan)
    expect(stderr).toBe(`Error: plan.json is not a plan that pglink saved: its topology.flags.${flag} is not ${wanted}.\n`)
    expect(stdout).toBe('')
    expect(code).toBe(4)
  })

  test.each<[string, object, string]>([
    ['format_version', { format_version: ['1.1'] }, 'its format_version is not one'],
    ['digest', { digest: 1 }, 'its digest is not a text'],
    ['foundation', { foundation: [] }, 'its foundation is not an object'],
    ['topology', { topology: 'x' }, 'its topology is not an object'],
    ['topology.path', { topology: { ...before.topology, path: 'a\0' } }, 'its topology.path is not a text'],
    ['topology.flags', { topology: { ...before.topology, flags: [] } }, 'its topology.flags is not an object']
  ])('%s', async (_member, change, says) => {
    const { code, stderr } = await applied({ ...before, ...change })
    expect(stderr).toBe(`Error: plan.json is not a plan that pglink saved: ${says}.\n`)
    expect(code).toBe(4)
  })
})

describe('an entry of the foundation that was edited has moved', () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  test.each([
    ['nested without end', deep, 'live networks/hub is not what it was'],
    ['a member that no object may be given', '{"state":"absent","__proto__":{"a":1}}', 'live networks/hub is not what it was'],
    ['a text without end', JSON.stringify({ state: 'long '.repeat(4_000_000) }), 'live networks/hub/state was "long long']
  ])('%s', async (_what, entry, says) => {
    const here = folder({ 'topology.yaml': network() })
    await here.pglink('plan --sandbox --out plan.json')
    const { foundation } = JSON.parse(here.read('plan.json'))
    const edited = { ...before, foundation: { ...foundation, 'live networks/hub': 'HERE' } }
    here.write(
      'plan.json',
      JSON.stringify(edited).replace('"HERE"', () => entry)
    )
    const { code, stdout, stderr } = await here.pglink('apply plan.json')
    expect(stderr).toContain(`Something moved since the plan was saved. Nothing was changed. Plan again and look at it.\n  ${says}`)
    expect(stdout.length + stderr.length).toBeLessThan(4_000)
    expect(code).toBe(5)
  })
})

test('half of a character in notes and tags that are there is planned, saved and applied as it is', async () => {
  const files = subnetIn('ReadOnly')
  const seed = files['seed.json'] ?? ''
  const here = folder({ ...files, 'seed.json': seed.replace('owned by netops', 'x \\ud800 y') })
  const plan = await here.pglink('plan --sandbox --sandbox-seed seed.json --out plan.json')
  expect(plan.stderr).toBe('')
  expect(plan.code).toBe(0)
  const other = folder({ ...files, 'seed.json': seed.replace('owned by netops', 'x \\ud801 y'), 'plan.json': here.read('plan.json') })
  const moved = await other.pglink('apply plan.json')
  expect(moved.stderr).toContain('was "x \\ud800 y" and is "x \\ud801 y"')
  expect(moved.code).toBe(5)
  const done = await here.pglink('apply plan.json')
  expect(done.stdout).toContain('Apply complete!')
  expect(done.code).toBe(0)
  expect(here.read('.pglink/sandbox.json')).toContain('x \\ud800 y')
})

async function applied(plan: object) {
  const here = folder({ 'topology.yaml': network(), 'plan.json': JSON.stringify(plan) })
  return here.pglink('apply plan.json')
}
