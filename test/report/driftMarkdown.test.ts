import fc from 'fast-check'
import { marked, type Token } from 'marked'
import { expect, test } from 'vitest'
import type { DriftEntry } from '../../src/document/drift.generated.ts'
import { driftBytesLeast, driftMarkdownOf } from '../../src/report/driftMarkdown.ts'
import { driftText } from '../../src/report/driftText.ts'
import { plain } from '../../src/report/style.ts'
import { documentWith, driftDocuments } from './driftDocuments.ts'

/** Every token of what GitHub would parse, in whatever it stands. */
function tokensOf(text: string): Token[] {
  const found: Token[] = []
  marked.walkTokens(marked.lexer(text), token => void found.push(token))
  return found
}

const ours = /^<\/?(?:details|summary|sub|br)\b[^<>]*>|^(?:<details><summary>[^<>]*<\/summary>|<\/details>|<sub>|<\/sub>|<br>)\s*$/

test('no text of a document becomes a link, an image, HTML, a mention, a marker or the end of what holds it', () => {
  fc.assert(
    fc.property(driftDocuments, fc.integer({ min: driftBytesLeast * 2, max: 65_000 }), (all, maxBytes) => {
      const { text } = driftMarkdownOf(all, { maxBytes, links: { run: 'https://github.com/o/r/actions/runs/1' } })
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes)
      expect(text).not.toContain('<!--')
      expect(text).not.toMatch(/^\s*::/m)
      const tokens = tokensOf(text)
      const html = tokens.flatMap(({ type, raw }) => (type === 'html' ? [raw] : [])).join('')
      expect(html.match(/<details>/g)?.length ?? 0).toBe(html.match(/<\/details>/g)?.length ?? 0)
      for (const token of tokens) {
        if (token.type === 'link') expect((token as { href: string }).href).toBe('https://github.com/o/r/actions/runs/1')
        expect(token.type).not.toBe('image')
        if (token.type === 'html') expect(token.raw.trim()).toMatch(ours)
        if (token.type === 'text' && !('tokens' in token && token.tokens)) expect(token.raw).not.toMatch(/(^|\s)[@#]\w/)
      }
    }),
    { numRuns: 300, seed: 20261122 }
  )
})

test('nor does any of it write to a terminal', () => {
  fc.assert(
    fc.property(driftDocuments, all => {
      for (const document of all) {
        const text = driftText(document, plain)
        expect(text).not.toMatch(/^\s*::/m)
        expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u)
      }
    }),
    { numRuns: 300, seed: 20261122 }
  )
})

test('as many of a thousand differences are shown as there is room for, and the rest is counted', () => {
  const many = Array.from(
    { length: 1_000 },
    (_, index): DriftEntry => ({
      class: 'drifted',
      counts: true,
      address: `servers/pg-${index}`,
      id: `/subscriptions/1/x/${index}`,
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      field: 'backupRetentionDays',
      baseline: 7,
      desired: 7,
      live: 14,
      message: 'was changed in Azure since the last apply',
      ignore: `{ path: servers/pg-${index}/backup/retentionDays }`
    })
  )
  const { text, truncated, leftOut } = driftMarkdownOf([documentWith(many, 'orders', 'main')], { maxBytes: 60_000 })
  expect(truncated).toBe(true)
  expect(leftOut.join()).toMatch(/of 1[,]?000 entries/)
  expect(text).toContain('`servers/pg-0`')
  expect(text).toMatch(/and \*\*\d+ more\*\*/)
  expect(Buffer.byteLength(text)).toBeGreaterThan(40_000)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000)
})
