import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { inBoth, inRestAlone } from './support/parts.ts'
import { importsOf, tests } from './support/sources.ts'

// Laws over the whole of the repository: its guide, what is in Git, and the parts of the tests. test/tidy.test.ts holds those of src/.

test('the way of one endpoint in CONTRIBUTING names functions that are there, fewer than 15', () => {
  const [, part = ''] = /## Follow one private endpoint([\s\S]*?)\n## /.exec(readFileSync('CONTRIBUTING.md', 'utf8')) ?? []
  const steps = [...part.matchAll(/^\| `(\w+)` \| `([^`]+)` \|/gm)].map(([, name = '', file = '']) => ({ name, file }))
  const isThere = ({ name, file }: { readonly name: string; readonly file: string }): boolean =>
    existsSync(file) && new RegExp(`(?:function|const|async) ${name}\\b|^ {2}${name}: \\(`, 'm').test(readFileSync(file, 'utf8'))
  expect(steps.length).toBeGreaterThan(10)
  expect(steps.length).toBeLessThan(15)
  expect(steps.filter(step => !isThere(step))).toEqual([])
})

// Types are read in a review; code that a schema becomes is nobody's to read, and would be stale on the day somebody forgets.
test('no generated file is in Git but types', () => {
  const ignored = readFileSync('.gitignore', 'utf8').split('\n')
  const generated = ['src', 'test', 'examples', 'schema'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(path => path.includes('.generated.') || readFileSync(path, 'utf8').startsWith('// Generated'))
  )
  const isCode = (path: string): boolean =>
    /^(?!export (?:type|interface) |import type )(?:export|import)\b/m.test(readFileSync(path, 'utf8'))
  const paths = ignored.filter(line => line.endsWith('.generated.ts'))
  expect(generated.filter(isCode).sort()).toEqual(paths.sort())
  expect(generated.filter(path => !isCode(path))).toContain('src/document/plan.generated.ts')
  // Git keeps a file that was once added, whatever .gitignore says. A copy without its history has nothing to ask.
  if (existsSync('.git')) expect(execFileSync('git', ['ls-files', '--', ...paths], { encoding: 'utf8' })).toBe('')
})

test('each test is in a part of the tests, and in both where it does more in the second', () => {
  const imported = new Map(
    tests.map(path => [path, importsOf(path, readFileSync(`test/${path}`, 'utf8')).map(({ target }) => join(dirname(path), target))])
  )
  const reaches = (path: string, seen = new Set<string>()): boolean => {
    if (path === 'support/parts.ts') return true
    if (seen.has(path)) return false
    seen.add(path)
    return (imported.get(path) ?? []).some(next => reaches(next, seen))
  }
  const places = tests.filter(path => path.endsWith('.test.ts')).map(path => `test/${path}`)
  const isInBoth = (place: string): boolean =>
    inBoth.some(one => place === one || (one.endsWith('/') && dirname(place) === one.slice(0, -1)))
  const changing = places.filter(place => place !== 'test/house.test.ts' && reaches(place.slice('test/'.length)))
  expect(changing.filter(place => !isInBoth(place) && !(place in inRestAlone))).toEqual([])
  expect(Object.keys(inRestAlone).filter(place => !places.includes(place))).toEqual([])
  expect(inBoth.filter(one => !places.some(place => place.startsWith(one)))).toEqual([])
})
