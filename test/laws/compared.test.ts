import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/change.ts'
import type { Live } from '../../src/model/resource.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { UnfitEntry } from '../../src/topology/resolve.ts'
import { arm, draftOf, type Estate, estate, failures, plan, reconcile, resolved, subscription } from '../support/estate.ts'
import { shared } from '../support/parts.ts'
import { identities, type Key, network, read, type Tree, theirs, withSecrets } from './everyLeaf.ts'

// For each leaf of the schema under an entry: changing it in the file changes the plan of an estate that is applied, in a step, a
// refusal or a wait. A leaf that need not says so with its reason, and does not.

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly notCompared?: string
  readonly secret?: boolean
}
const schema = JSON.parse(readFileSync('schema/topology.schema.json', 'utf8')) as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>
}

interface Leaf {
  /** Keys of the schema, with `*` for a key of the file and `[]` for a place in a list. */
  readonly pattern: readonly string[]
  readonly node: Schema
}

/** A reference is one value, however it is written. */
const whole = new Set(['Reference', 'ReferenceById'])

function leavesOf(node: Schema, pattern: readonly string[] = []): Leaf[] {
  const name = node.$ref?.split('/').at(-1)
  if (name !== undefined && !whole.has(name)) return leavesOf({ ...schema.$defs[name], ...without(node, '$ref') }, pattern)
  if (name !== undefined) return [{ pattern, node }]
  if (node.anyOf)
    return node.anyOf.flatMap(one => leavesOf({ ...(node.notCompared && { notCompared: node.notCompared }), ...one }, pattern))
  if (node.items) return leavesOf(node.items, [...pattern, '[]'])
  if (node.type !== 'object') return [{ pattern, node }]
  const named = Object.entries(node.properties ?? {}).flatMap(([key, one]) => leavesOf(one, [...pattern, key]))
  const keyed = typeof node.additionalProperties === 'object' ? leavesOf(node.additionalProperties, [...pattern, '*']) : []
  return [...named, ...keyed]
}

const without = (node: Schema, key: string): Schema => Object.fromEntries(Object.entries(node).filter(([name]) => name !== key))

const roots = ['resourceGroup', 'tags', 'networks', 'privateDnsZones', 'servers', 'dataFactories']
const leaves = roots.flatMap(root => leavesOf(schema.properties?.[root] ?? {}, [root]))

const at = (tree: Tree, keys: readonly Key[]): unknown =>
  keys.reduce<unknown>((node, key) => (node as { [key: Key]: unknown } | undefined)?.[key], tree)

function put(tree: Tree, keys: readonly Key[], value: unknown): void {
  const above = at(tree, keys.slice(0, -1)) as { [key: Key]: unknown }
  const last = keys.at(-1) ?? ''
  if (value === undefined) delete above[last]
  else above[last] = value
}

/** Every place of the base that a pattern fits and whose value is of the leaf's own form. */
function placesOf({ pattern, node }: Leaf, tree: unknown, keys: readonly Key[] = []): (readonly Key[])[] {
  const [part, ...rest] = pattern.slice(keys.length)
  if (part === undefined) return isOf(node, tree) ? [keys] : []
  if (typeof tree !== 'object' || tree === null) return []
  const own =
    part === '*' || part === '[]'
      ? Object.keys(tree).map(key => (Array.isArray(tree) ? Number(key) : key))
      : Object.hasOwn(tree, part)
        ? [part]
        : []
  return own.flatMap(key =>
    placesOf({ pattern: [...pattern.slice(0, keys.length), String(key), ...rest], node }, (tree as Record<Key, unknown>)[key], [
      ...keys,
      key
    ])
  )
}

function isOf({ $ref, type, const: only, enum: all }: Schema, value: unknown): boolean {
  if ($ref?.endsWith('ReferenceById')) return typeof value === 'object'
  if ($ref !== undefined) return typeof value === 'string' || typeof value === 'object'
  if (only !== undefined) return value === only
  if (all !== undefined) return all.includes(value)
  return (
    [type].flat().includes(typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value) ||
    ([type].flat().includes('number') && typeof value === 'number')
  )
}

const managedForms: Readonly<Record<string, unknown>> = {
  subnets: { name: 's', addressPrefix: '10.90.7.0/24' },
  databases: { name: 'd', charset: 'LATIN1' },
  integrationRuntimes: { name: 'theirs', type: 'SelfHosted' },
  managedPrivateEndpoints: { name: 'to-theirs', server: 'orders-pg' },
  linkedServices: { name: 'theirs_kv', type: 'AzureKeyVault', baseUrl: 'https://kv-others.vault.azure.net' }
}

/** Changes of more than the leaf itself, where another value of it alone would be none or not valid. */
function special(keys: readonly Key[], tree: Tree): boolean {
  const last = keys.at(-1)
  const entry = keys.slice(0, -1)
  if (last === 'existing' && at(tree, keys) === true) {
    const collection = String(entry.includes('resourceGroup') ? 'resourceGroup' : entry.at(-2))
    const { name, resourceGroup } = at(tree, entry) as { name?: string; resourceGroup?: unknown }
    if (collection === 'resourceGroup') put(tree, entry, { name, location: 'northeurope' })
    else put(tree, entry, managedForms[collection] ?? { name, ...(resourceGroup !== undefined && { resourceGroup }) })
    return true
  }
  if (last === 'existing') {
    // Ours becomes somebody else's: one that is not there.
    put(tree, entry, { name: 'not-there', existing: true })
    return true
  }
  if (last === 'type' && keys.includes('integrationRuntimes'))
    put(tree, entry, at(tree, keys) === 'Azure' ? { type: 'SelfHosted' } : { type: 'Azure' })
  else if (last === 'type' && keys.includes('linkedServices'))
    put(
      tree,
      entry,
      at(tree, keys) === 'AzureKeyVault'
        ? { ...(at(tree, ['dataFactories', 'orders-adf', 'linkedServices', 'vaulted']) as object) }
        : { ...(at(tree, ['dataFactories', 'orders-adf', 'linkedServices', 'kv2']) as object) }
    )
  else return false
  return true
}

const others: readonly (readonly [pattern: RegExp, value: unknown])[] = [
  [/\/privateDns$/, { zone: 'link' }],
  [/\/approval$/, { manual: 'please' }],
  [/\/maintenanceWindow$/, { day: 'Monday', hour: 3 }],
  [/\/id$/, `${theirs}/Microsoft.Network/virtualNetworks/not-there`],
  [/\/subscription$/, '55555555-5555-4555-8555-555555555555'],
  [/\/location$/, 'northeurope'],
  [/^resourceGroup$|\/resourceGroup$/, 'rg-another'],
  [/\/resourceGroup\/name$/, 'rg-another'],
  [/^privateDnsZones\/[^/]+\/name$/, 'another.example'],
  [/\/addressSpace\/0$/, '10.7.0.0/16'],
  [/\/addressPrefix$/, '10.0.77.0/24'],
  [/\/delegation$/, 'Microsoft.ContainerInstance/containerGroups'],
  [/\/networkSecurityGroup$/, { id: `${network}/networkSecurityGroups/another` }],
  [/\/routeTable$/, { id: `${network}/routeTables/another` }],
  [/\/links\/[^/]+\/network$/, 'third'],
  [/\/owners\/0$|\/objectId$|\/tenantId$/, '66666666-6666-4666-8666-666666666666'],
  [/\/compute\/size$/, 'Standard_D4ds_v5'],
  [/\/storage\/sizeGiB$/, 256],
  [/\/storage\/tier$/, 'P20'],
  [/\/firewallRules\/[^/]+\/start$/, '203.0.113.5'],
  [/\/firewallRules\/[^/]+\/end$/, '203.0.113.30'],
  [/\/virtualNetwork\/subnet$/, 'hub/second'],
  [/\/virtualNetwork\/privateDnsZone$/, 'secondOwn'],
  [/\/charset$/, 'LATIN1'],
  [/\/collation$/, 'C'],
  [/\/parameters\/[^/]+$/, 16384],
  [/\/subnet$/, 'hub/guarded'],
  [/\/privateDns\/zone$/, 'own'],
  [/\/ipAddress$/, '10.0.1.41'],
  [/\/from$/, { id: `${theirs}/Microsoft.Network/privateEndpoints/not-there` }],
  [/\/from\/factory$/, `${theirs}/Microsoft.DataFactory/factories/theirs-adf`],
  [/\/baseUrl$/, 'https://kv-another.vault.azure.net'],
  [/\/server$/, 'inside-pg'],
  [/\/reader$/, 'copy-pg'],
  [/\/replicaOf$/, 'inside-pg'],
  [/\/database$/, 'ledger'],
  [/\/keyVault\/linkedService$/, 'kv2'],
  [/\/integrationRuntime$/, 'onprem'],
  [/\/timeouts\/[^/]+$/, '2h'],
  [/\/authentication\/password$/, false],
  [/\/password$/, 'another'],
  [/\/zone$/, '3'],
  [/./, undefined]
]

/** Another value that is as valid. */
function other({ enum: all, minimum = 0, maximum = Number.POSITIVE_INFINITY }: Schema, keys: readonly Key[], value: unknown): unknown {
  const found = others.find(([pattern]) => pattern.test(keys.join('/')))?.[1]
  if (found !== undefined && JSON.stringify(found) !== JSON.stringify(value)) return found
  if (all !== undefined && all.length > 1) return all.find(one => one !== value)
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1 <= maximum ? value + 1 : Math.max(minimum, value - 1)
  return `${String(value)}b`
}

/** The parts of the plan document that say what an apply would do, or why it does not. */
const documented = ({ steps, refusals, waiting }: Plan): string =>
  JSON.stringify({ steps: steps.map(({ id, action }) => [id, action]), refusals, waiting })

let on: Estate
let live: Live
/** The plan of the base, and what it is before a look ahead. */
let base: { readonly whole: string; readonly draft: string }

/** A diagnostic in place of a plan: two entries of which one would be lost, say. */
function isUnfit(topology: Topology): boolean {
  try {
    resolved(topology)
    return false
  } catch (error) {
    if (error instanceof UnfitEntry) return true
    throw error
  }
}

/**
 * Whether the plan is another. We do not read again what the base's read has; where the change is about something else, Azure
 * is asked, since what is found by what it joins may be found under another name.
 */
async function changes(tree: Tree, isExcepted: boolean): Promise<boolean> {
  const topology = withSecrets(tree)
  if (isUnfit(topology)) return true
  const isRead = [...resolved(topology).desired.keys()].every(id => live.resources.has(id))
  const isAnother = documented(draftOf(on, topology, live)) !== base.draft
  if (isRead && isAnother !== isExcepted) return isAnother
  return documented((await plan(on, topology)).plan) !== base.whole
}

beforeAll(async () => {
  const answers = new Map<string, string>()
  let frozen = false
  // Nothing is written after the base: what was read once reads so again.
  on = estate({}, {}, async (request, sandbox) => {
    const known = frozen ? answers.get(request.url) : undefined
    if (known !== undefined && request.method === 'GET') return new Response(known, { headers: { 'content-type': 'application/json' } })
    const answer = await sandbox.handle(request)
    if (frozen && request.method === 'GET' && answer.status === 200) answers.set(request.url, await answer.clone().text())
    return answer
  })
  await arm(on, 'PUT', network.split('/providers')[0] ?? '', '2021-04-01', { location: 'westeurope', tags: { 'pglink-topology': 'ours' } })
  for (const number of [0, 1, 2, 3, 4])
    await arm(on, 'PUT', `/subscriptions/${subscription}/resourceGroups/rg-t${number}`, '2021-04-01', { location: 'westeurope' })
  for (const one of ['networkSecurityGroups/nsg', 'routeTables/routes'])
    await arm(on, 'PUT', `${network}/${one}`, '2024-05-01', { location: 'westeurope' })
  for (const one of ['keys', 'west']) await arm(on, 'PUT', `${identities}/${one}`, '2023-01-31', { location: 'westeurope' })
  expect(failures(await reconcile(on, withSecrets(read('theirs'))))).toEqual([])
  expect(failures(await reconcile(on, withSecrets(read('ours'))))).toEqual([])
  frozen = true
  const planned = await plan(on, withSecrets(read('ours')))
  live = planned.live
  base = { whole: documented(planned.plan), draft: documented(draftOf(on, withSecrets(read('ours')), live)) }
}, 240_000)

test('nothing is left to do for the base itself', () => {
  // The sandbox plays no vault and no private link service: their owners never decide.
  const waiting = ['to-vault', 'to-service'].map(key =>
    expect.objectContaining({ address: `dataFactories/orders-adf/managedPrivateEndpoints/${key}` })
  )
  for (const one of [base.whole, base.draft]) expect(JSON.parse(one)).toEqual({ steps: [], refusals: [], waiting })
})

const patterns = [...new Set(leaves.map(({ pattern }) => pattern.join('/')))]

test('the base has every leaf', () => {
  const tree = read('ours')
  const missing = patterns.filter(
    pattern => !leaves.some(leaf => leaf.pattern.join('/') === pattern && placesOf(leaf, tree).length > 0) && pattern !== 'resourceGroup'
  )
  expect(missing).toEqual([])
})

const reasons = /^(secret|text|timeout|protect|adopt|consent): \S/

describe('a change of the file changes the plan', () => {
  test.each(shared(patterns, 8))('%s', async pattern => {
    const own = leaves.filter(leaf => leaf.pattern.join('/') === pattern)
    for (const leaf of own) {
      const { notCompared, secret = false } = leaf.node
      const places = [...placesOf(leaf, read('ours')), ...(pattern === 'resourceGroup' ? [['resourceGroup']] : [])]
      if (notCompared !== undefined) expect(notCompared, pattern).toMatch(reasons)
      expect(notCompared?.startsWith('secret') ?? false, pattern).toBe(secret)
      for (const keys of notCompared === undefined ? places : places.slice(0, 1)) {
        const tree = read('ours')
        if (!special(keys, tree)) put(tree, keys, other(leaf.node, keys, at(tree, keys)))
        const changed = await changes(tree, notCompared !== undefined)
        expect(changed, `${keys.join('/')} is ${JSON.stringify(at(tree, keys))}`).toBe(notCompared === undefined)
      }
    }
  })
})
