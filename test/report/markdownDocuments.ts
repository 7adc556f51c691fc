import fc from 'fast-check'
import type { Danger, GraphNode, PlanDocument, PlanStep, ResourceChange } from '../../src/document/plan.generated.ts'

/** Names and tags that somebody could choose to get more out of a comment than a name. */
export const hostile = [
  '@octocat',
  'ping @github/security now',
  '#1 GH-2 octo/repo#3 Fixes #4',
  'see 0123456789abcdef0123456789abcdef01234567 and deadbee',
  'https://evil.example/x www.evil.example me@evil.example',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '[x]: https://evil.example',
  '<https://evil.example>',
  '<img src=x onerror=alert(1)>',
  '</details></summary><script>alert(1)</script>',
  '<!-- pglink {"v":1,"label":"prod","file":"f","head":"h","digest":"d","exit":0,"truncated":false,"run":""} -->',
  '-->',
  '`',
  '``` end',
  '````````',
  '` @octocat `',
  '~~~',
  '\\`',
  'a\\|b | c || \\\\| d',
  '> [!CAUTION]',
  '[!NOTE]',
  '# heading',
  '1. list',
  '- [x] done',
  '::error file=a.ts,line=1::gone',
  '\n::set-output name=a::b',
  '##[error]gone',
  'a\r\n\r\n# b\n\n</details>\n```\n@octocat',
  '\u202egnp.exe\u2066',
  '\u200b@octocat\u200b',
  '&lt;b&gt; &#64;octocat &amp;',
  '**bold** _it_ ~~no~~ $$x$$ :tada:',
  '\ud800 lone',
  '🔒🧑‍🚀 ünïcödé 名前',
  '"quoted" (word), it’s',
  '',
  ' ',
  'x'.repeat(3_000)
] as const

const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.tuple(fc.constantFrom(...hostile), fc.constantFrom(...hostile)).map(([a, b]) => `${a} ${b}`),
  fc.string({ unit: 'binary', maxLength: 40 })
)
const texts = fc.array(text, { maxLength: 4 })
const said = fc.record({ address: text, message: text })
const position = fc.record({ file: text, line: fc.nat({ max: 9_999 }), column: fc.constant(1) })

const change: fc.Arbitrary<ResourceChange> = fc.record({
  address: text,
  id: text,
  mode: fc.constant('managed' as const),
  type: text,
  kind: text,
  name: text,
  change: fc.record({
    actions: fc.constantFrom(['create'] as const, ['update'] as const, ['delete'] as const, ['delete', 'create'] as const),
    before: fc.constant(null),
    after: fc.constant(null),
    after_unknown: fc.constant({}),
    before_sensitive: fc.constant(false as const),
    after_sensitive: fc.constant(false as const)
  }),
  action_reason: fc.constant('differs' as const),
  why: texts,
  source: position
})

const op = fc.constantFrom<PlanStep['op'][]>(
  'create',
  'update',
  'delete',
  'connection.approve',
  'lock.lift',
  'lock.restore',
  'prove',
  'invoke'
)
const sign = fc.constantFrom('+' as const, '-' as const, '~' as const, '?' as const)

const step = fc.record({
  n: fc.nat(),
  id: text,
  wave: fc.nat({ max: 9 }),
  op,
  subject: text,
  why: text,
  depends_on: fc.constant([]),
  settles: fc.constant([]),
  interrupts: fc.boolean(),
  unproven: fc.boolean(),
  seconds: fc.nat(),
  says: text,
  lines: fc.array(
    fc.oneof(fc.record({ text }), fc.record({ sign, field: text, from: text, text }), fc.record({ sign, field: text, text, remark: text }))
  ),
  id_of: text,
  title: text,
  fields: fc.array(fc.record({ field: text, from: text, to: text, restarts: fc.boolean() }), { maxLength: 4 })
}) as fc.Arbitrary<PlanStep>

const danger: fc.Arbitrary<Danger> = fc.record({
  kind: fc.constantFrom('delete', 'replace', 'unlock', 'inherited-unlock', 'interrupt', 'restart', 'exposure'),
  address: text,
  message: text
})

const node: fc.Arbitrary<GraphNode> = fc.record({
  id: text,
  kind: text,
  name: text,
  parent: fc.constant(null),
  mark: fc.constantFrom('same', 'create', 'update', 'delete'),
  existing: fc.boolean(),
  locks: fc.array(fc.record({ name: text, level: fc.constant('ReadOnly' as const), mark: fc.constant('lifted' as const) }), {
    maxLength: 2
  })
})

/** A document of any content, with up to `max` of each thing in it; from nobody who can be trusted. */
export const planDocuments = (max: number): fc.Arbitrary<PlanDocument> => {
  const some = <Value>(one: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(one, { maxLength: max, size: 'max' })
  return fc.record({
    format_version: fc.constant('2.0'),
    tool_version: text,
    errored: fc.boolean(),
    timestamp: text,
    digest: text,
    source: fc.constantFrom('azure', 'sandbox', 'base branch'),
    topology: fc.record({ name: text, path: text, env: fc.option(text), flags: fc.dictionary(text, text, { maxKeys: 3 }) }),
    estate: text,
    verdict: fc.record({
      as: fc.constantFrom('changes', 'refused', 'waiting', 'findings', 'unknown', 'matches'),
      text,
      findings: some(
        fc.record({
          as: fc.constantFrom('refused', 'broken', 'waiting', 'lock', 'differs', 'undeclared', 'marker', 'unmanaged'),
          address: text,
          message: text
        })
      )
    }),
    paths: some(
      fc.record({
        address: text,
        server: text,
        as: fc.constantFrom('whole', 'waiting', 'broken', 'unknown'),
        hops: some(fc.record({ hop: fc.constant('record' as const), as: fc.constant('holds' as const), message: text })),
        notes: some(text),
        addresses: some(text),
        fqdn: fc.option(text),
        connection: fc.option(text)
      })
    ),
    resource_changes: some(change),
    resource_drift: some(fc.record({ class: fc.constant('drifted' as const), address: text, id: text, type: text, message: text })),
    steps: some(step),
    dangers: some(danger),
    refusals: some(fc.record({ code: text, address: text, message: text, exit: fc.constant(6 as const), source: position })),
    waiting: some(said),
    notes: some(said),
    unmanaged: some(fc.record({ address: text, id: text, type: text })),
    unknown: some(said),
    diagnostics: some(fc.record({ severity: fc.constant('warning' as const), rule: text, summary: text, address: text })),
    graph: fc.record({
      nodes: some(node),
      edges: some(
        fc.record({
          id: text,
          from: text,
          to: text,
          label: text,
          mark: fc.constant('create' as const),
          before: fc.option(text),
          after: fc.option(text)
        })
      )
    }),
    summary: fc.record({
      add: fc.nat(),
      change: fc.nat(),
      destroy: fc.nat(),
      replace: fc.nat(),
      locks_lift: fc.nat(),
      locks_restore: fc.nat(),
      approve: fc.nat(),
      reject: fc.nat(),
      interrupts: fc.nat(),
      restarts: fc.nat(),
      unlocked_seconds: fc.nat(),
      waiting: fc.nat(),
      refused: fc.nat(),
      reads: fc.nat()
    }),
    foundation: fc.constant({})
  })
}
