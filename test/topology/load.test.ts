import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { diagnosticsText } from '../../src/report/diagnostics.ts'
import type { Loaded } from '../../src/topology/topology.ts'
import { scalars } from '../../src/topology/tree.ts'
import { load } from './load.ts'

const orders = readFileSync(new URL('fixtures/orders.yaml', import.meta.url), 'utf8')
const environment = { AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000', ORDERS_PG_PASSWORD: 'Tr0ub4dor&3' }

/** Where the first of these texts after the other begins. */
function place(...texts: readonly string[]) {
  const offset = texts.reduce((from, text) => orders.indexOf(text, from), 0)
  const above = orders.slice(0, offset).split('\n')
  return { file: 'topology.yaml', line: above.length, column: (above.at(-1) ?? '').length + 1 }
}

const small = 'version: 1\nname: orders\nlocation: eastus2\nresourceGroup: rg-orders\nsubscription: 11111111-1111-1111-1111-111111111111\n'

function sound(loaded: Loaded) {
  if (!loaded.ok) throw new Error(diagnosticsText(loaded.diagnostics))
  return loaded
}

describe('a topology', () => {
  test('with every kind loads without a word', async () => {
    const { topology, positions, diagnostics } = sound(await load({ 'topology.yaml': orders }, environment))
    expect(diagnostics).toEqual([])
    expect(topology.subscription).toBe('00000000-0000-0000-0000-000000000000')
    expect(positions.at(['servers', 'orders-pg'])).toEqual(place('servers:', 'orders-pg:'))
    expect(positions.valueAt(['servers', 'orders-pg', 'connections', 1, 'decision'])).toEqual(place('connections:', 'to-orders', 'approve'))
  })

  test('points at the nearest thing above what it does not say', async () => {
    const { positions } = sound(await load({ 'topology.yaml': orders }, environment))
    expect(positions.at(['servers', 'orders-pg', 'networking', 'publicAccess', 'firewallRules', 'home'])).toEqual(
      place('servers:', 'firewallRules:')
    )
  })

  test('cannot be changed after it was loaded', async () => {
    const { topology } = sound(await load({ 'topology.yaml': orders }, environment))
    expect(Object.isFrozen(topology.servers?.['orders-pg']?.storage)).toBe(true)
  })
})

describe('overlays', () => {
  const files = {
    'base.yaml': `${small}tags: { team: payments, stage: base }\nnetworks:\n  hub: { addressSpace: [10.0.0.0/16], subnets: { a: { addressPrefix: 10.0.1.0/24 } } }\n`,
    'topology.yaml': 'extends: base.yaml\ntags: { stage: dev }\n',
    'topology.prod.yaml':
      'tags: { team: null, stage: prod }\nnetworks:\n  hub:\n    addressSpace: [10.9.0.0/16]\n    subnets: { a: null, b: { addressPrefix: 10.9.1.0/24 } }\n'
  }

  test('merge maps, replace lists, and remove with null', async () => {
    const { topology } = sound(await load(files, {}, { env: 'prod' }))
    expect(topology.tags).toEqual({ stage: 'prod' })
    expect(topology.networks).toEqual({ hub: { addressSpace: ['10.9.0.0/16'], subnets: { b: { addressPrefix: '10.9.1.0/24' } } } })
  })

  test('keep the file each value came from', async () => {
    const { positions } = sound(await load(files, {}, { env: 'prod' }))
    expect(positions.valueAt(['location'])).toEqual({ file: 'base.yaml', line: 3, column: 11 })
    expect(positions.valueAt(['tags', 'stage'])).toEqual({ file: 'topology.prod.yaml', line: 1, column: 28 })
  })

  test('leave each part at its place when somebody asks for it once the document is let go', async () => {
    const all = { ...files, 'base.prod.yaml': 'networks: { far: { addressSpace: [10.8.0.0/16] } }\n' }
    const over = { 'topology.prod.yaml': 'extends: base.prod.yaml\ntags: { sort: prod }\n' }
    const { positions, document } = sound(await load({ ...all, ...over }, {}, { env: 'prod' }))
    const paths = [...scalars(document)].flatMap(({ path }) => path.map((_, length) => path.slice(0, length + 1)))
    expect(paths.length).toBeGreaterThan(15)
    const places = paths.map(path => positions.at(path))
    expect(new Set(places.map(({ file }) => file)).size).toBe(4)
    expect(paths.map(path => positions.later(path))).toEqual(places)
  })

  test('leave the file as it is without --env', async () => {
    const { topology } = sound(await load(files))
    expect(topology.tags).toEqual({ team: 'payments', stage: 'dev' })
  })

  test('that are missing are an error', async () => {
    const { ok, diagnostics } = await load(files, {}, { env: 'staging' })
    expect(ok).toBe(false)
    expect(diagnostics.map(({ rule, summary }) => `${rule} ${summary}`)).toEqual([
      'PGL901 topology.staging.yaml cannot be read: there is no such file'
    ])
  })

  test('are found beside a file in a folder', async () => {
    const { topology } = sound(
      await load(
        {
          'estate/topology.yml': 'extends: shared/base.yaml\n',
          'estate/topology.prod.yml': 'location: westus\n',
          'estate/shared/base.yaml': small
        },
        {},
        { file: 'estate/topology.yml', env: 'prod' }
      )
    )
    expect(topology.location).toBe('westus')
  })
})

describe('variables', () => {
  test('stand whole or in part, and a doubled dollar is a dollar', async () => {
    const { topology } = sound(
      await load(
        { 'topology.yaml': `${small}tags: { a: "\${env:A}", b: "x-\${env:A}-\${env:B}", c: "$\${env:A}" }\n` },
        { A: '1', B: 'two' }
      )
    )
    expect(topology.tags).toEqual({ a: '1', b: 'x-1-two', c: `\${env:A}` })
  })

  test('without a value are a warning to validate and an error to plan', async () => {
    const files = { 'topology.yaml': small.replace('eastus2', `\${env:AZURE_TENANT_ID}`) }
    expect((await load(files)).diagnostics.map(({ severity, rule }) => [severity, rule])).toEqual([['warning', 'PGL914']])
    const planned = await load(files, {}, { purpose: 'plan' })
    expect(planned.ok).toBe(false)
    expect(planned.diagnostics.map(({ severity, rule }) => [severity, rule])).toEqual([['error', 'PGL914']])
  })

  test('cannot bring YAML with them', async () => {
    const { topology } = sound(await load({ 'topology.yaml': `${small}tags: { a: "\${env:A}" }\n` }, { A: 'x, b: y }\nlocation: westus' }))
    expect(topology.tags).toEqual({ a: 'x, b: y }\nlocation: westus' })
    expect(topology.location).toBe('eastus2')
  })
})

describe('secrets', () => {
  const password = async (env: Readonly<Record<string, string>>, purpose: 'validate' | 'plan' = 'plan') => {
    const { topology, document } = sound(
      await load({ 'topology.yaml': orders }, { AZURE_SUBSCRIPTION_ID: environment.AZURE_SUBSCRIPTION_ID, ...env }, { purpose })
    )
    const secret = topology.servers?.['orders-pg']?.administrator?.password
    if (!(secret instanceof Secret)) throw new Error('not a secret')
    return { secret, topology, document }
  }

  test('come out of reveal() and nothing else', async () => {
    const value = environment.ORDERS_PG_PASSWORD
    const { secret, topology, document } = await password({ ORDERS_PG_PASSWORD: value })
    expect(secret.reveal()).toBe(value)
    expect(secret.variable).toBe('ORDERS_PG_PASSWORD')
    const shown = [
      `${secret}`,
      `a${String(secret)}`,
      JSON.stringify({ topology, document }, (_, v) => (v instanceof Map ? [...v] : v)),
      inspect(topology, { depth: 9, showHidden: true })
    ]
    for (const text of shown) expect(text).not.toContain(value)
  })

  test('may be missing until a step must send them', async () => {
    const allowed = new Set(['AZURE_SUBSCRIPTION_ID', 'ORDERS_PG_PASSWORD'])
    const values = new Map([['AZURE_SUBSCRIPTION_ID', environment.AZURE_SUBSCRIPTION_ID]])
    const loaded = sound(await load({ 'topology.yaml': orders }, {}, { purpose: 'plan', variables: { allowed, values } }))
    const secret = loaded.topology.servers?.['orders-pg']?.administrator?.password
    expect(secret?.isSet).toBe(false)
    expect(() => secret?.reveal()).toThrow('ORDERS_PG_PASSWORD')
  })

  test('that stand in clear are not shown by their own error, nor by another on the line', async () => {
    const text = orders.replace(`"\${env:ORDERS_PG_PASSWORD}", passwordVersion: 1`, 'hunter2hunter2, pasword: 1')
    const { ok, diagnostics } = await load({ 'topology.yaml': text }, environment)
    expect(ok).toBe(false)
    expect(diagnostics.map(({ rule }) => rule)).toEqual(['PGL913', 'PGL920'])
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
  })
})

describe('YAML', () => {
  test('aliases are one value in two places, and a mistake in it is reported once', async () => {
    const text = `${small}networks:\n  v1: &net { addressSpace: [10.0.0.0/16], locatoin: x }\n  v2: *net\n`
    const { diagnostics } = await load({ 'topology.yaml': text })
    expect(diagnostics.map(({ rule, range }) => `${rule} ${range?.start.line}:${range?.start.column}`)).toEqual(['PGL920 7:43'])
  })

  test('an alias inside its own anchor ends', async () => {
    const { ok, diagnostics } = await load({ 'topology.yaml': `${small}networks: &n\n  a: *n\n` })
    expect(ok).toBe(false)
    expect(diagnostics[0]?.rule).toBe('PGL909')
  })

  test('line ends of Windows and a byte order mark change nothing', async () => {
    const { diagnostics } = await load({ 'topology.yaml': `\ufeff${small.replaceAll('\n', '\r\n')}locatoin: x\r\n` })
    expect(diagnosticsText(diagnostics)).toContain('    6 | locatoin: x\n      | ^^^^^^^^\n')
  })

  test('a key named like a member of every object is an unknown key like any other, but for the prototype', async () => {
    const { diagnostics } = await load({ 'topology.yaml': `${small}__proto__: { location: westus }\nconstructor: 1\n` })
    expect(diagnostics.map(({ rule, address }) => [rule, address])).toEqual([
      ['PGL924', ''],
      ['PGL920', 'constructor']
    ])
  })
})
