import { afterAll, beforeAll, expect, test } from 'vitest'
import { onPaths, readAround } from '../../src/live/around.ts'
import { readLive } from '../../src/live/read.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { type VerifiedPath, verifiedPaths } from '../../src/proof/verify.ts'
import { estate, resolved } from '../support/estate.ts'
import { shared } from '../support/parts.ts'
import { topologyFrom } from '../support/yaml.ts'
import { converged, file, type Ways } from './breaking.ts'

let ways: Ways
beforeAll(async () => {
  ways = await converged()
}, 60_000)
afterAll(() => ways.remove())

const { names } = file
const topology: Topology = topologyFrom(JSON.stringify(file.topology))

/** A look by a login that may not read what lies at these paths. */
async function lookWithout(
  refused: RegExp,
  of = topology
): Promise<{ readonly paths: readonly VerifiedPath[]; readonly refusals: number }> {
  let refusals = 0
  const on = estate({ state: ways.state() }, { readOnly: true }, (request, sandbox) => {
    if (!refused.test(decodeURI(new URL(request.url).pathname))) return sandbox.handle(request)
    refusals += 1
    return Promise.resolve(Response.json({ error: { code: 'AuthorizationFailed', message: 'no right' } }, { status: 403 }))
  })
  const { endpoints, desired: all, name, subscriptions } = resolved(of)
  const desired = onPaths(all)
  const live = await readLive(on.azure, { desired, baseline: undefined, prune: false, topology: name, subscriptions, endpoints })
  const around = await readAround(on.azure, { desired, endpoints, live })
  return { paths: verifiedPaths({ desired, live, endpoints, around }), refusals }
}

const hopsAs = (paths: readonly VerifiedPath[], ...as: readonly string[]): string[] => [
  ...new Set(paths.flatMap(({ hops }) => hops.flatMap(hop => (as.includes(hop.as) ? [hop.hop] : []))))
]

test('a login that may read all sees each hop', async () => {
  const { paths } = await lookWithout(/^$/)
  expect(hopsAs(paths, 'broken', 'waiting', 'unknown')).toEqual([])
  expect(hopsAs(paths, 'holds').length).toBeGreaterThan(14)
})

test('what the file names by its id is seen as well as an entry', async () => {
  const byId = JSON.stringify(file.topology)
    .replaceAll('"hub/endpoints"', JSON.stringify({ id: `${names['HUB']}/subnets/endpoints` }))
    .replaceAll('"hub/injected"', JSON.stringify({ id: `${names['HUB']}/subnets/injected` }))
    .replaceAll('"zone":"link"', `"zone":${JSON.stringify({ id: names['LINK'] })}`)
    .replaceAll('"privateDnsZone":"ledger"', `"privateDnsZone":${JSON.stringify({ id: names['LEDGER'] })}`)
  const { networks: _networks, privateDnsZones: _zones, ...rest } = JSON.parse(byId) as Record<string, unknown>
  const { paths } = await lookWithout(/^$/, topologyFrom(JSON.stringify(rest)))
  expect(hopsAs(paths, 'broken', 'waiting', 'unknown')).toEqual([])
  expect(hopsAs(paths, 'holds')).toEqual(expect.arrayContaining(['zone', 'link', 'record', 'secondZone', 'dnsServers', 'subnet']))
})

/** The hops that each refusal leaves unseen. */
const refusals: readonly (readonly [what: string, refused: RegExp, unseen: readonly string[]])[] = [
  ['servers', /\/flexibleServers(\/[^/]+)?$/i, ['server', 'publicAccess', 'connection']],
  ['private endpoints', /\/Microsoft\.Network\/privateEndpoints(\/[^/]+)?$/i, ['endpoint', 'connection']],
  ['network interfaces', /\/networkInterfaces/i, []],
  ['networks', /\/virtualNetworks(\/[^/]+)?$/i, ['subnet', 'dnsServers']],
  ['security groups', /\/networkSecurityGroups/i, ['subnet']],
  ['zones', /\/privateDnsZones(\/[^/]+)?$/i, ['zone']],
  ['links', /\/virtualNetworkLinks/i, ['link']],
  ['records', /\/privateDnsZones\/[^/]+\/A(\/|$)/i, ['record', 'orphanRecord']],
  ['zone groups and records', /\/privateDnsZoneGroups|\/privateDnsZones\/[^/]+\/A(\/|$)/i, ['zoneGroup', 'record']],
  ['the test of a connection', /\/testConnectivity$/i, ['connectionTest']],
  ['linked services', /\/linkedservices/i, ['linkedService']],
  ['runtimes', /\/integrationRuntimes/i, ['runtime']],
  ['managed endpoints', /\/managedPrivateEndpoints/i, ['endpoint', 'connection']],
  ['a factory with all in it', /\/factories/i, ['runtime', 'linkedService', 'endpoint']],
  ['subscriptions', /^\/subscriptions$/i, []],
  ['everything', /./, ['server', 'endpoint', 'connection', 'link', 'record', 'runtime', 'subnet', 'zone']]
]

test.each(shared(refusals, 2))('%s that may not be read are ?, with why, and nothing is ✗', async (_, refused, unseen) => {
  const { paths, refusals } = await lookWithout(refused)
  expect(refusals).toBeGreaterThan(0)
  expect(hopsAs(paths, 'broken')).toEqual([])
  expect(hopsAs(paths, 'unknown', 'waiting')).toEqual(expect.arrayContaining([...unseen]))
  const silent = paths.flatMap(({ hops }) =>
    hops.filter(({ as, why, message }) => as === 'unknown' && why === undefined && !/could not be read/.test(message))
  )
  expect(silent).toEqual([])
})
