import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { restoreCommand } from '../../src/document/commandLine.ts'
import { settingsOf } from '../../src/engine/settings.ts'
import { azLine } from '../../src/locks/azLine.ts'
import { printable } from '../../src/model/printable.ts'
import type { Lock } from '../../src/model/resource.ts'
import { pathWord, shellLine, shellWord } from '../../src/model/shell.ts'
import { shared } from '../support/parts.ts'

const shells = ['/bin/dash', '/bin/bash', '/bin/zsh'].filter(existsSync)

type Words = readonly string[]

/** The words that one process of a shell makes of each line. */
function wordsIn(shell: string, lines: readonly string[]): readonly Words[] {
  const script = [`words() { printf '%s\\0' "$#" "$@"; }`, ...lines.map(line => `words ${line}`)].join('\n')
  const left = execFileSync(shell, ['-c', script], { encoding: 'utf8' }).split('\0')
  return lines.map(() => left.splice(0, 1 + Number(left[0])).slice(1))
}

const hostile = [
  '',
  "o'p s",
  '-rf',
  '=ls',
  '~/x',
  'a!b',
  '!!',
  '$(id)`id`$HOME',
  '"\\"',
  '\\',
  '*?[a]{b,c}',
  'a\nb',
  'a\r\n\tb',
  '\u001b]8;;https://evil.example\u0007x',
  "\u202e'x\u2066!",
  '\u0085\u009b31m',
  '::error::x',
  '  ::add-mask::x',
  '##[group]x',
  '##vso[task.setvariable]%d\\n',
  'ünïcödé 漢字 😀\n😀',
  '#x',
  'a;b&c|d<e>f'
]

describe.each(shared(shells, shells.length))('%s', shell => {
  const words = [...hostile, ...fc.sample(fc.string({ unit: 'grapheme-composite' }), 300), ...fc.sample(fc.string({ unit: 'binary' }), 300)]
    .map(word => word.replaceAll('\0', ''))
    .filter(word => Buffer.from(word).toString() === word)
    .filter(word => shell !== '/bin/dash' || !word.endsWith('\n'))
  const texts = hostile.filter(text => text !== '' && !text.endsWith('\n'))
  const flagsOf = (text: string) => settingsOf({ dataDir: text, envFile: [text], estate: { sandbox: true } })
  const scope = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg'
  const path = `${scope}/providers/Microsoft.Authorization/locks/o'k !`
  const locked = (notes: string) => ({ path, level: 'ReadOnly', properties: { level: 'ReadOnly', notes } }) as unknown as Lock

  // One process of the shell reads all lines.
  const read: { one: Words; restoring: readonly Words[]; locking: readonly Words[] } = { one: [], restoring: [], locking: [] }
  beforeAll(() => {
    const restoring = texts.map(text => restoreCommand(text, flagsOf(text)))
    const [one = [], ...rest] = wordsIn(shell, [shellLine(words), ...restoring, ...hostile.map(notes => azLine(locked(notes)))])
    Object.assign(read, { one, restoring: rest.slice(0, texts.length), locking: rest.slice(texts.length) })
  })

  test('takes every word as it was, from one line that does nothing to a terminal or a log', () => {
    for (const word of words) expect(printable(shellWord(word))).toBe(shellWord(word))
    expect(read.one).toEqual(words)
  })

  test('restores with the flags that were given, whatever is in them', () => {
    expect(read.restoring).toHaveLength(texts.length)
    for (const [index, text] of texts.entries()) {
      const [, , , file, ...given] = read.restoring[index] ?? []
      expect(file).toBe(pathWord(text))
      const asGiven = (flag: string): string[] => (text.startsWith('-') ? [`${flag}=${text}`] : [flag, text])
      expect(given).toEqual([...asGiven('--env-file'), ...asGiven('--data-dir'), '--sandbox'])
    }
  })

  test('restores a lock with the notes that it had', () => {
    expect(read.locking).toHaveLength(hostile.length)
    for (const [index, words] of read.locking.entries()) {
      const notes = hostile[index]
      const body = words[words.indexOf('--body') + 1] ?? ''
      const has = words.includes('--body') ? JSON.parse(body).properties.notes : words[words.indexOf('--notes') + 1]
      expect(has).toBe(notes)
    }
  })
})
