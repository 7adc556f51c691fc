import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const patches = readdirSync('test/mutants').flatMap(name => (name.endsWith('.patch') ? [`test/mutants/${name}`] : []))

// Git checks each patch by itself, and names the place at which one does not apply.
test('every patch still breaks the code it was made for', () => {
  execFileSync('git', ['apply', '--check', '-C1', ...patches], { stdio: 'pipe' })
})

test.each(patches)('%s names tests that are there', file => {
  const named = /^Tests: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.split(' ') ?? []
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(path => !existsSync(path))).toEqual([])
})
