import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resourceId, scopePathOf } from '../../src/model/id.ts'
import { markersFor } from '../../src/model/marker.ts'
import type { Lock } from '../../src/model/resource.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { type Folder, folder } from '../support/cli.ts'
import { leaveRun } from './runs.ts'
import { subnetIn } from './topologies.ts'

const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
const group = `${subscription}/resourceGroups/rg-net`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const elsewhere = `${subscription}/resourceGroups/rg-other`
const lease = { run: '33333333-3333-4333-8333-333333333333', until: '2026-01-05T10:00:00.000Z' }

function lockOn(scope: string, name: string, notes = 'theirs'): Lock {
  const path = `${scope}/providers/Microsoft.Authorization/locks/${name}`
  return { scope: resourceId(scopePathOf(path)), path, name, level: 'ReadOnly', properties: { level: 'ReadOnly', notes } }
}

const lifting = (lock: Lock, markers: readonly string[] = [], workflow?: string) => ({
  type: 'unlocking',
  lock,
  how: 'remove',
  lease: { ...lease, ...(workflow !== undefined && { workflow }) },
  markers,
  at: '2026-01-05T09:00:00.000Z'
})

/** A network of others without its lock, and with whatever else is there. */
function there(more: Readonly<Record<string, object>> = {}, topology = (text: string) => text): Folder {
  const files = subnetIn('ReadOnly')
  const { [lockOn(hub, 'keep').path]: _, ...rest } = JSON.parse(files['seed.json'] ?? '') as Record<string, unknown>
  const seedBodies = { ...rest, [elsewhere]: { location: 'eastus2' }, ...more } as never
  const here = folder({ 'topology.yaml': topology(files['topology.yaml'] ?? '') })
  here.write('.pglink/sandbox.json', JSON.stringify(createSandbox({ seedBodies }).exportState()))
  return here
}

const has = (here: Folder, { path }: Pick<Lock, 'path'>): boolean =>
  JSON.parse(readFileSync(join(here.path, '.pglink/sandbox.json'), 'utf8')).resources.some(
    ({ id }: { id: string }) => id.toLowerCase() === path.toLowerCase()
  )

const bodyOf = ({ path, properties }: Pick<Lock, 'path' | 'properties'>) => ({ [path]: { properties } })

const restore = 'locks restore --sandbox'

test('a damaged journal gives the lines that can be read, markers give theirs, and the end is 9', async () => {
  const known = lockOn(hub, 'known')
  const marked = lockOn(hub, 'marked', 'n'.repeat(512))
  const markers = markersFor(marked, lease, group)
  const here = there(Object.assign({}, ...markers.map(bodyOf)))
  const place = join(here.path, leaveRun(here, [lifting(known), lifting(lockOn(hub, 'lost')), { type: 'ended', at: 'then' }]))
  writeFileSync(place, readFileSync(place, 'utf8').replace('"name":"lost"', '"name":"lo'))
  const listed = await here.pglink('locks list --sandbox')
  expect(listed.stdout).toMatch(/known on networks\/hub: off.*journal/)
  expect(listed.stdout).toMatch(/marked on networks\/hub: off.*Azure/)
  for (const { code, stderr } of [listed, await here.pglink(restore), await here.pglink(restore)]) {
    expect(stderr).toMatch(/^Error: Line 3 of the journal \S+ is damaged/)
    expect(code).toBe(9)
  }
  expect([known, marked, ...markers].map(one => has(here, one))).toEqual([true, true, ...markers.map(() => false)])
  // An apply does not begin on it.
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(9)
}, 60_000)

test('a part of a marker that is left goes once its lock stands, and is named while that is off', async () => {
  const lock = lockOn(hub, 'keep', 'n'.repeat(512))
  const [, ...left] = markersFor(lock, lease, group)
  expect(left.length).toBeGreaterThan(0)
  const off = there(Object.assign({}, ...left.map(bodyOf)))
  const named = await off.pglink(restore)
  for (const { path } of left) expect(named.stderr).toContain(`Error: ${path} is a marker of pglink that cannot be read whole`)
  expect(named.code).toBe(9)
  expect(left.map(one => has(off, one))).toEqual(left.map(() => true))
  const on = there(Object.assign(bodyOf(lock), ...left.map(bodyOf)))
  expect((await on.pglink(restore)).code).toBe(0)
  expect(left.map(one => has(on, one))).toEqual(left.map(() => false))
}, 60_000)

test('a journal is a claim: no lock is made elsewhere, and nothing is deleted that is no marker of the lock', async () => {
  const keep = lockOn(hub, 'keep')
  const foreign = lockOn(elsewhere, 'foreign')
  const [others] = markersFor(lockOn(elsewhere, 'another'), lease, elsewhere)
  const [forged] = markersFor(lockOn(elsewhere, 'forged'), lease, group)
  const precious = { path: lockOn(elsewhere, 'precious').path, properties: { level: 'CanNotDelete' } }
  const called = { path: lockOn(elsewhere, 'pglink-owes-000000000000').path, properties: { level: 'CanNotDelete', notes: 'mine' } }
  if (others === undefined || forged === undefined) throw new Error('no markers')
  const kept = [precious, called, others, forged]
  const here = there(Object.assign({}, ...kept.map(bodyOf)))
  leaveRun(here, [lifting(keep, [precious.path, called.path, others.path]), lifting(foreign)])
  const { code, stdout } = await here.pglink(`${restore} --now`)
  expect(has(here, keep)).toBe(true)
  expect(has(here, foreign)).toBe(false)
  expect(kept.map(one => has(here, one))).toEqual(kept.map(() => true))
  expect(stdout).toContain(`Warning: ${precious.path} is no marker of pglink for the lock ${keep.path}, and is not deleted.`)
  expect(stdout).toMatch(/foreign.*failed: .*lies on nothing that the topology names.*--keep \S+locks\/foreign/s)
  expect(code).toBe(9)
  expect((await here.pglink(`${restore} --keep ${foreign.path}`)).code).toBe(0)
}, 60_000)

test('a lock above the topology is restored with the flag, by the file’s consent, or for the workflow that lifted it', async () => {
  const above = lockOn(subscription, 'above')
  const keep = lockOn(hub, 'keep')
  const workflow = 'owner/name/runs/7'
  const here = there()
  leaveRun(here, [lifting(keep), lifting(above)])
  const without = await here.pglink(restore)
  expect(without.stdout).toContain('agree to it: pglink locks restore topology.yaml --sandbox --lift-inherited-locks')
  expect(without.code).toBe(9)
  expect([keep, above].map(one => has(here, one))).toEqual([true, false])
  const applied = await here.pglink('apply --sandbox --auto-approve')
  expect(applied.code).toBe(9)
  expect(has(here, above)).toBe(false)
  expect((await here.pglink(`${restore} --lift-inherited-locks`)).code).toBe(0)
  expect(has(here, above)).toBe(true)

  const agreed = there({}, text => `${text}\nsafety: { liftInheritedLocks: true }\n`)
  leaveRun(agreed, [lifting(above)])
  expect((await agreed.pglink(restore)).code).toBe(0)

  const post = there()
  leaveRun(post, [lifting(above, [], workflow)])
  const env = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'owner/name', GITHUB_RUN_ID: '7' }
  expect((await post.pglink(restore, { ...env, GITHUB_RUN_ID: '8' })).code).toBe(9)
  expect((await post.pglink(restore, env)).code).toBe(0)
}, 90_000)

test('a journal that is named on the command line is shown and asked for', async () => {
  const keep = lockOn(hub, 'keep')
  const here = there()
  const place = join(here.path, leaveRun(here, [lifting(keep)]))
  here.write('brought.ndjson', readFileSync(place, 'utf8'))
  writeFileSync(place, '')
  for (const command of [`${restore} --journal brought.ndjson`, 'apply --sandbox --journal brought.ndjson']) {
    const { code, stderr } = await here.pglink(command)
    expect(stderr).toContain('restore ReadOnly lock keep on networks/hub: ReadOnly, "theirs"')
    expect(stderr).toContain('Nothing was changed. Run it with --auto-approve')
    expect(code).toBe(6)
    expect(has(here, keep)).toBe(false)
  }
  const approved = await here.pglink(`${restore} --journal brought.ndjson --auto-approve`)
  expect(approved.stderr).toContain('restore ReadOnly lock keep on networks/hub')
  expect(approved.code).toBe(0)
  expect(has(here, keep)).toBe(true)
}, 60_000)

/** Loaded before the command line: the journal is spoilt as soon as it says that a lock is lifted. */
const spoils = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { openSync, writeSync, fsyncSync } = fs
const paths = new Map()
let lifted
fs.openSync = (path, ...more) => {
  const file = openSync(path, ...more)
  paths.set(file, path)
  return file
}
fs.writeSync = (file, text, ...more) => {
  if (lifted === undefined && String(text).includes('"type":"unlocking"')) lifted = file
  return writeSync(file, text, ...more)
}
fs.fsyncSync = file => {
  fsyncSync(file)
  if (file !== lifted) return
  lifted = 'done'
  fs.writeFileSync(paths.get(file), 'spoilt\\n{}\\n')
}
syncBuiltinESMExports()
`

test.each([
  ['the lock is restored', [], 0],
  [
    'where the lock cannot be restored, the end is 9',
    Array.from({ length: 60 }, (_, at) => ({
      method: 'PUT',
      path: '/locks/keep$',
      nth: at + 2,
      status: 403,
      code: 'AuthorizationFailed',
      message: 'no'
    })),
    9
  ]
] as const)(
  'a journal is spoilt while a lock is off: %s',
  async (_what, faults, code) => {
    const lock = lockOn(hub, 'keep')
    const here = there(bodyOf(lock))
    here.write('spoils.mjs', spoils)
    here.write('faults.json', JSON.stringify(faults))
    const ran = await here.pglink('apply --sandbox --sandbox-faults faults.json --auto-approve', {}, [
      '--import',
      join(here.path, 'spoils.mjs')
    ])
    expect(ran.stderr).toMatch(/Warning: The journal \S+ is not as this run left it\. It is written anew from what the run knows\./)
    expect(ran.code).toBe(code)
    const { body } = JSON.parse(readFileSync(join(here.path, '.pglink/sandbox.json'), 'utf8')).resources.find(
      ({ id }: { id: string }) => id.toLowerCase() === lock.path.toLowerCase()
    )
    expect(body.properties.level).toBe(code === 0 ? 'ReadOnly' : 'CanNotDelete')
    if (code === 9) expect((await here.pglink(restore)).stdout).toContain('restored')
  },
  60_000
)

test('while the locks may not be listed nobody is told that none is off: 7, with the right to ask for', async () => {
  const here = there()
  here.write(
    'faults.json',
    JSON.stringify([{ method: 'GET', path: '/locks$', nth: 'every', status: 403, code: 'AuthorizationFailed', message: 'no' }])
  )
  for (const command of ['locks list --sandbox', restore]) {
    const { code, stdout, stderr } = await here.pglink(`${command} --sandbox-faults faults.json`)
    expect(stderr).toContain('may not be read: one that is off there is not seen. Microsoft.Authorization/locks/read shows them.')
    expect(stdout).toMatch(/^No lock(s, as far as they may| is owed, as far as that can) be read\.\n$/)
    expect(code).toBe(7)
  }
}, 60_000)
