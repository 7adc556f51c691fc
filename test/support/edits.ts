import fc from 'fast-check'
import type { Server, Topology } from '../../src/model/topology.generated.ts'
import { arm, type Estate, subscription } from './estate.ts'

/** Something that somebody does in Azure, and what a check for drift has to find of it: `ADDRESS`, or `ADDRESS FIELD`. */
export interface LiveEdit {
  readonly name: string
  /** Whether what it does can be undone by writing it again. */
  readonly reverts: boolean
  /** `undefined` where there is nothing to do it to. */
  prepare(topology: Topology): { readonly finds: readonly string[]; run(on: Estate): Promise<void> } | undefined
}

const group = `/subscriptions/${subscription}/resourceGroups/rg-sim`
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
const spy = `${group}/providers/Microsoft.Network/virtualNetworks/spy`
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const server = (name: string): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`
const versions = { postgres: '2025-08-01', network: '2024-05-01', dns: '2020-06-01', lock: '2020-05-01', group: '2021-04-01' }

interface Sent {
  readonly method: string
  readonly path: string
  readonly version: string
  readonly body?: unknown
}

async function send(on: Estate, { method, path, version, body }: Sent): Promise<unknown> {
  const answer = await arm(on, method, path, version, body)
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  await on.sandbox.clock.sleep(30 * 60_000)
  return answer.status === 204 || method === 'DELETE' ? undefined : await answer.json().catch(() => undefined)
}

/** Writes a body back with a change. */
async function change(on: Estate, path: string, version: string, how: (body: Body) => void): Promise<void> {
  const body = (await (await arm(on, 'GET', path, version)).json()) as Body
  how(body)
  await send(on, { method: 'PUT', path, version, body })
}

interface Body {
  tags?: Record<string, string>
  properties: Record<string, unknown>
}

/** Makes somebody else's network, so that no lock of ours is in the way. */
async function theirNetwork(on: Estate): Promise<void> {
  const subnets = [{ name: 'theirs', properties: { addressPrefix: '192.168.0.0/26' } }]
  const properties = { addressSpace: { addressPrefixes: ['192.168.0.0/24'] }, subnets }
  await send(on, { method: 'PUT', path: spy, version: versions.network, body: { location: 'westeurope', properties } })
}

const pg1 = ({ servers }: Topology): Server | undefined => servers?.['pg1']
const rules = (topology: Topology) => Object.keys(pg1(topology)?.networking?.publicAccess?.firewallRules ?? {})
const firewall = 'servers/pg1/networking/publicAccess/firewallRules'

const edit = (name: string, prepare: LiveEdit['prepare'], reverts = true): LiveEdit => ({ name, reverts, prepare })

/** Each is to something else, so that any of them may be done together. */
export const edits: readonly LiveEdit[] = [
  edit(
    'backups are kept longer',
    topology =>
      pg1(topology) && {
        finds: ['servers/pg1 backupRetentionDays'],
        run: async on => {
          const body = { properties: { backup: { backupRetentionDays: 21 } } }
          await send(on, { method: 'PATCH', path: server('pg1'), version: versions.postgres, body })
        }
      }
  ),
  edit('a firewall rule is widened', topology =>
    rules(topology).includes('office')
      ? {
          finds: [`${firewall}/office range`],
          run: async on => {
            const body = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.254' } }
            await send(on, { method: 'PUT', path: `${server('pg1')}/firewallRules/office`, version: versions.postgres, body })
          }
        }
      : undefined
  ),
  edit('a firewall rule is deleted', topology =>
    rules(topology).includes('home')
      ? {
          finds: [`${firewall}/home`],
          run: async on =>
            void (await send(on, { method: 'DELETE', path: `${server('pg1')}/firewallRules/home`, version: versions.postgres }))
        }
      : undefined
  ),
  edit('a parameter is set', topology => {
    const value = pg1(topology)?.parameters?.['jit']
    if (value === undefined) return undefined
    return {
      finds: ['servers/pg1/parameters/jit value'],
      run: async on => {
        const body = { properties: { value: value === 'on' ? 'off' : 'on', source: 'user-override' } }
        await send(on, { method: 'PUT', path: `${server('pg1')}/configurations/jit`, version: versions.postgres, body })
      }
    }
  }),
  edit(
    'a database is dropped',
    topology =>
      pg1(topology)?.databases?.['ledger'] && {
        finds: ['servers/pg1/databases/ledger'],
        run: async on => void (await send(on, { method: 'DELETE', path: `${server('pg1')}/databases/ledger`, version: versions.postgres }))
      }
  ),
  edit('a lock says something else', topology =>
    topology.networks?.['hub']?.locks?.['declared']?.level === 'CanNotDelete'
      ? {
          finds: ['networks/hub/locks/declared notes'],
          run: async on => {
            const path = `${network}/providers/Microsoft.Authorization/locks/declared`
            // Text that looks like a variable must not become one by being accepted.
            const notes = ['somebody else’s "words" # ', '{env:NONE}'].join('$')
            await change(on, path, versions.lock, body => Object.assign(body.properties, { notes }))
          }
        }
      : undefined
  ),
  edit('a lock is deleted', topology =>
    topology.networks?.['hub']?.locks?.['declared']?.level === 'ReadOnly'
      ? {
          finds: ['networks/hub/locks/declared'],
          run: async on => {
            const path = `${network}/providers/Microsoft.Authorization/locks/declared`
            await send(on, { method: 'DELETE', path, version: versions.lock })
          }
        }
      : undefined
  ),
  edit('an endpoint is deleted', topology => {
    const theirs = topology.servers?.['pg2']
    if (theirs?.privateEndpoints?.['pg2-pe'] === undefined) return undefined
    const isDecided = theirs.connections?.some(({ from }) => from === 'servers/pg2/privateEndpoints/pg2-pe')
    return {
      finds: ['servers/pg2/privateEndpoints/pg2-pe', ...(isDecided ? ['servers/pg2/connections/pg2-pe'] : [])],
      run: async on => {
        const path = `${group}/providers/Microsoft.Network/privateEndpoints/pg2-pe`
        await send(on, { method: 'DELETE', path, version: versions.network })
      }
    }
  }),
  edit(
    'a connection is rejected',
    topology => {
      const endpoint = pg1(topology)?.privateEndpoints?.['pg1-pe']
      if (endpoint?.privateDns !== 'none') return undefined
      const isDecided = pg1(topology)?.connections?.some(({ from }) => from === 'servers/pg1/privateEndpoints/pg1-pe')
      return {
        finds: [isDecided ? 'servers/pg1/connections/pg1-pe status' : 'servers/pg1/privateEndpoints/pg1-pe connection'],
        run: async on => {
          const list = await arm(on, 'GET', `${server('pg1')}/privateEndpointConnections`, versions.postgres)
          const { value } = (await list.json()) as { value: { id: string; properties: { privateEndpoint: { id: string } } }[] }
          const { id = '' } = value.find(({ properties }) => properties.privateEndpoint.id.endsWith('/pg1-pe')) ?? {}
          const body = { properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'no <b>more</b> of this' } } }
          await send(on, { method: 'PUT', path: id, version: versions.postgres, body })
        }
      }
    },
    false
  ),
  edit(
    'a link is taken away',
    topology =>
      topology.privateDnsZones?.['link']?.links?.['hub'] && {
        finds: ['privateDnsZones/link/links/hub'],
        run: async on => void (await send(on, { method: 'DELETE', path: `${zone}/virtualNetworkLinks/hub`, version: versions.dns }))
      }
  ),
  edit('a group is tagged', () => ({
    finds: ['resourceGroups/rg-sim tags/team'],
    run: on => change(on, group, versions.group, body => Object.assign(body.tags ?? {}, { team: 'thieves: "1" # no' }))
  })),
  edit(
    'a server is opened to everybody',
    topology =>
      pg1(topology) && {
        finds: ['servers/pg1/firewallRules/evil'],
        run: async on => {
          const body = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' } }
          await send(on, { method: 'PUT', path: `${server('pg1')}/firewallRules/evil`, version: versions.postgres, body })
        }
      },
    false
  ),
  edit(
    'another network sees the zone',
    () => ({
      finds: ['privateDnsZones/link/virtualNetworkLinks/spy'],
      run: async on => {
        await theirNetwork(on)
        const body = { location: 'global', properties: { virtualNetwork: { id: spy }, registrationEnabled: false } }
        await send(on, { method: 'PUT', path: `${zone}/virtualNetworkLinks/spy`, version: versions.dns, body })
      }
    }),
    false
  ),
  edit(
    'the name of a server leads elsewhere',
    topology => {
      const endpoint = pg1(topology)?.privateEndpoints?.['pg1-pe']
      const manual = typeof endpoint?.approval === 'object' && pg1(topology)?.connections?.length === 0
      if (endpoint === undefined || endpoint.privateDns === 'none' || manual) return undefined
      return {
        finds: ['servers/pg1/privateEndpoints/pg1-pe/privateDns aRecord'],
        run: async on => {
          const body = { properties: { ttl: 10, aRecords: [{ ipv4Address: '203.0.113.99' }] } }
          await send(on, { method: 'PUT', path: `${zone}/A/pg1`, version: versions.dns, body })
        }
      }
    },
    false
  ),
  edit(
    'somebody is let in through an endpoint',
    topology =>
      pg1(topology) && {
        finds: ['servers/pg1/privateEndpointConnections/vendor'],
        run: async on => {
          await theirNetwork(on)
          const path = `${group}/providers/Microsoft.Network/privateEndpoints/vendor`
          const connection = { name: 'vendor', properties: { privateLinkServiceId: server('pg1'), groupIds: ['postgresqlServer'] } }
          const properties = { subnet: { id: `${spy}/subnets/theirs` }, privateLinkServiceConnections: [connection] }
          await send(on, { method: 'PUT', path, version: versions.network, body: { location: 'westeurope', properties } })
        }
      },
    false
  )
]

export const someEdits = (among: readonly LiveEdit[] = edits): fc.Arbitrary<readonly LiveEdit[]> =>
  fc.subarray([...among], { maxLength: 5 })

/** Does those that there is something to do to. @returns what has to be found, sorted */
export async function perform(some: readonly LiveEdit[], topology: Topology, on: Estate): Promise<string[]> {
  const finds: string[] = []
  for (const { prepare } of some) {
    const prepared = prepare(topology)
    if (prepared === undefined) continue
    await prepared.run(on)
    finds.push(...prepared.finds)
  }
  return finds.sort()
}
