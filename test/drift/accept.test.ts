import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { accepted, type Texts } from '../../src/drift/accept.ts'
import { driftOf } from '../../src/drift/compare.ts'
import { readLive } from '../../src/live/read.ts'
import { type Drift, isMoved } from '../../src/model/drift.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { type Resolved, resolve } from '../../src/topology/resolve.ts'
import type { Loaded } from '../../src/topology/topology.ts'
import { edits, perform, someEdits } from '../support/edits.ts'
import { estate, reconcile, resolved, subscription } from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { topologies } from '../support/topologies.ts'
import { load } from '../topology/load.ts'

const numRuns = runs(12, 4)

/** As somebody would have written it, with a word at the end of each line. */
function written(topology: Topology, flow: boolean): string {
  const bare = stringify(
    JSON.parse(JSON.stringify(topology, (_, value: unknown) => value)) as unknown,
    (_, value: unknown) => (value === '(secret)' ? '$'.concat('{env:SIM_PASSWORD}') : value),
    flow ? { collectionStyle: 'flow', lineWidth: 60 } : {}
  )
  const lines = bare.trimEnd().split('\n')
  return `# ours\n${lines.map((line, index) => (flow ? line : `${line} # said ${index}.`)).join('\n')}\n`
}

type Sound = Extract<Loaded, { ok: true }>

async function loadFrom(texts: Texts): Promise<Sound | string> {
  const loaded = await load(Object.fromEntries(texts), { SIM_PASSWORD: 'Simulated-1' }, { purpose: 'plan' })
  return loaded.ok ? loaded : (loaded.diagnostics.find(({ severity }) => severity === 'error')?.summary ?? '')
}

const inArmTerms = ({ topology, positions }: Sound): Resolved => resolve(topology, { subscription, positions })

const keyOf = ({ address, field }: Drift): string => `${address} ${field ?? ''}`

test('an accepted value has not drifted any more, and every comment is where it was', async () => {
  await fc.assert(
    fc.asyncProperty(topologies(1), someEdits(edits), fc.boolean(), async (generated, some, flow) => {
      const topology: Topology = { ...generated, tags: { team: 'payments' } }
      const on = estate()
      await reconcile(on, topology)
      await perform(some, topology, on)
      const { desired, endpoints } = resolved(topology)
      const subscriptions = [subscription]
      const live = await readLive(on.azure, { desired, baseline: undefined, prune: false, topology: 'sim', subscriptions, endpoints })
      const movedFrom = ({ desired: wanted, endpoints: paths }: Pick<Resolved, 'desired' | 'endpoints'>): Drift[] =>
        driftOf({ desired: wanted, baseline: undefined, live, endpoints: paths, plan: { changes: [], unmanaged: [] } }).filter(isMoved)
      const moved = movedFrom(resolved(topology))

      const texts: Texts = new Map([['topology.yaml', written(topology, flow)]])
      const loaded = await loadFrom(texts)
      if (typeof loaded === 'string') throw new Error(loaded)
      const done = await accepted(moved, { document: loaded.document, desired, texts }, async next => {
        const again = await loadFrom(next)
        return typeof again === 'string' ? { error: again } : { still: movedFrom(inArmTerms(again)) }
      })

      const after = await loadFrom(done.texts)
      if (typeof after === 'string') throw new Error(after)
      expect(movedFrom(inArmTerms(after)).map(keyOf).sort()).toEqual(done.left.map(({ drift }) => keyOf(drift)).sort())
      // The state of a connection and the record of a server are in no file, and a rejected one cannot be taken out while its endpoint is declared.
      const inNoFile = new Set(['connection', 'aRecord'])
      expect(done.left.filter(({ drift: { field, kind } }) => !inNoFile.has(field ?? '') && kind !== 'privateEndpoint')).toEqual([])
      const text = done.texts.get('topology.yaml') ?? ''
      expect(text).toContain(
        '{env:SIM_PASSWORD}'.slice(0, loaded.topology.servers && Object.keys(loaded.topology.servers).length > 0 ? undefined : 0)
      )
      if (moved.every(({ field }) => field !== undefined)) expect(commentsIn(text)).toEqual(commentsIn(texts.get('topology.yaml') ?? ''))
    }),
    { numRuns, seed }
  )
}, 300_000)

test('a value that would leave a file that is not valid stays, with the reason, and one that goes with it does not', async () => {
  const text = `version: 1
name: net
subscription: ${subscription}
location: westeurope
resourceGroup: rg-net
networks:
  hub:
    addressSpace: [10.0.0.0/16]
    subnets: { a: { addressPrefix: 10.0.1.0/24 } }
    locks: { keep: { level: ReadOnly, notes: ours } }
servers:
  pg1:
    existing: true
    privateEndpoints: { pe: { subnet: hub/a, privateDns: none, approval: automatic } }
`
  const texts: Texts = new Map([['topology.yaml', text]])
  const loaded = await loadFrom(texts)
  if (typeof loaded === 'string') throw new Error(loaded)
  const { desired } = inArmTerms(loaded)
  const drift = (address: string, more: Partial<Drift>): Drift => {
    const { kind, id, path } = [...desired.values()].find(one => one.address === address) ?? { kind: '', id: '' as never, path: '' }
    return { class: 'drifted', kind, id, path, address, counts: true, message: '', ...more }
  }
  const moved = [
    drift('networks/hub/locks/keep', { field: 'notes', live: 'theirs' }),
    drift('networks/hub/subnets/a', {}),
    drift('servers/pg1/privateEndpoints/pe', { field: 'connection', live: 'Disconnected', message: 'is Disconnected' }),
    drift('servers/pg1/firewallRules/evil', { class: 'unmanaged' })
  ]
  const done = await accepted(moved, { document: loaded.document, desired, texts }, async next => {
    const again = await loadFrom(next)
    return typeof again === 'string' ? { error: again } : { still: [] }
  })
  expect(done.texts.get('topology.yaml')).toBe(text.replace('notes: ours', 'notes: theirs'))
  expect(done.written.map(keyOf)).toEqual(['networks/hub/locks/keep notes'])
  expect(done.left.map(({ drift: one, reason }) => [one.address, reason])).toEqual([
    ['servers/pg1/firewallRules/evil', 'it is in no file: declare it, or take it away in Azure'],
    ['networks/hub/subnets/a', expect.stringContaining('the file would not be valid')],
    ['servers/pg1/privateEndpoints/pe', 'is Disconnected']
  ])
})

const commentsIn = (text: string): string[] => text.match(/# (?:said \d+\.|ours)/g) ?? []
