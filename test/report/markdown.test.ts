import { describe, expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { commentBody, commentMax } from '../../src/report/comment.ts'
import { bytesLeast, markdownOf } from '../../src/report/markdown.ts'
import { estate, failures, plan, putLockOn, reconcile, type Settings, subscription } from '../support/estate.ts'
import { planDocument } from '../support/planDocument.ts'

interface Wanted {
  readonly open?: boolean
  readonly subnet?: string
  readonly endpoint?: boolean
  readonly prefix?: string
}

const topology = ({ open = false, subnet = 'a', endpoint = true, prefix = '10.0.2.0/24' }: Wanted): Topology => ({
  version: 1,
  name: 'orders',
  subscription,
  location: 'eastus2',
  resourceGroup: 'rg-orders',
  networks: {
    hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' }, b: { addressPrefix: prefix } } }
  },
  servers: {
    'orders-pg': {
      version: '17',
      compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
      storage: { sizeGiB: 128 },
      administrator: { login: 'orders_admin', password: new Secret('PG_PASSWORD', 'Throw-away-1'), passwordVersion: 1 },
      networking: { publicAccess: { enabled: open } },
      ...(endpoint && {
        privateEndpoints: { pe: { subnet: `hub/${subnet}`, privateDns: 'none' as const, approval: { manual: 'CHG-1' } } },
        connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'approve' as const, response: 'CHG-1' }]
      })
    }
  }
})

const scope = `/subscriptions/${subscription}/resourceGroups/rg-orders/providers/Microsoft.Network/virtualNetworks/hub`

async function planned(
  from: Wanted,
  to: Wanted,
  { locked = false, ...settings }: Settings & { readonly locked?: boolean } = {}
): Promise<PlanDocument> {
  const on = estate()
  expect(failures(await reconcile(on, topology(from)))).toEqual([])
  if (locked) await putLockOn(on, scope, 'keep', { level: 'CanNotDelete' })
  const baseline = settings.prune ? { baseline: topology(from) } : {}
  return planDocument(await plan(on, topology(to), { ...settings, ...baseline }), { source: 'azure' })
}

/** Without what is folded. */
const visibleAtOnce = (markdown: string): string => markdown.replace(/<details>[\s\S]*?<\/details>\n*/g, '')

test('a reviewer sees at once the numbers, the dangers and the changes', async () => {
  const document = await planned({ endpoint: false }, { open: true, prefix: '10.0.3.0/24' }, { locked: true })
  const { text, truncated, leftOut } = markdownOf([{ ...document, digest: 'sha256:3f9a' }], {
    head: '0123456789abcdef0123456789abcdef01234567',
    links: { artifact: 'https://example.com/a', run: 'https://example.com/r' }
  })
  expect({ truncated, leftOut }).toEqual({ truncated: false, leftOut: [] })
  expect(visibleAtOnce(text)).toMatchInlineSnapshot(`
    "### ⚠️ pglink · \`orders\` · Plan: 2 to add, 2 to change, 0 to destroy.

    \`topology.yaml\` · 🤝 1 approval · read from Azure: a sandbox of this test

    > [!CAUTION]
    > **1 lock off (about 33s in all) · 1 new way in over the network**
    > - CanNotDelete lock keep on \`networks/hub\` will be off for about 33s
    > - \`servers/orders-pg\`: public network access will be on

    | Action | Resource | Why |
    |:--|:--|:--|
    | 🟣&nbsp;lift&nbsp;lock | \`networks/hub lock keep\` | in the way of step 4; back in step 6 |
    | 🟡&nbsp;update | \`servers/orders-pg\` | \`publicAccess\` \`false\` → \`true\` |
    | 🔵&nbsp;approve | \`servers/orders-pg/connections/pe\` | decided at \`topology.yaml:1\` |
    | 🟡&nbsp;update | \`networks/hub/subnets/b\` | \`addressPrefixes\` \`["10.0.2.0/24"]\` → \`["10.0.3.0/24"]\` |
    | 🟢&nbsp;create | \`servers/orders-pg/privateEndpoints/pe\` | declared at \`topology.yaml:1\` |

    ---

    Digest \`sha256:3f9a\` · 7 reads · commit \`0123456789ab\` · [plan artifact](https://example.com/a) · [run](https://example.com/r)

    Apply exactly this: \`pglink apply topology.yaml --plan-digest=sha256:3f9a\`
    "
  `)
})

test('a delete comes first, in red', async () => {
  const { text } = markdownOf([await planned({}, { subnet: 'b' })])
  const rows = text.split('\n').filter(line => /^\| \S+&nbsp;/.test(line))
  expect(rows.map(row => row.split('|')[1]?.trim())).toEqual(['🔴&nbsp;replace', '🔵&nbsp;approve'])
  expect(text).toMatch(/^> \[!CAUTION\]\n> \*\*1 destroyed and made again/m)
  const diff = /```diff\n([\s\S]*?)\n```/.exec(text)?.[1] ?? ''
  expect(
    diff
      .split('\n')
      .filter(line => line.startsWith('-'))
      .join('\n')
  ).toMatch(/^-\/\+ \d+ {2}servers\/orders-pg\/privateEndpoints\/pe \(private endpoint\) will be destroyed, then created again/)
  expect(diff).toMatch(/^\+ {5}subnet +=/m)
})

test('a plan without changes is a line, and nothing to apply', async () => {
  const { text } = markdownOf([await planned({}, {})])
  expect(text).toMatch(/^### ✅ pglink · `orders` · No changes\. Your infrastructure matches the topology\.\n/)
  expect(visibleAtOnce(text)).not.toMatch(/\[!|\| Action|pglink apply/)
})

describe('a plan that cannot be applied', () => {
  test('says why, and how to apply nothing', async () => {
    const document = await planned({}, {})
    const refusal = {
      code: 'fixed-field',
      address: 'servers/orders-pg',
      message: 'servers/orders-pg: `location` cannot change.',
      exit: 6 as const,
      source: { file: 'topology.yaml', line: 3, column: 5 }
    }
    const verdict = { as: 'refused' as const, text: 'No changes that an apply could make. 1 finding.', findings: [] }
    const { text } = markdownOf([{ ...document, errored: true, refusals: [refusal], verdict }])
    expect(text).toMatch(/^### ⛔ pglink · `orders` · refused: No changes that an apply could make\. 1 finding\.\n/)
    expect(text).toContain(
      '> [!WARNING]\n> **Refused, so this plan cannot be applied:**\n> - `servers/orders-pg`: `location` cannot change. at `topology.yaml:3:5` (`fixed-field`)'
    )
    expect(text).not.toMatch(/pglink apply|Digest/)
  })

  test('says that it is none of Azure, and gives no command', async () => {
    const { text } = markdownOf([{ ...(await planned({ endpoint: false }, {})), source: 'base branch' }])
    expect(text).toContain('> [!NOTE]\n> **Not read from Azure.**')
    expect(text).not.toContain('pglink apply')
  })
})

test('the command to apply is one that a shell takes as it is', async () => {
  const document = await planned({ endpoint: false }, {})
  const { text } = markdownOf([
    {
      ...document,
      digest: 'sha256:3f9a',
      topology: { name: 'orders', path: "-rf $(id)'s.yaml", env: 'prod', flags: { env: 'prod', prune: true, 'allow-env': ['A', 'B;C'] } }
    }
  ])
  expect(text).toContain(
    `\`pglink apply './-rf $(id)'\\''s.yaml' --env=prod --prune --allow-env=A '--allow-env=B;C' --plan-digest=sha256:3f9a\``
  )
})

/** As many more resources as are asked for, all like those that are made anyway. */
function withMore(document: PlanDocument, count: number): PlanDocument {
  const change = document.resource_changes.find(({ kind }) => kind === 'privateEndpoint')
  const step = document.steps.find(({ op, id_of }) => op === 'create' && id_of === change?.id)
  if (!change || !step) throw new Error('The plan makes no endpoint.')
  const each = Array.from({ length: count }, (_, index) => `more-${index}`)
  const renamed = <Value>(value: Value, name: string): Value => JSON.parse(JSON.stringify(value).replaceAll('/pe', `/${name}`)) as Value
  return {
    ...document,
    resource_changes: [...each.map(name => renamed(change, name)), ...document.resource_changes],
    steps: [
      ...each.map((name, index) => ({ ...renamed(step, name), n: document.steps.length + index + 1, id: `create ${name}` })),
      ...document.steps
    ]
  }
}

const context = { label: 'prod', head: 'abc', run: 'https://example.com/r', artifactUrl: 'https://example.com/a', exit: 0 }

describe('a plan of 2,000 resources', () => {
  test('fits, keeps what is destroyed, leaves out whole resources, and says so', async () => {
    const document = withMore(await planned({}, { subnet: 'b' }), 0)
    const made = withMore(await planned({ endpoint: false }, {}), 2_000)
    const large = {
      ...made,
      resource_changes: [...made.resource_changes, ...document.resource_changes],
      steps: [...made.steps, ...document.steps],
      dangers: document.dangers
    }
    const body = commentBody([large], context)
    expect(Buffer.byteLength(body)).toBeLessThan(commentMax)
    expect(Buffer.byteLength(body), 'the room is used').toBeGreaterThan(commentMax * 0.9)
    const [, shown = ''] = /```diff\n([\s\S]*?)\n```/.exec(body) ?? []
    expect(shown).toContain('-/+')
    expect(body).toContain('| 🔴&nbsp;replace | `servers/orders-pg/privateEndpoints/pe` |')
    expect(body).toMatch(/\| `privateEndpoint` \| 1 \|[^\n]* 2,001 \|/)

    const groups = shown.split('\n\n').filter(group => group.includes('more-'))
    const whole = groups[0]?.split('\n').length ?? 0
    expect(groups.length).toBeGreaterThan(40)
    const names = groups.map(group => /more-\d+/.exec(group)?.[0])
    expect(names, 'the last ones go first').toEqual(names.map((_, index) => `more-${index}`))
    for (const group of groups) expect(group.split('\n')).toHaveLength(whole)
    expect(body).toMatch(
      /Left out for want of room:\*\* [\d,]+ of 2,0\d\d subjects of the property diff\. All of it is in \[the plan artifact\]\(https:\/\/example\.com\/a\)/
    )
  })

  test('is whole where nothing limits it', async () => {
    const large = withMore(await planned({ endpoint: false }, {}), 2_000)
    const { text, truncated } = markdownOf([large])
    expect(truncated).toBe(false)
    expect(text.match(/^\+ \d+ {2}servers\/orders-pg\/privateEndpoints\/more-/gm)).toHaveLength(2_000)
  })
})

describe('several topologies', () => {
  test('are summed up in a table, and a large one takes nothing from a small one', async () => {
    const small = await planned({}, { subnet: 'b' })
    const large = {
      ...withMore(await planned({ endpoint: false }, {}), 2_000),
      topology: { ...small.topology, name: 'ledger', path: 'ledger/topology.yaml' }
    }
    const body = commentBody([large, small], context)
    expect(Buffer.byteLength(body)).toBeLessThan(commentMax)
    expect(body).toMatch(/^\| 🗺 \| `ledger` `ledger\/topology\.yaml` \| Plan: \d+ to add/m)
    expect(body).toMatch(
      /^\| ⚠️ \| `orders` `topology\.yaml` \| Plan: \d to add, \d to change, 1 to destroy\. \| 1 destroyed and made again/m
    )
    const alone = markdownOf([small]).text
    const [, diff = 'no diff'] = /```diff\n([\s\S]*?)\n```/.exec(alone) ?? []
    expect(body).toContain(diff)
  })

  test('each of very many has its row, and the first are shown', async () => {
    const one = await planned({}, { subnet: 'b' })
    const many = Array.from({ length: 150 }, (_, index) => ({ ...one, topology: { ...one.topology, name: `t-${index}` } }))
    const { text, leftOut } = markdownOf(many, { maxBytes: 60_000 })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000)
    for (const index of many.keys()) expect(text).toContain(`| ⚠️ | \`t-${index}\``)
    expect(text).toContain('### ⚠️ pglink · `t-0`')
    expect(leftOut.join()).toMatch(/all but the summary of \d+ of 150 topologies/)
  })
})

test('less room than a plan needs is an error of the caller', async () => {
  const document = await planned({}, {})
  expect(() => markdownOf([document], { maxBytes: bytesLeast - 1 })).toThrow(RangeError)
  expect(
    Buffer.byteLength(markdownOf([withMore(await planned({ endpoint: false }, {}), 50)], { maxBytes: bytesLeast }).text)
  ).toBeLessThanOrEqual(bytesLeast)
})
