import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { realistic } from '../../src/sandbox/behaviours.ts'

const readme = readFileSync(new URL('../../src/sandbox/README.md', import.meta.url), 'utf8')
const behaviours = readme.slice(readme.indexOf('## The behaviours')).replace(/^#+ .*$/gm, '')
const sentences = behaviours
  .split(/^- /m)
  .slice(1)
  .map(one => one.trim())

/** A mark stands by itself, after the sentence or after a part of it. */
const marked = (sentence: string, mark: string): boolean => new RegExp(`(^|\\s)(${mark})(?=[\\s.,;]|$)`).test(sentence)

test('every behaviour says how sure it is', () => {
  expect(sentences.length).toBeGreaterThan(100)
  expect(sentences.filter(one => !marked(one, 'C|L|I') && !one.includes('(ours)'))).toEqual([])
})

test('what is certain says where it was seen', () => {
  expect(sentences.filter(one => marked(one, 'C') && !/\[[^\]]+\]/.test(one))).toEqual([])
})

test('every switch is named beside the behaviour that it switches, and no other', () => {
  const named = [...behaviours.matchAll(/switch `(\w+)`/g)].map(([, name]) => name)
  expect([...new Set(named)].sort()).toEqual(Object.keys(realistic).sort())
})
