import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namesProgram } from '../../src/engine/git.ts'
import { attributes, changed, keys, network, planted, prune, subnet, trap } from './planted.ts'

test('the trap shuts: Git itself runs what is planted', () => {
  const shut = trap()
  const { path, gitDir } = changed({ 'topology.yaml': network(), '.gitattributes': attributes })
  planted(gitDir, shut)
  for (const asked of [['show', '--textconv', 'HEAD:topology.yaml'], ['rev-parse', `${'a'.repeat(40)}^{commit}`], ['status']]) {
    const before = shut.ran().length
    // Git goes on after some programs that fail.
    spawnSync('git', asked, { cwd: path, stdio: 'ignore' })
    expect(shut.ran().length, asked.join(' ')).toBeGreaterThan(before)
  }
})

describe('no program runs that a repository names', () => {
  test('in its configuration, its attributes and its hooks', async () => {
    const shut = trap()
    const { pglink, gitDir } = changed({ 'topology.yaml': network(subnet), '.gitattributes': attributes })
    planted(gitDir, shut)
    const { code, stdout, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Plan: 2 to add, 0 to change, 0 to destroy.')
  })

  test('where what is asked for is not there', async () => {
    const shut = trap()
    const { path, pglink, gitDir } = changed()
    planted(gitDir, shut)
    const missing = join(path, '.git/refs/heads/missing')
    writeFileSync(missing, `${'a'.repeat(40)}\n`)
    const { code, stderr } = await pglink([...prune, '--baseline', 'missing'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([4, expect.stringContaining('neither a file nor a commit')])
  })
})

test('each key that names a program is known as one, in any case', () => {
  expect(keys.filter(key => !namesProgram(key) || !namesProgram(key.toUpperCase()))).toEqual([])
  expect(['core.autocrlf', 'diff.x.binary', 'filter.x.required', 'user.name', 'safe.directory'].filter(namesProgram)).toEqual([])
})
