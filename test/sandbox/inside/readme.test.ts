import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { realistic } from '../../../src/sandbox/behaviours.ts'

const readme = readFileSync(new URL('../../../src/sandbox/README.md', import.meta.url), 'utf8')
const behaviours = readme.slice(readme.indexOf('## The behaviours'))

interface Sentence {
  readonly id: string
  readonly text: string
  /** C, L, I, or ours. */
  readonly mark: string | undefined
  readonly source: string | undefined
}

const sentences: readonly Sentence[] = behaviours
  .split(/^- /m)
  .slice(1)
  .map(one => one.split(/\n(?=#|\n)/)[0] ?? '')
  .map(one => one.replace(/\s+/g, ' ').trim())
  .map(one => {
    const [, id = one, text = one] = /^\*\*([A-Z]+-\d+)\*\* (.*)$/.exec(one) ?? []
    const [, mark, source] = /[.)`] (?:(C|L|I) \[([^\]]+)\]|\((ours)\))(?:, switch `\w+`)?$/.exec(text)?.slice(0, 3) ?? []
    return { id, text, mark: mark ?? (/ \(ours\)(?:, switch `\w+`)?$/.test(text) ? 'ours' : undefined), source }
  })

/** The titles of tests that speak HTTP, by how the test was written. */
const folder = new URL('../', import.meta.url)
const sources = readdirSync(folder).filter(name => name.endsWith('.test.ts'))
const titled = sources.flatMap(name => [
  ...readFileSync(new URL(name, folder), 'utf8').matchAll(
    /^\s*(test|ours)(?:\.each\([\s\S]*?\)|\.each`[\s\S]*?`)?\(\s*(['"`])((?:(?!\2).)*)\2/gm
  )
])
const named = new Map<string, Set<string>>()
for (const [, how = '', , title = ''] of titled)
  for (const [id] of title.matchAll(/[A-Z]+-\d+/g)) named.set(id, new Set([...(named.get(id) ?? []), how]))

test('there are sentences and tests to look at', () => {
  expect(sentences.length).toBeGreaterThan(200)
  expect(titled.length).toBeGreaterThan(200)
})

test('every behaviour has a name of its own', () => {
  const ids = sentences.map(one => one.id)
  expect(ids.filter(id => !/^[A-Z]+-\d+$/.test(id))).toEqual([])
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

test('every behaviour is one sentence, and says how sure it is and where it was learned', () => {
  expect(sentences.filter(one => one.mark === undefined).map(one => one.id)).toEqual([])
  const sentence = (text: string): string =>
    text
      .replace(/\[[^\]]*\]/g, '')
      .replace(/`[^`]*`/g, 'x')
      .replace(/"[^"]*"/g, 'x')
  expect(sentences.filter(one => /[.!?] [A-Z]\w+ /.test(sentence(one.text))).map(one => `${one.id} ${one.text}`)).toEqual([])
})

describe('every behaviour', () => {
  test('is named by a test that speaks HTTP', () => {
    expect(sentences.map(one => one.id).filter(id => !named.has(id))).toEqual([])
  })

  test('is there for each name in a title', () => {
    const ids = new Set(sentences.map(one => one.id))
    expect([...named.keys()].filter(id => !ids.has(id))).toEqual([])
  })

  test('that the sandbox alone has is tested by a test that must differ on Azure', () => {
    expect(sentences.filter(one => one.mark === 'ours' && named.get(one.id)?.has('ours') !== true).map(one => one.id)).toEqual([])
  })
})

test('every switch is named beside the behaviour that it switches, and no other', () => {
  const switches = [...behaviours.matchAll(/switch `(\w+)`/g)].map(([, name]) => name)
  expect([...new Set(switches)].sort()).toEqual(Object.keys(realistic).sort())
})

test('a test that speaks HTTP knows nothing of the inside', () => {
  for (const name of readdirSync(folder).filter(each => each.endsWith('.ts')))
    expect(readFileSync(new URL(name, folder), 'utf8'), name).not.toMatch(/from '[^']*src\//)
})
