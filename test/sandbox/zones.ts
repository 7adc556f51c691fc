import { expect } from 'vitest'
import { type Arm, armWithGroup, type Beginning, type Body, group, type Json, networks, type Reply } from './arm.ts'

/** Private DNS, for the tests of it. */
export const zones = `${group}/providers/Microsoft.Network/privateDnsZones`
export const zone = `${zones}/privatelink.contoso.net`
export const link = `${zone}/virtualNetworkLinks/hub`
export const record = `${zone}/A/web`
export const vnet = `${networks}/hub`
/** A body, of which a test can take the members apart. */
type Members = { readonly [key: string]: Json }

export const address = (ipv4Address: string, ttl = 60): Json => ({ properties: { ttl, aRecords: [{ ipv4Address }] } })

export const network: Members = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }

export const linkBody = (of = vnet, properties: Members = {}): Members => ({
  location: 'global',
  properties: { virtualNetwork: { id: of }, registrationEnabled: false, ...properties }
})

/** With or without an envelope around it. */
export const codeOf = ({ body }: Reply): unknown => body?.['error']?.['code'] ?? body?.['code']
export const messageOf = ({ body }: Reply): unknown => body?.['error']?.['message'] ?? body?.['message']
export const refusalOf = (reply: Reply): unknown[] => [reply.status, codeOf(reply)]

export const namesIn = ({ body }: Reply): string[] => (body['value'] as unknown as { readonly name: string }[]).map(one => one.name)

/** A group with two networks and a zone of Private Link. */
export async function armWithZone(beginning: Beginning = {}): Promise<Arm> {
  const client = await armWithGroup(beginning)
  for (const name of ['hub', 'spoke']) await client.done('PUT', `${networks}/${name}`, network)
  await client.done('PUT', zone, { location: 'global' })
  return client
}

/** The end of an accepted write of Private DNS. */
export async function ended({ send, wait }: Arm, accepted: Reply): Promise<Body> {
  expect(accepted.status).toBe(202)
  await wait(60)
  return (await send('GET', accepted.headers.get('azure-asyncoperation') ?? '')).body
}
