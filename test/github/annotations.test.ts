import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Annotation, annotate, annotationsOf, type Finding, findingOf } from '../../src/github/annotations.ts'
import { writeSummary } from '../../src/github/summary.ts'
import type { Diagnostic, Point } from '../../src/model/diagnostic.ts'
import { temporaryFolder } from '../support/temporary.ts'

const folders = { workspace: '/home/runner/work/estate/estate', directory: '/home/runner/work/estate/estate/infra' }
const point = (line: number, column: number): Point => ({ line, column, byte: 0 })
const diagnostic = (more: Partial<Diagnostic> = {}): Diagnostic => ({
  severity: 'error',
  rule: 'PGL012',
  name: 'unknown-reference',
  summary: 'no subnet hub/nosuch',
  address: 'privateEndpoints.pe',
  range: { file: 'topology.yaml', start: point(9, 15), end: point(9, 25) },
  related: [],
  ...more
})
const one = (more: Partial<Diagnostic> = {}): Annotation | undefined => annotationsOf([findingOf(diagnostic(more))], folders)[0]

/** No half of a character is left over. */
const isWhole = (text: string): boolean => Buffer.from(text, 'utf8').toString('utf8') === text

afterEach(() => vi.restoreAllMocks())

/** The text that lands in the log of the runner. */
function printed(annotations: readonly Annotation[]): string {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    text += String(chunk)
    return true
  })
  annotate(annotations)
  write.mockRestore()
  return text
}

describe('a diagnostic is shown', () => {
  test('at its line, as a command of the runner', () => {
    const range = { file: 'other.yaml', start: point(3, 1), end: point(3, 4) }
    const full = diagnostic({
      detail: 'there is hub/old',
      fix: 'name hub/old',
      related: [{ message: 'declared here', range, snippet: { code: '', startLine: 3, highlightStart: 0, highlightEnd: 0 } }]
    })
    expect(printed(annotationsOf([findingOf(full)], folders))).toBe(
      '::error title=PGL012 unknown-reference,file=infra/topology.yaml,line=9,endLine=9,col=15,endColumn=24::' +
        'no subnet hub/nosuch%0Athere is hub/old%0AFix: name hub/old%0Adeclared here (other.yaml:3:1)%0AMore: pglink explain PGL012\n'
    )
  })

  test('with columns on one line only', () => {
    const until = (line: number, column: number): Annotation['properties'] | undefined =>
      one({ range: { file: 'topology.yaml', start: point(9, 15), end: point(line, column) } })?.properties
    expect(until(12, 4)).toMatchObject({ startLine: 9, endLine: 12 })
    expect(until(12, 4)).not.toHaveProperty('startColumn')
    expect(until(12, 1)).toMatchObject({ endLine: 11 })
    expect(until(10, 1)).toMatchObject({ startLine: 9, endLine: 9, startColumn: 15 })
    expect(until(9, 15)).toMatchObject({ startColumn: 15, endColumn: 15 })
  })

  test('with a path as in the repository, or none outside of it', () => {
    const at = (file: string): Annotation | undefined => one({ range: { file, start: point(1, 1), end: point(1, 2) } })
    expect(at('../shared/base.yaml')?.properties.file).toBe('shared/base.yaml')
    expect(at('/home/runner/work/estate/estate/top.yaml')?.properties.file).toBe('top.yaml')
    expect(at('../..hidden.yaml')?.properties.file).toBe('..hidden.yaml')
    expect(at('../../elsewhere.yaml')?.properties).not.toHaveProperty('file')
    expect(at('../../elsewhere.yaml')?.message).toMatch(/^\.\.\/\.\.\/elsewhere\.yaml:1:1: no subnet/)
    const { range: _, ...nowhere } = diagnostic()
    expect(annotationsOf([findingOf(nowhere)], folders)[0]?.properties).toEqual({ title: 'PGL012 unknown-reference' })
  })

  test('cut where the runner would, between characters', () => {
    const long = one({ summary: '😀'.repeat(4_000) })?.message ?? ''
    expect(long.length).toBeLessThanOrEqual(4_096)
    expect(long).toMatch(/😀…$/u)
    expect(isWhole(long)).toBe(true)
    expect(isWhole(one({ summary: `x${'😀'.repeat(4_000)}` })?.message ?? '\ud800')).toBe(true)
  })
})

describe('not more than GitHub shows of one step', () => {
  const findings = (errors: number, warnings: number): Finding[] => [
    ...Array.from({ length: warnings }, (_, index): Finding => ({ severity: 'warning', title: 't', message: `w${index}` })),
    ...Array.from({ length: errors }, (_, index): Finding => ({ severity: 'error', title: 't', message: `e${index}` }))
  ]

  test.each([
    [0, 0, 0, undefined],
    [10, 10, 20, undefined],
    [11, 3, 14, '1 more error: '],
    [10, 12, 21, '2 more warnings: '],
    [40, 11, 21, '30 more errors and 1 more warning: ']
  ])('from %i errors and %i warnings', (errors, warnings, count, rest) => {
    const all = annotationsOf(findings(errors, warnings), folders)
    const levels = (level: string): number => all.filter(annotation => annotation.level === level).length
    expect([levels('error'), levels('warning')]).toEqual([Math.min(10, errors), Math.min(10, warnings)])
    expect(all.length).toBe(rest === undefined ? count : Math.min(10, errors) + Math.min(10, warnings) + 1)
    expect(all.at(-1)?.level === 'notice').toBe(rest !== undefined)
    if (rest !== undefined) expect(all.at(-1)?.message.startsWith(rest)).toBe(true)
  })
})

describe('hostile text', () => {
  // As the runner reads a command [GH actions/runner, ActionCommand.cs]: what it makes of a line is what was meant, and there is no other.
  const unescapeData = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  const unescapeProperty = (text: string): string => unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '::error::x',
      '\n::set-output name=a::b',
      'a,file=/etc/passwd',
      '%0A::warning::',
      '##[error]',
      '\r\n::add-mask::',
      'a::b',
      '\u202ex',
      ':'
    )
  )

  test('is one command with the same text and place', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (summary, name, file) => {
        const annotation = one({ summary, name, range: { file: `x${file}`, start: point(2, 3), end: point(2, 4) } })
        if (!annotation) throw new Error('nothing is shown')
        const text = printed([annotation])
        expect(text.split(/\r|\n/)).toHaveLength(2)
        const [, kind, properties = '', data = ''] = /^::(\w+) (.*?)::(.*)\n$/su.exec(text) ?? []
        expect(kind).toBe('error')
        const pairs = new Map(
          properties
            .split(',')
            .map(pair => pair.split('=') as [string, string])
            .map(([key, ...value]) => [key, unescapeProperty(value.join('='))])
        )
        const placed = ['title', 'file', 'line', 'endLine', 'col', 'endColumn']
        expect([...pairs.keys()]).toEqual(annotation.properties.file === undefined ? ['title'] : placed)
        expect(pairs.get('title')).toBe(annotation.properties.title)
        expect(unescapeData(data)).toBe(annotation.message)
        expect(annotation.message).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e]/u)
      }),
      { seed: 7, numRuns: 300 }
    )
  })
})

describe('the job summary', () => {
  const file = (before = ''): string => {
    const path = join(temporaryFolder(), 'summary.md')
    writeFileSync(path, before)
    return path
  }
  const limit = 1024 * 1024

  test('is appended', () => {
    const path = file('before\n')
    expect(writeSummary(path, () => '# Plan\n')).toBe('written')
    expect(writeSummary(path, () => 'more')).toBe('written')
    expect(readFileSync(path, 'utf8')).toBe('before\n# Plan\n\nmore\n\n')
  })

  test('gets the room that is left, and stays under the limit', () => {
    const path = file('ä'.repeat(200_000))
    let given = 0
    const fill = (bytesMax: number): string => {
      given = bytesMax
      return 'x'.repeat(bytesMax)
    }
    expect(writeSummary(path, fill)).toBe('written')
    expect(given).toBeLessThan(limit - 400_000)
    expect(given).toBeGreaterThan(limit - 410_000)
    expect(readFileSync(path).length).toBeLessThanOrEqual(limit)
    expect(writeSummary(path, fill)).toBe('left-out')
    expect(readFileSync(path).length).toBeLessThanOrEqual(limit)
  })

  test('a text of more bytes than it was given is left out, rather than everything', () => {
    const path = file()
    expect(writeSummary(path, bytesMax => 'ä'.repeat(bytesMax))).toBe('left-out')
    expect(readFileSync(path, 'utf8')).toBe('The summary was left out: it would have been longer than GitHub shows.\n\n')
  })

  test('is nothing outside of a runner, and begins a file that is not there', () => {
    expect(writeSummary(undefined, () => 'x')).toBe('none')
    expect(writeSummary('', () => 'x')).toBe('none')
    const path = `${file()}.new`
    expect(writeSummary(path, () => 'x')).toBe('written')
    expect(readFileSync(path, 'utf8')).toBe('x\n\n')
  })
})
