import fc from 'fast-check'
import { lexer, type Token, type Tokens, walkTokens } from 'marked'
import { describe, expect, test } from 'vitest'
import {
  alert,
  briefId,
  code,
  codeInTable,
  fenced,
  folded,
  inHtml,
  link,
  prose,
  proseInTable,
  shortened,
  visible,
  withCommas
} from '../../src/report/markdownText.ts'
import { hostile } from './markdownDocuments.ts'
import { activeParts } from './markdownSafety.ts'

const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.tuple(fc.constantFrom(...hostile), fc.constantFrom('', ' ', '`', '|', '\\'), fc.constantFrom(...hostile)).map(parts => parts.join('')),
  fc.string({ unit: fc.constantFrom('`', '|', '\\', ' ', 'a', '<', '@', '#', '1', '*', '!', '[') })
)

const withAll = (check: (text: string) => void): void => fc.assert(fc.property(text, check), { seed: 1, numRuns: 1_500 })

/** The text that a reader sees, with marked's entities undone: its tokens hold it as it will be in HTML. */
function shownBy(markdown: string): string {
  const parts: string[] = []
  walkTokens(lexer(markdown, { gfm: true }), (token: Token) => {
    if (token.type === 'codespan' || token.type === 'escape' || (token.type === 'text' && !('tokens' in token && token.tokens)))
      parts.push(token['text'])
  })
  return parts.join('')
}

const firstCells = (markdown: string): Tokens.TableCell[] =>
  (lexer(markdown, { gfm: true }).find(({ type }) => type === 'table') as Tokens.Table).rows[0] ?? []

describe('somebody else’s text', () => {
  test('in code is exactly what it is, and nothing else of the line is', () =>
    withAll(given => {
      const shown = shownBy(`it is ${code(given)} here`)
      expect(shown).toBe(`it is ${visible(given) || '""'} here`)
    }))

  test('in the code of a table ends in its cell', () =>
    withAll(given => {
      const [first, second] = firstCells(`| a | b |\n|:--|:--|\n| ${codeInTable(given)} | end |`)
      const tokens = first?.tokens ?? []
      expect(tokens.map(({ type }) => type)).toEqual(['codespan'])
      const [span] = tokens
      // A pipe behind a backslash is written as an escape, since parsers differ about it.
      expect((span as Tokens.Codespan).text.replaceAll('\\u007c', '|').trim()).toBe(
        (visible(given) || '""').replaceAll('\\u007c', '|').trim()
      )
      expect(second?.text).toBe('end')
    }))

  test('in a sentence stays in its words and its cell', () =>
    withAll(given => {
      expect(activeParts(`- ${prose(given)}`, [])).toEqual([])
      expect(lexer(`- ${prose(given)}\n`, { gfm: true })).toHaveLength(1)
      const [first, second] = firstCells(`| a | b |\n|:--|:--|\n| ${proseInTable(given)} | end |`)
      expect(activeParts(first?.text ?? '', [])).toEqual([])
      expect(second?.text).toBe('end')
    }))

  test('in a fence stays in it', () =>
    withAll(given => {
      const [block, ...rest] = lexer(fenced('diff', [given, '+ a']), { gfm: true })
      expect(block).toMatchObject({ type: 'code', lang: 'diff', text: `${visible(given)}\n+ a`.replace(/^\n/, '\n') })
      expect(rest).toEqual([])
    }))

  test('in the title of a fold is no tag', () =>
    withAll(given => {
      expect(inHtml(given)).not.toMatch(/[<>"']|\n/)
      expect(activeParts(folded(given, 'body'), [])).toEqual([])
    }))
})

describe('a sentence', () => {
  test.each([
    ['servers/pg (flexible server) will be destroyed', '`servers/pg` (flexible server) will be destroyed'],
    [
      'servers/pg: lets in 203.0.113.10 to 203.0.113.20, 11 addresses',
      '`servers/pg`: lets in `203.0.113.10` to `203.0.113.20`, 11 addresses'
    ],
    [
      'It is off for about 1m40s, and `safety.maxUnlockedSeconds` is 30.',
      'It is off for about 1m40s, and `safety.maxUnlockedSeconds` is 30.'
    ],
    ['Run `pglink locks restore`.', 'Run `pglink locks restore`.'],
    ['Ask @octocat, see #12 or GH-3.', 'Ask `@octocat`, see `#12` or `GH-3`.'],
    ['It was defaced in deadbeef.', 'It was `defaced` in `deadbeef`.'],
    ['1. Not a list', '`1`. Not a list'],
    ['a | b', 'a `|` b'],
    ['> [!NOTE]', '`>` `[!NOTE]`'],
    ['-', '`-`'],
    ['half ` a span', 'half `` ` `` a span']
  ])('%s', (given, expected) => expect(prose(given)).toBe(expected))
})

test('an alert, a link and a number', () => {
  expect(alert('CAUTION', ['**2 locks off**', '- one'])).toBe('> [!CAUTION]\n> **2 locks off**\n> - one')
  expect(link('run', 'https://github.com/o/r/actions/runs/1')).toBe('[run](https://github.com/o/r/actions/runs/1)')
  expect(link('run', 'https://example.com/a)b(c|d')).toBe('[run](https://example.com/a%29b%28c%7cd)')
  for (const address of [undefined, 'javascript:alert(1)', 'not an address', `https://example.com/${'x'.repeat(2_000)}`])
    expect(link('run', address)).toBeUndefined()
  expect([7, 1_744, 1_234_567].map(withCommas)).toEqual(['7', '1,744', '1,234,567'])
})

test('an ARM id is shown by its group and its name, and only where it leads', () => {
  const id = '/subscriptions/1111/resourceGroups/rg-a/providers/Microsoft.Network/privateEndpoints/pe'
  expect(briefId(`${id} (private endpoint) will be destroyed`)).toBe('…/rg-a/…/privateEndpoints/pe (private endpoint) will be destroyed')
  for (const other of [`approves ${id}`, 'servers/pg', '/subscriptions/1111/resourceGroups/rg-a']) expect(briefId(other)).toBe(other)
})

test('a text that is too long is cut between characters', () => {
  expect(shortened('abc', 3)).toBe('abc')
  expect(shortened('🔒🔒🔒🔒', 3)).toBe('🔒🔒🔒… (1 more character)')
  expect(shortened('n'.repeat(3_000), 10)).toBe('nnnnnnnnnn… (2,990 more characters)')
})
