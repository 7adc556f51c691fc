import fc from 'fast-check'
import type { DriftDocument, DriftEntry } from '../../src/document/drift.generated.ts'

const hostile = fc.oneof(
  fc.constantFrom(
    '@everyone',
    '#1 GH-2',
    '<script>alert(1)</script>',
    '![x](https://evil.example)',
    '[x](javascript:alert(1))',
    '```\n::error::x',
    '| a | b |',
    '-->\n<!-- pglink-drift {"v":1}',
    '<!-- pglink {"v":1} -->',
    '> [!CAUTION]\n> x',
    '\u202egnp.exe',
    '`</details>`',
    '\u001b[2J',
    'a\\|b\\`c',
    '0123456789abcdef0123456789abcdef01234567'
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 })
)

const classes = ['drifted', 'pending', 'both', 'differs', 'unmanaged', 'unknown', 'asking'] as const

const entry: fc.Arbitrary<DriftEntry> = fc
  .record({
    class: fc.constantFrom(...classes),
    address: hostile,
    id: hostile,
    type: fc.constant('Microsoft.Network/virtualNetworks'),
    field: fc.option(hostile, { nil: undefined }),
    value: fc.oneof(hostile, fc.array(hostile, { maxLength: 3 }), fc.constant(null)),
    message: hostile,
    reason: fc.option(hostile, { nil: undefined })
  })
  .map(({ class: of, field, value, reason, ...rest }) => ({
    ...rest,
    class: of,
    counts: reason === undefined && of !== 'pending' && of !== 'unknown' && of !== 'asking',
    ...(field !== undefined && { field, baseline: value, desired: value, live: value }),
    source: { file: rest.id, line: 1, column: 1 },
    ...(reason === undefined
      ? { ignore: `{ path: ${JSON.stringify(rest.address)} }` }
      : { ignored: { reason, owner: reason, until: null } })
  }))

/** A drift document of these entries, with one text wherever it names something. */
export function documentWith(entries: readonly DriftEntry[], name: string, baseline: string | null): DriftDocument {
  const count = (of: string) => entries.filter(one => one.class === of && one.ignored === undefined).length
  return {
    format_version: '2.0',
    tool_version: '0.0.0',
    timestamp: '2026-11-22T10:00:00.000Z',
    source: 'azure',
    topology: { name, path: name, env: name },
    baseline,
    clean: false,
    complete: count('unknown') === 0,
    verdict: { as: 'drift', text: name },
    entries,
    ignores: [{ path: name, reason: name, owner: name, until: name, state: 'expired' }],
    summary: {
      drifted: count('drifted'),
      pending: count('pending'),
      both: count('both'),
      differs: count('differs'),
      unmanaged: count('unmanaged'),
      others: count('others'),
      waiting: count('waiting'),
      unknown: count('unknown'),
      asking: count('asking'),
      ignored: entries.filter(one => one.ignored !== undefined).length,
      reads: 3
    }
  }
}

/** One to three documents whose texts try to be more than texts. */
export const driftDocuments = fc.array(
  fc
    .tuple(fc.array(entry, { maxLength: 30 }), hostile, fc.option(hostile))
    .map(([entries, name, baseline]) => documentWith(entries, name, baseline)),
  { minLength: 1, maxLength: 3 }
)
