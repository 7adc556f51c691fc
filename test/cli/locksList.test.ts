import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { type Folder, folder } from '../support/cli.ts'
import { shared } from '../support/parts.ts'
import { leaveRun } from './runs.ts'
import { subnetIn } from './topologies.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const hub = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub`
const keep = `${hub}/providers/Microsoft.Authorization/locks/keep`

const at = (hour: string): string => `2026-01-05T${hour}:00:00.000Z`

const lifting = (properties: object, when = at('09'), path = keep) => ({
  type: 'unlocking',
  lock: { scope: hub.toLowerCase(), path, name: 'keep', level: 'ReadOnly', properties },
  how: 'remove',
  lease: { run: '33333333-3333-4333-8333-333333333333', until: at('10') },
  markers: [],
  at: when
})

const linesOf = (...entries: readonly object[]): string =>
  [{ type: 'run', version: 1, run: 'one', topology: 'net', at: at('09') }, ...entries].map(entry => `${JSON.stringify(entry)}\n`).join('')

/** A network of others without its lock, and what a journal says of that. */
async function owing(...entries: readonly object[]): Promise<Folder> {
  const files = subnetIn('ReadOnly')
  const { [keep]: _, ...rest } = JSON.parse(files['seed.json'] ?? '') as Record<string, unknown>
  const here = folder({ ...files, 'seed.json': JSON.stringify(rest) })
  // The estate is there from then on.
  await here.pglink('locks restore --sandbox --sandbox-seed seed.json')
  leaveRun(here, entries)
  return here
}

const list = 'locks list --sandbox --sandbox-seed seed.json'

/** The line as a shell reads it: its words. */
function wordsOf(stdout: string): string[] {
  const line = /^ {2}az (.*)$/m.exec(stdout)?.[1] ?? ''
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}

test.each(['\u001b[31m\n::error::x', 'ReadOnly; rm -rf /', 'CanNotDelete'])(
  'a journal whose lock is of the level %j is not believed',
  async level => {
    const here = await owing(lifting({ level }))
    for (const command of [list, `${list} --json`]) {
      const { code, stdout, stderr } = await here.pglink(command)
      expect(stderr).toMatch(/^Error: Line 2 of the journal .* is damaged/)
      expect(stdout + stderr).not.toMatch(/\p{Cc}\[|^::|rm -rf/mu)
      expect(code).toBe(9)
    }
  }
)

test('with owners, the whole body goes back: az lock create knows none', async () => {
  const owners = [{ applicationId: '22222222-2222-4222-8222-222222222222' }]
  const properties = { level: 'ReadOnly', notes: "net's \u001b[31m\nlock $(id)", owners }
  const here = await owing(lifting(properties))
  const { code, stdout } = await here.pglink(list)
  expect(code).toBe(9)
  const [rest, ...words] = wordsOf(stdout)
  expect([rest, ...words.slice(0, -1)]).toEqual(['rest', '--method', 'put', '--url', `${keep}?api-version=2020-05-01`, '--body'])
  expect(JSON.parse(words.at(-1) ?? '')).toEqual({ properties })
  const { topologies } = JSON.parse((await here.pglink(`${list} --json`)).stdout)
  expect(topologies[0].not_restored[0].restore).toContain('az rest --method put')
})

test.each(shared(['two\nlines', '@/etc/passwd', '-x', 'a\u202eb'], 4))(
  'notes that az lock create would not take as they are, %j, go back so',
  async notes => {
    const { stdout } = await (await owing(lifting({ level: 'ReadOnly', notes }))).pglink(list)
    const words = wordsOf(stdout)
    expect(words[0]).toBe('rest')
    expect(JSON.parse(words.at(-1) ?? '')).toEqual({ properties: { level: 'ReadOnly', notes } })
  }
)

test('without owners it is az lock create, with its level and notes', async () => {
  const { stdout } = await (await owing(lifting({ level: 'ReadOnly', notes: "net's $(id)", owners: [] }))).pglink(list)
  const create = ['lock', 'create', '--name', 'keep', '--lock-type', 'ReadOnly', '--resource', hub, '--notes', "net's $(id)"]
  expect(wordsOf(stdout)).toEqual(create)
})

test('a lock is off since it was lifted last, not since it was off once', async () => {
  const back = { type: 'relocked', lock: { path: keep }, at: at('08') }
  const twice = [lifting({ level: 'ReadOnly' }, at('07')), back, lifting({ level: 'ReadOnly' }, at('09'))]
  const here = await owing(...twice)
  expect((await here.pglink(list)).stdout).toContain(`keep on networks/hub: off since ${at('09')}, by`)
  // One that was brought, and owes nothing, says nothing of it either.
  here.write('brought.ndjson', linesOf(lifting({ level: 'ReadOnly' }, at('06')), back))
  expect((await here.pglink(`${list} --journal brought.ndjson`)).stdout).toContain(`off since ${at('09')}, by`)
})
