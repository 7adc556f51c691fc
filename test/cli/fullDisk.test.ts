import { expect, test } from 'vitest'
import { type Folder, folder, type Ran } from '../support/cli.ts'
import { subnetIn } from './topologies.ts'

/** Loaded before the command line: from the first line on that holds `text`, or for these lines alone, the disk takes no more than `takes` bytes. */
const full = (text: string, { takes = 0, only = false } = {}): string => `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { openSync, writeSync } = fs
const journals = new Set()
let isFull = false
let left = ${takes}
fs.openSync = (path, ...more) => {
  const file = openSync(path, ...more)
  if (String(path).endsWith('.ndjson')) journals.add(file)
  else journals.delete(file)
  return file
}
fs.writeSync = (file, what, ...more) => {
  const isHit = journals.has(file) && String(what).includes(${JSON.stringify(text)})
  isFull ||= isHit
  if (${only} ? !isHit : !isFull || !journals.has(file)) return writeSync(file, what, ...more)
  if (left === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
  const written = writeSync(file, Buffer.from(what).subarray(0, left))
  left = 0
  return written
}
syncBuiltinESMExports()
`

const sandbox = '--sandbox --sandbox-seed seed.json'
const why = /The file \S+\/\.pglink\/sandbox-[0-9a-f]{12}\/runs\/\S+\.ndjson could not be written: the disk is full \(ENOSPC\)\./

async function applied(disk: string): Promise<{ readonly here: Folder; readonly ran: Ran }> {
  const here = folder({ ...subnetIn('ReadOnly'), 'full.mjs': disk })
  const ran = await here.pglink(`apply ${sandbox} --auto-approve`, {}, ['--import', './full.mjs'])
  expect(ran.stderr).not.toContain('bug')
  return { here, ran }
}

async function expectLockOn(here: Folder): Promise<void> {
  const { stdout } = await here.pglink(`locks list ${sandbox} --json`)
  expect(JSON.parse(stdout)).toMatchObject({
    topologies: [{ locks: [{ id: expect.stringMatching(/keep$/), level: 'ReadOnly' }], not_restored: [] }]
  })
}

test.each([0, 1, 200])('a lock stays on where the disk takes only %i bytes of the line that says it is off', async takes => {
  const { here, ran } = await applied(full('"type":"unlocking"', { takes }))
  expect(ran.stdout).toMatch(new RegExp(`networks/hub lock keep: FAILED after \\d+s, lowering: ${why.source}`))
  expect(ran.stdout).toContain('Apply incomplete.')
  expect(ran.stdout).toContain('Make room on it.')
  expect(ran.code).toBe(1)
  await expectLockOn(here)

  const next = await here.pglink(`apply ${sandbox} --auto-approve`)
  expect(next.stdout).toContain('networks/hub/subnets/ours: Creation complete')
  expect(next.code).toBe(0)
  await expectLockOn(here)
})

test.each([
  ['its end', '"type":"ended"'],
  ['what Azure has begun', '"type":"operation"']
])('a run that can only not write down %s comes to its end, and says so once: 8', async (_what, line) => {
  const { here, ran } = await applied(full(line, { only: true }))
  expect(ran.stdout).toContain('networks/hub/subnets/ours: Creation complete')
  expect(ran.stdout).toContain('Apply complete! Resources: 1 added')
  expect(ran.stderr).toMatch(new RegExp(`^Error: Not all of this run is in its journal: ${why.source}\n$`))
  expect(ran.code).toBe(8)
  await expectLockOn(here)
  expect((await here.pglink(`apply ${sandbox} --auto-approve`)).code).toBe(0)
})
