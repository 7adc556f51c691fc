import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { resolve } from '../../src/topology/resolve.ts'
import { copiesOf } from '../bench/copies.ts'
import { load } from './load.ts'

const environment = { BENCH_PASSWORD: 'Tr0ub4dor&3' }
const thousand = copiesOf(1_000)

test.each([
  ['YAML', stringify(thousand)],
  ['JSON', JSON.stringify(thousand, undefined, 2)]
])(
  'a thousand copies of a data factory, each with a server and its way there, are one file of %s',
  async (_, text) => {
    const loaded = await load({ 'topology.yaml': text }, environment)
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    if (!loaded.ok) throw new Error('not sound')
    const { desired } = resolve(loaded.topology, { subscription: undefined, positions: loaded.positions })
    const kinds = [...desired.values()].map(({ kind }) => kind)
    expect(['flexibleServer', 'dataFactory', 'virtualNetwork'].map(kind => kinds.filter(one => one === kind).length)).toEqual([
      1_000, 1_000, 1_000
    ])
  },
  120_000
)

test('or several files that extend one base, and what is too large for one says how to split it', async () => {
  const { servers, dataFactories, networks, ...base } = copiesOf(20)
  const { name: _, ...shared } = base as Record<string, unknown>
  const parts = [0, 1].map(part => {
    const own = (of: unknown): object => Object.fromEntries(Object.entries(of as object).slice(part * 10, part * 10 + 10))
    return stringify({
      extends: 'base.yaml',
      name: `part-${part}`,
      networks: own(networks),
      servers: own(servers),
      dataFactories: own(dataFactories)
    })
  })
  for (const part of parts) {
    const loaded = await load({ 'topology.yaml': part, 'base.yaml': stringify(shared) }, environment)
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  }
  const { diagnostics } = await load({ 'topology.yaml': `x: "${'y'.repeat(8 * 1024 * 1024)}"` }, environment)
  expect(diagnostics).toMatchObject([
    { rule: 'PGL903', fix: expect.stringMatching(/part-1\.yaml.*extends: base\.yaml.*pglink plan "part-\*\.yaml"/) }
  ])
})
