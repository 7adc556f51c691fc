import { describe, expect, test } from 'vitest'
import type { Action, MarkerScope, Plan } from '../../src/model/change.ts'
import { type Estate, estate, failures, plan, putLockOn, reconcile, type Settings } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const rg = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups'
const case_ = `${rg}/rg-case`
const net = `${rg}/rg-net/providers/Microsoft.Network`
const hub = `${net}/virtualNetworks/vnet-hub`
const pg = (name: string) => `${case_}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`

/** A network of somebody else, with a subnet. */
const theirs = {
  [`${rg}/rg-net`]: { location: 'westeurope' },
  [hub]: { location: 'westeurope', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
  [`${hub}/subnets/snet`]: { properties: { addressPrefix: '10.0.1.0/24' } }
}

const server = (more: object = {}) => ({
  version: '17',
  compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
  storage: { sizeGiB: 128 },
  administrator: { login: 'orders_admin', password: 'from the environment', passwordVersion: 1 },
  networking: { publicAccess: { enabled: false } },
  ...more
})
const networks = { hub: { id: hub, subnets: { snet: { existing: true, name: 'snet' } } } }
const endpoint = { pe: { subnet: 'hub/snet', privateDns: 'none', approval: 'automatic' } }
const topology = (entries: object) => topologyFrom(JSON.stringify(entries))

type Lift = Extract<Action, { do: 'lift' }>

const lifts = ({ steps }: Plan): Lift[] => steps.flatMap(({ action }) => (action.do === 'lift' ? [action] : []))

/** The scopes that may carry the markers of a plan's only lift, best first. */
function carriers(of: Plan): readonly MarkerScope[] {
  const [only, ...more] = lifts(of)
  expect(more).toEqual([])
  expect(only?.memory.in).toBe('markers')
  return only?.memory.in === 'markers' ? only.memory.on : []
}
const namesOf = (scopes: readonly MarkerScope[]): string[] => scopes.map(({ path }) => path.split('/').at(-1) ?? '')

/** On an estate where `now` has been applied, and `locks` were put on since. */
async function leftover(now: object | undefined, locks: Readonly<Record<string, object>>, seedBodies: object = theirs): Promise<Estate> {
  const on = estate({ seedBodies: seedBodies as never })
  if (now) expect(failures(await reconcile(on, topology(now)))).toEqual([])
  for (const [path, properties] of Object.entries(locks)) {
    const [scope = '', name = ''] = path.split(' ')
    expect((await putLockOn(on, scope, name, properties)).status).toBe(201)
  }
  return on
}

const planned = async (on: Estate, entries: object, settings: Settings = {}) => (await plan(on, topology(entries), settings)).plan

describe('where a marker lies', () => {
  test('on the server that the plan makes: the lift waits for it, however it ends', async () => {
    const on = await leftover(undefined, { [`${hub} keep`]: { level: 'CanNotDelete', notes: 'netops' } })
    const made = await planned(on, { networks, servers: { 'orders-pg': server({ privateEndpoints: endpoint }) } })
    const [best, next] = carriers(made)
    expect([best?.path, best?.madeBy, best?.ours]).toEqual([pg('orders-pg'), `create ${pg('orders-pg').toLowerCase()}`, true])
    // Its rights can only be asked of what stands.
    expect(best?.askedAt).toBe('/subscriptions/11111111-1111-4111-8111-111111111111')
    expect(next?.path).toBe(case_)
    const lift = made.steps.find(({ action }) => action.do === 'lift')
    expect(lift?.afterEndOf).toContain(`create ${pg('orders-pg').toLowerCase()}`)
    expect(made.refusals).toEqual([])
  })

  test('on a server that nothing else of the lift waits for, which adds the edge', async () => {
    const other = `${rg}/rg-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/theirs`
    const seed = {
      ...theirs,
      [`${rg}/rg-data`]: { location: 'westeurope' },
      [other]: {
        location: 'westeurope',
        sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
        properties: { version: '17', network: { publicNetworkAccess: 'Disabled' } }
      }
    }
    const on = await leftover(undefined, { [`${hub} keep`]: { level: 'CanNotDelete' } }, seed)
    const made = await planned(on, { networks, servers: { 'orders-pg': server(), theirs: { id: other, privateEndpoints: endpoint } } })
    const scopes = carriers(made)
    expect(namesOf(scopes)).toEqual(['orders-pg', 'rg-case', 'theirs'])
    expect(made.steps.find(({ action }) => action.do === 'lift')?.afterEndOf).toContain(`create ${pg('orders-pg').toLowerCase()}`)
    const ran = await reconcile(
      on,
      topology({ networks, servers: { 'orders-pg': server(), theirs: { id: other, privateEndpoints: endpoint } } })
    )
    expect(failures(ran)).toEqual([])
    expect(
      on.requests
        .filter(one => one.startsWith('PUT') && one.includes('pglink-owes-'))
        .every(one => one.includes('/flexibleServers/orders-pg/'))
    ).toBe(true)
  })

  test('never on a zone, nor on the group of a zone that is not ours', async () => {
    const zone = `${rg}/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
    const seed = { ...theirs, [`${rg}/rg-dns`]: { location: 'westeurope' }, [zone]: { location: 'global' } }
    const on = await leftover(undefined, { [`${hub} keep`]: { level: 'CanNotDelete' } }, seed)
    // The file's own group is an entry, too, and could be thought of.
    for (const group of [{}, { resourceGroup: { name: 'rg-dns', existing: true } }]) {
      const made = await planned(on, {
        ...group,
        networks,
        privateDnsZones: { link: { id: zone, links: { hub: {} } } },
        servers: { 'orders-pg': server({ privateEndpoints: { pe: { ...endpoint.pe, privateDns: { zone: 'link' } } } }) }
      })
      for (const { path } of carriers(made)) expect(path).not.toMatch(/privateDnsZones|\/rg-dns$/i)
    }
  })

  test('not on a server that the plan deletes, nor on the group it lies in', async () => {
    const before = { networks, servers: { 'old-pg': server(), 'orders-pg': server() } }
    const on = await leftover(before, { [`${hub} keep`]: { level: 'CanNotDelete' } })
    const settings = { prune: true, baseline: topology(before), allowDelete: ['servers/old-pg'] }
    const made = await planned(on, { networks, servers: { 'orders-pg': server({ privateEndpoints: endpoint }) } }, settings)
    expect(namesOf(carriers(made))).toEqual(['orders-pg'])
  })

  test('on a server from which a rule goes once the lock is back, since nothing under the lock waits for that', async () => {
    const open = { publicAccess: { enabled: true, firewallRules: { old: { start: '203.0.113.1', end: '203.0.113.9' } } } }
    const before = { networks, servers: { 'orders-pg': server({ networking: open }) } }
    const after = {
      networks,
      servers: { 'orders-pg': server({ networking: { publicAccess: { enabled: true } }, privateEndpoints: endpoint }) }
    }
    const on = await leftover(before, { [`${hub} keep`]: { level: 'CanNotDelete', notes: 'netops' } })
    const settings = { prune: true, baseline: topology(before) }
    const made = await planned(on, after, settings)
    expect(namesOf(carriers(made))).toEqual(['orders-pg'])
    const gone = made.steps.find(({ id }) => id.startsWith('delete '))
    expect(gone?.afterEndOf.some(id => id.startsWith('relock '))).toBe(true)
    const ran = await reconcile(on, topology(after), settings)
    expect(failures(ran)).toEqual([])
    expect(ran.result.outcomes.get(gone?.id ?? 'delete ')?.as).toBe('done')
  })

  test('not on a scope that has no room: a scope may have 20 locks', async () => {
    const before = { networks, servers: { 'orders-pg': server() } }
    const full = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${pg('orders-pg')} full-${n}`, { level: 'CanNotDelete' }]))
    const on = await leftover(before, { ...full, [`${hub} keep`]: { level: 'CanNotDelete' } })
    const made = await planned(on, { networks, servers: { 'orders-pg': server({ privateEndpoints: endpoint }) } })
    expect(namesOf(carriers(made))).toEqual(['rg-case'])
  })
})

describe('a lock that only stands in the way of writes', () => {
  const two = (subnets: object) => ({ networks: { hub: { id: hub, subnets } } })
  const added = two({ snet: { existing: true, name: 'snet' }, more: { addressPrefix: '10.0.2.0/24' } })

  test('is lowered with the rest in its notes', async () => {
    const on = await leftover(undefined, { [`${hub} keep`]: { level: 'ReadOnly', notes: 'freeze' } })
    expect(lifts(await planned(on, added))).toMatchObject([{ how: 'lower', memory: { in: 'notes' } }])
  })

  test('is lowered with markers beside it where its notes have no room, and nothing of ours could carry one', async () => {
    const notes = 'n'.repeat(500)
    const on = await leftover(undefined, { [`${hub} keep`]: { level: 'ReadOnly', notes } })
    const made = await planned(on, added)
    expect(lifts(made)).toMatchObject([{ how: 'lower', memory: { in: 'markers', on: [{ path: hub }] } }])
    expect(made.refusals).toEqual([])
  })

  test('has its markers elsewhere where its own scope has no room', async () => {
    const full = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`${hub} full-${n}`, { level: 'CanNotDelete' }]))
    const before = { ...two({ snet: { existing: true, name: 'snet' } }), servers: { 'orders-pg': server() } }
    const on = await leftover(before, { ...full, [`${hub} keep`]: { level: 'ReadOnly', notes: 'n'.repeat(500) } })
    const made = await planned(on, { ...added, servers: { 'orders-pg': server() } })
    expect(lifts(made).map(({ how }) => how)).toEqual(['lower'])
    expect(namesOf(carriers(made))[0]).toBe('orders-pg')
  })

  test('is lowered on the group above, with consent', async () => {
    const on = await leftover(undefined, { [`${rg}/rg-net keep`]: { level: 'ReadOnly', notes: 'n'.repeat(500) } })
    expect((await planned(on, added)).refusals.map(({ code }) => code)).toEqual(['inherited-lock'])
    const { safety } = (await plan(on, topology(added))).wanted
    const made = await planned(on, added, { safety: { ...safety, liftInheritedLocks: true } })
    expect(lifts(made)).toMatchObject([{ how: 'lower', memory: { in: 'markers', on: [{ path: `${rg}/rg-net` }] } }])
    expect(made.refusals).toEqual([])
  })
})

describe('a lock that nothing could remember', () => {
  const other = `${rg}/rg-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/theirs`
  const seed = {
    ...theirs,
    [`${rg}/rg-data`]: { location: 'westeurope' },
    [other]: {
      location: 'westeurope',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      properties: { version: '17', network: { publicNetworkAccess: 'Disabled' } }
    }
  }
  const full = (scope: string) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${scope} full-${n}`, { level: 'CanNotDelete' }]))
  const wanted = {
    resourceGroup: { name: 'rg-data', existing: true },
    networks,
    servers: { theirs: { id: other, privateEndpoints: endpoint } }
  }
  const nowhere = { ...full(other), ...full(`${rg}/rg-data`) }

  test('stays on where only the how-to wants it off, and the plan says so', async () => {
    const on = await leftover(undefined, { ...nowhere, [`${hub} keep`]: { level: 'CanNotDelete' } }, seed)
    const made = await planned(on, wanted)
    expect(lifts(made)).toEqual([])
    expect(made.refusals).toEqual([])
    expect(made.notes).toMatchObject([{ address: `${hub}/providers/Microsoft.Authorization/locks/keep` }])
    expect(made.notes[0]?.message).toMatch(/how-to advises.*Nothing in Azure could remember it.*servers\/theirs has no room.*It stays on/s)
    const ran = await reconcile(on, topology(wanted))
    expect(failures(ran)).toEqual([])
    expect(on.requests.filter(one => !one.startsWith('GET') && one.includes('/locks/'))).toEqual([])
  })

  test('is lowered, and not removed, where ARM requires no more than that', async () => {
    const on = await leftover(undefined, { ...nowhere, [`${hub}/subnets/snet frozen`]: { level: 'ReadOnly' } }, seed)
    const made = await planned(on, wanted)
    expect(lifts(made)).toMatchObject([{ how: 'lower', memory: { in: 'notes' } }])
    expect(made.notes.map(({ message }) => message).join()).toMatch(/lifted only as far as ARM requires/)
    expect(failures(await reconcile(on, topology(wanted)))).toEqual([])
  })

  const two = { networks: { hub: { addressSpace: ['10.0.0.0/16'], subnets: { a: { addressPrefix: '10.0.1.0/24' } } } } }
  const none = { networks: { hub: { addressSpace: ['10.0.0.0/16'] } } }
  const own = `${case_}/providers/Microsoft.Network/virtualNetworks/hub`
  const settings = { prune: true, baseline: topology(two), allowLockedDelete: ['networks/hub/subnets/a'] }

  test('refuses the plan where ARM requires it to be off: every candidate is named, and why it does not serve', async () => {
    const on = await leftover(two, { [`${own} keep`]: { level: 'CanNotDelete' } })
    const [refusal, ...more] = (await planned(on, none, settings)).refusals
    expect(more).toEqual([])
    expect(refusal).toMatchObject({ code: 'no-lock-memory', exit: 6 })
    expect(refusal?.message).toMatch(/resourceGroups\/rg-case cannot be locked while this plan deletes networks\/hub\/subnets\/a/)
    expect(refusal?.message).toMatch(/`safety.lockMemory: journal` or `journalOnlyMemory: true`/)
  })

  test('is lifted where the user accepts the journal alone', async () => {
    const on = await leftover(two, { [`${own} keep`]: { level: 'CanNotDelete' } })
    const { safety } = (await plan(on, topology(none))).wanted
    const accepted = { ...settings, safety: { ...safety, lockMemory: 'journal' as const } }
    const made = await planned(on, none, accepted)
    expect(made.refusals).toEqual([])
    expect(lifts(made)).toMatchObject([{ how: 'remove', memory: { in: 'journal' } }])
    expect(failures(await reconcile(on, topology(none), accepted))).toEqual([])
    expect(on.requests.some(one => one.includes('pglink-owes-'))).toBe(false)
  })
})
