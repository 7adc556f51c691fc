import { lexer, type Token, walkTokens } from 'marked'
import { expect } from 'vitest'

/** The parts of a text that GitHub would draw, and that could only have come from the names in it. */
export function activeParts(markdown: string, ours: readonly string[]): string[] {
  const found: string[] = []
  walkTokens(lexer(markdown.replace(alertsOfOurs, '>'), { gfm: true }), (token: Token) => {
    if (token.type === 'link' && !ours.includes(token['href'] as string)) found.push(`link ${token.raw}`)
    if (token.type === 'image' || token.type === 'def') found.push(`${token.type} ${token.raw}`)
    if (token.type === 'html' && !tagsOfOurs.test(token.raw)) found.push(`html ${token.raw}`)
    if (token.type === 'text' && !('tokens' in token && token.tokens)) found.push(...references(token['text'] as string))
    if (token.type === 'checkbox' || token.type === 'del' || token.type === 'em') found.push(`${token.type} ${token.raw}`)
    if (token.type === 'heading' && !/^### \S+ pglink · |^### pglink · /.test(token.raw)) found.push(`heading ${token.raw}`)
  })
  return found
}

/** Blocks of HTML that this report makes itself: folds, whose titles hold no tag. */
const tagsOfOurs = /^(?:<details(?: open)?><summary>[^<>]*<\/summary>\s*|<\/details>\s*|<!-- pglink \{[^<>]*\} -->\s*)+$/

/** Alone on their line: behind anything else it is the text of the quote. */
const alertsOfOurs = /^> \[!(?:CAUTION|WARNING|IMPORTANT|NOTE)\]$/gm

/** GitHub's own filters, which look at text outside code: mentions, issues, commits, addresses, its short names of pictures. */
function references(text: string): string[] {
  const filters = [
    /(?:^|[^a-z0-9])@[a-z0-9]/i,
    /#\d/,
    /\bGH-\d/i,
    /\b[0-9a-f]{7,40}\b/i,
    /https?:|www\.|\w@\w/i,
    /:[a-z0-9_+-]+:/i,
    /\[!/,
    /\$\$/,
    /[<>]/
  ]
  return filters.filter(filter => filter.test(text)).map(filter => `${filter} in ${text}`)
}

/** Fences and folds that are closed in the order they were opened in. */
export function expectBalanced(markdown: string): void {
  let fence: string | undefined
  let folds = 0
  for (const line of markdown.split('\n')) {
    const [, ticks, info = ''] = /^(`{3,})(.*)$/.exec(line) ?? []
    if (fence !== undefined) {
      if (ticks !== undefined && ticks.length >= fence.length && info.trim() === '') fence = undefined
      continue
    }
    if (ticks !== undefined && !info.includes('`')) fence = ticks
    else folds += line.startsWith('<details') ? 1 : line.startsWith('</details') ? -1 : 0
    expect(folds).toBeGreaterThanOrEqual(0)
    expect(folds).toBeLessThanOrEqual(1)
  }
  expect(fence, 'a fence that nothing closes').toBeUndefined()
  expect(folds, 'a fold that nothing closes').toBe(0)
}

/** Throws for a line that a runner would carry out from a log, and for a character that cannot be seen. */
export function expectInert(markdown: string): void {
  expect(markdown.split('\n').filter(line => /^\s*::|##\[|##vso\[/i.test(line))).toEqual([])
  expect(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.exec(markdown.replace(/\p{Cn}|\p{Co}/gu, ''))).toBeNull()
  expect(Buffer.from(markdown, 'utf8').toString('utf8'), 'half a character').toBe(markdown)
}
