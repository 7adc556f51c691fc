import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { styleOf } from '../../src/report/style.ts'
import { textDiff } from '../../src/report/textDiff.ts'
import { emptyRepository } from '../support/repository.ts'

const style = styleOf({ color: false, unicode: true })

const repository = mkdtempSync(join(tmpdir(), 'pglink-'))
beforeAll(() => emptyRepository(join(repository, '.git')))
afterAll(() => rmSync(repository, { recursive: true, force: true }))

/** The file after Git applied the diff to it; in a folder of a repository that is not its root. */
function appliedAll(
  changes: readonly { readonly file: string; readonly before: string | undefined; readonly after: string | undefined }[]
) {
  const cwd = mkdtempSync(join(repository, 'sub dir'))
  for (const { file, before } of changes) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true })
    if (before !== undefined) writeFileSync(join(cwd, file), before)
  }
  const input = changes.map(({ file, ...versions }) => textDiff(file, versions, style)).join('')
  execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd, input, stdio: ['pipe', 'pipe', 'pipe'] })
  return changes.map(({ file }) => (existsSync(join(cwd, file)) ? readFileSync(join(cwd, file), 'utf8') : undefined))
}

const long = Array.from({ length: 40 }, (_, index) => `line ${index}`)
const edited = (...at: readonly number[]): string =>
  `${long.map((line, index) => (at.includes(index) ? `${line}!\nmore` : line)).join('\n')}\n`

const changes: readonly [string, string, string | undefined, string | undefined][] = [
  ['in several places', 'topology1.yaml', edited(), edited(0, 3, 9, 20, 39)],
  ['at its end, which has no newline', 'topology2.yaml', 'a\nb', 'a\nc'],
  ['that gets a newline at its end', 'topology3.yaml', 'a\nb', 'a\nb\n'],
  ['that loses it', 'topology4.yaml', 'a\nb\n', 'a\nb'],
  ['with line ends of Windows', 'topology5.yaml', 'a: 1\r\nb: 2\r\nc: 3\r\n', 'a: 1\r\nb: 3\r\nc: 3\r\n'],
  ['that gets other line ends', 'topology6.yaml', 'a\r\nb\r\n', 'a\nb\r\n'],
  ['with a byte order mark and tabs', 'topology7.yaml', '\ufeffa: 1\t# x\nb: 2\n', '\ufeffa: 2\t# x\nb: 2\n'],
  ['with a blank in its name', 'infra dir/topology x.yaml', 'a\n', 'b\n'],
  ['with quotes in its name', `o'p "s" \\x.yaml`, 'a\n', 'b\n'],
  ['with letters of other scripts in its name', 'größe/漢字 😀.yaml', 'a\n', 'b\n'],
  ['with what cannot be seen in its name', 'a\u001b[2J\n\u202eb\t.yaml', 'a\n', 'b\n'],
  ['with a dash in front', '-x.yaml', 'a\n', 'b\n'],
  ['that is new', 'infra/new.yaml', undefined, 'a\nb\n'],
  ['that goes', 'old.yaml', 'a\nb\n', undefined],
  ['that was empty', 'topology8.yaml', '', 'a\n'],
  ['that becomes empty', 'topology9.yaml', 'a\n', '']
]

test('Git applies the diff of a file, and of any text to any other', () => {
  const line = fc.constantFrom('a', 'b', 'c: 1', '', '  d', '\te', '-', '+', '--- a/x', '@@', 'f\r')
  const text = fc.array(line, { minLength: 1, maxLength: 12 }).chain(lines => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`))
  const drawn = fc.sample(fc.tuple(text, text), 150).map(([before, after], index) => ['drawn', `f${index}.yaml`, before, after] as const)
  const all = [...changes, ...drawn].map(([how, file, before, after]) => ({ how, file, before, after }))
  const applied = appliedAll(all)
  expect(all.map(({ how }, index) => [how, applied[index]])).toEqual(all.map(({ how, after }) => [how, after]))
})

test('does nothing to a terminal or a log', () => {
  const diff = textDiff('x.yaml', { before: '::error::a\n', after: '  ::error::b\u001b[2J\u202e\n##[group]\n' }, style)
  expect(diff).toBe(
    '--- a/x.yaml\n+++ b/x.yaml\n@@ -1,1 +1,2 @@\n-\\u003a:error::a\n+  \\u003a:error::b\\u001b[2J\\u202e\n+#\\u0023[group]\n'
  )
})
