import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const patches = readdirSync('test/mutants').filter(name => name.endsWith('.patch'))

test.each(patches)('%s still breaks the code it was made for, and names tests that are there', name => {
  const file = `test/mutants/${name}`
  execFileSync('git', ['apply', '--check', '-C1', file], { stdio: 'pipe' })
  const named = /^Tests: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.split(' ') ?? []
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(path => !existsSync(path))).toEqual([])
})
