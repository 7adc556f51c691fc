import { expect, test } from 'vitest'
import { folder } from '../support/cli.ts'
import { subnetIn } from './topologies.ts'

/** Loaded before the command line: something breaks that nobody waits for, once the journal says that a lock is off. */
const crash = (how: string): string => `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { writeSync } = fs
let broken = false
fs.writeSync = (file, text, ...more) => {
  const written = writeSync(file, text, ...more)
  if (!broken && String(text).includes('"type":"unlocking"')) {
    broken = true
    ${how}
  }
  return written
}
syncBuiltinESMExports()
`

test.each([
  ['an exception', `process.nextTick(() => { throw new Error('odd\\u001b[2J\\nthing') })`],
  ['a rejected promise', `void Promise.reject(new Error('odd\\u001b[2J\\nthing'))`]
])('%s that nobody waits for is told in one line, with what restores the locks: 1', async (_what, how) => {
  const here = folder({ ...subnetIn('ReadOnly'), 'crash.mjs': crash(how) })
  const args = '--sandbox --sandbox-seed seed.json'
  const ran = await here.pglink(`apply ${args} --auto-approve`, {}, ['--import', './crash.mjs'])
  expect(ran.stderr).toBe(
    `Error: pglink has a bug: odd\\u001b[2J\\nthing. Please report it with this line, the command and, without secrets, the topology.
The run did not come to its end. 1 lock may be off: ReadOnly lock keep on networks/hub. Restored by:
  pglink locks restore topology.yaml --sandbox
`
  )
  expect(ran.code).toBe(1)
  expect((await here.pglink(`locks restore ${args}`)).code).toBe(0)
})

test('where no run is unfinished there is nothing to restore', async () => {
  const early = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { readFileSync } = fs
fs.readFileSync = (file, ...more) => {
  if (String(file).endsWith('seed.json')) queueMicrotask(() => { throw new Error('odd') })
  return readFileSync(file, ...more)
}
syncBuiltinESMExports()
`
  const here = folder({ ...subnetIn('ReadOnly'), 'crash.mjs': early })
  const ran = await here.pglink('plan --sandbox --sandbox-seed seed.json', {}, ['--import', './crash.mjs'])
  expect(ran.stderr).toContain('Error: pglink has a bug: odd. Please report it')
  expect(ran.stderr.trimEnd().split('\n').length).toBe(1)
  expect(ran.code).toBe(1)
})
