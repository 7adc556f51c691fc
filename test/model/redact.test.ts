import { Buffer } from 'node:buffer'
import { afterEach, expect, test } from 'vitest'
import { forgetSecrets, keepHidden, withoutSecrets } from '../../src/model/redact.ts'
import { formsOf } from '../simulate/secretForms.ts'

afterEach(forgetSecrets)

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
const forms = (secret: string): string[] => [secret, inJson(secret), encodeURIComponent(secret)]

/** All that says something of it: a character at either end of a form in base64 is of what stands beside it, too. */
const middle = (text: string): string => text.slice(3, -3)

test.each(['Pa"ss\\wordé1', 'a"1é', 'ab 1', 'abc/12', '\\n"+%&'])('a body in base64 does not show %j, however it stands there', secret => {
  keepHidden(secret)
  for (const form of forms(secret))
    for (const before of ['', 'x', 'xy'])
      for (const encoding of ['base64', 'base64url'] as const) {
        const encoded = Buffer.from(`${before}${form}`).toString(encoding).replace(/=+$/, '')
        const shown = withoutSecrets(Buffer.from(`{"${before}":"abc${before}${form}"}`).toString(encoding))
        expect(shown).toContain('(secret)')
        expect(withoutSecrets(encoded)).toContain('(secret)')
        expect(withoutSecrets(encodeURIComponent(encoded))).toContain('(secret)')
      }
})

test('a short one is hidden as a word, and part of another word is none', () => {
  keepHidden('abcd')
  expect(withoutSecrets('abcd "abcd" xabcd abcde')).toBe('(secret) "(secret)" xabcd abcde')
})

/** A text with every character that is escaped somewhere, and without repeating itself. */
function long(length: number): string {
  const all = Array.from('abcXYZ019"\\%&+/ é東\n\u0001<')
  let state = 20261122
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return all[(state >> 8) % all.length]
  }).join('')
}

test.each([999, 1001, 12_000])('one of %i characters is hidden whole, in every form', length => {
  const secret = long(length)
  keepHidden(secret)
  for (const [name, form] of formsOf(secret)) expect(withoutSecrets(`<${form}> <${form}>`), name).toBe('<(secret)> <(secret)>')
  for (const form of forms(secret)) {
    const encoded = Buffer.from(`{"a":"${form}"}`).toString('base64')
    const shown = withoutSecrets(encoded)
    expect(shown).toContain('(secret)')
    expect(shown.length).toBeLessThan(40)
    expect(shown).not.toContain(middle(encoded).slice(0, 40))
  }
  expect(withoutSecrets(`${secret.slice(0, -1)}?`)).toContain('?')
})

test.each(['\\', '%', '&', 'a', 'ab'])('a long one of %j alone, too', one => {
  const secret = one.repeat(12_000)
  keepHidden(secret)
  expect(withoutSecrets(`<${secret}>`)).toBe('<(secret)>')
  expect(withoutSecrets(`<${encodeURIComponent(secret)}>`)).toBe('<(secret)>')
})

test('half of a character in one is no mistake', () => {
  keepHidden('Correct-\ud800-Horse')
  expect(withoutSecrets('Correct-\ud800-Horse')).toBe('(secret)')
})

test('a line with many known secrets is quickly looked through', () => {
  for (let n = 0; n < 10; n += 1) keepHidden(`Correct-Horse-${n}`)
  keepHidden(long(40_000))
  const began = performance.now()
  for (let n = 0; n < 10_000; n += 1)
    withoutSecrets(`create /subscriptions/${n}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub`)
  expect(performance.now() - began).toBeLessThan(5_000)
})
