import { expect, test } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { inline, jsonOf } from '../../src/model/shown.ts'

// Printing takes known secrets out once more; none may come as far as that.
test('a secret is never in the JSON of what holds it', () => {
  const secret = new Secret('PASSWORD', 'Throw-away-1')
  const holding = { own: secret, list: [secret], set: new Set([secret]), map: new Map([['inside', secret]]) }
  expect(JSON.stringify(jsonOf(holding))).not.toContain('Throw-away-1')
  expect(inline(holding)).not.toContain('Throw-away-1')
  expect(jsonOf(secret)).toBe('(sensitive value)')
})
