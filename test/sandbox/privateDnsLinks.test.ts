import { describe, expect, test } from 'vitest'
import { type Json, networks, ours } from './arm.ts'
import { armWithZone, codeOf, ended, link, linkBody, messageOf, namesIn, network, refusalOf, vnet, zone, zones } from './zones.ts'

const links = `${zone}/virtualNetworkLinks`
const other = `${zones}/contoso.org`
const overlapping = (one: string, two: string): string =>
  `A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with '${one}' and '${two}' zones.`

describe('a link', () => {
  test('LINK-01 LINK-02 LINK-03 LINK-19 lower-cases its name, and has a quoted etag and a policy', async () => {
    const { send, done } = await armWithZone()
    const sent = linkBody(vnet, { virtualNetwork: { id: vnet, location: 'eastus2' } })
    expect((await done('PUT', `${links}/MyLink`, sent)).body).toEqual({ status: 'Succeeded' })
    const got = await send('GET', `${links}/MYLINK`)
    expect(got.headers.get('etag')).toBe(got.body['etag'])
    expect(got.body).toEqual({
      id: `${links}/mylink`,
      name: 'mylink',
      type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      etag: expect.stringMatching(/^"[0-9a-f]{8}-0000-0100-0000-[0-9a-f]{8}0000"$/),
      location: 'global',
      properties: {
        provisioningState: 'Succeeded',
        registrationEnabled: false,
        resolutionPolicy: 'Default',
        virtualNetwork: { id: vnet },
        virtualNetworkLinkState: 'Completed'
      }
    })
    expect(namesIn(await send('GET', links))).toEqual(['mylink'])
  })

  test('LINK-03 LINK-04 its policy is of zones of Private Link, of newer versions, and one of two', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody(vnet, { resolutionPolicy: 'NxDomainRedirect' }))
    expect((await send('GET', link)).body['properties']?.['resolutionPolicy']).toBe('NxDomainRedirect')
    expect((await send('GET', link, undefined, '2020-06-01')).body['properties']).not.toHaveProperty('resolutionPolicy')
    await done('PUT', other, { location: 'global' })
    await done('PUT', `${other}/virtualNetworkLinks/hub`, linkBody())
    expect((await send('GET', `${other}/virtualNetworkLinks/hub`)).body['properties']).not.toHaveProperty('resolutionPolicy')
    expect(refusalOf(await send('PUT', link, linkBody(vnet, { resolutionPolicy: 'Never' })))).toEqual([400, 'BadRequest'])
  })

  test('LINK-05 LINK-06 with registration is in progress after it has succeeded', async () => {
    const { send, done, wait } = await armWithZone()
    await done('PUT', link, linkBody(vnet, { registrationEnabled: true }))
    expect((await send('GET', link)).body['properties']).toMatchObject({
      provisioningState: 'Succeeded',
      virtualNetworkLinkState: 'InProgress'
    })
    await wait(60)
    expect((await send('GET', link)).body['properties']?.['virtualNetworkLinkState']).toBe('Completed')
  })

  test('LINK-07 preconditions fail in the operation, each with its own quotes', async () => {
    const client = await armWithZone()
    await client.done('PUT', link, linkBody())
    const again = await client.send('PUT', link, linkBody(), { headers: { 'if-none-match': '*' } })
    expect(await ended(client, again)).toEqual({
      error: {
        code: 'PreconditionFailed',
        message:
          'The Virtual Network link hub for the Private DNS zone privatelink.contoso.net exists already and hence cannot be created again.'
      },
      status: 'Failed'
    })
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const stale = await client.send(method, link, method === 'DELETE' ? undefined : linkBody(), { headers: { 'if-match': 'x' } })
      expect(await ended(client, stale), method).toMatchObject({
        error: {
          code: 'PreconditionFailed',
          message: "The Virtual Network link 'hub' for the Private DNS zone 'privatelink.contoso.net' has been modified (etag mismatch)."
        }
      })
    }
    const { body } = await client.send('GET', link)
    const current = await client.send('DELETE', link, undefined, { headers: { 'if-match': `${body['etag']}` } })
    expect(await ended(client, current)).toEqual({ status: 'Succeeded' })
  })

  test('LINK-08 LINK-09 LINK-10 a network asks a name in one zone, and registers in one', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody(vnet, { registrationEnabled: true }))
    const second = await send('PUT', `${links}/second`, linkBody())
    const name = 'privatelink.contoso.net'
    expect([second.status, second.body]).toEqual([400, { code: 'BadRequest', message: overlapping(name, name) }])
    await done('PUT', other, { location: 'global' })
    const registers = await send('PUT', `${other}/virtualNetworkLinks/hub`, linkBody(vnet, { registrationEnabled: true }))
    expect([codeOf(registers), messageOf(registers)]).toEqual(['BadRequest', expect.stringContaining('registration enabled')])
    expect((await done('PUT', `${other}/virtualNetworkLinks/hub`, linkBody())).body).toEqual({ status: 'Succeeded' })
    const inOther = zone.replace(/resourceGroups\/([^/]+)/, 'resourceGroups/$1-2')
    await send('PUT', inOther.split('/').slice(0, 5).join('/'), { location: 'eastus2' })
    await done('PUT', inOther, { location: 'global' })
    expect(messageOf(await send('PUT', `${inOther}/virtualNetworkLinks/hub`, linkBody()))).toBe(overlapping(name, name))
  })

  test('LINK-11 LINK-12 keeps its network, which must be there', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody())
    expect(refusalOf(await send('PUT', link, linkBody(`${networks}/spoke`)))).toEqual([400, 'BadRequest'])
    const nowhere = await send('PUT', `${links}/nowhere`, linkBody(`${networks}/nosuch`))
    expect([...refusalOf(nowhere), messageOf(nowhere)]).toEqual([
      400,
      'InvalidResourceReference',
      expect.stringContaining(`Resource ${networks}/nosuch referenced by resource ${links}/nowhere was not found.`)
    ])
    expect((await send('PUT', `${links}/empty`, { location: 'global', properties: {} })).status).toBe(400)
  })

  test('LINK-13 goes with its network', async () => {
    const { send, done } = await armWithZone()
    await done('PUT', link, linkBody())
    await done('DELETE', vnet)
    expect((await send('GET', link)).status).toBe(404)
    expect((await done('DELETE', zone)).body).toEqual({ status: 'Succeeded' })
  })

  test('LINK-14 LINK-20 in a zone that is not there', async () => {
    const { send } = await armWithZone()
    const orphan = `${other}/virtualNetworkLinks/hub`
    const read = await send('GET', orphan)
    expect([...refusalOf(read), messageOf(read)]).toEqual([
      404,
      'ResourceNotFound',
      expect.stringContaining("'Microsoft.Network/privateDnsZones/contoso.org/virtualNetworkLinks/hub'")
    ])
    for (const [method, verb] of [
      ['PUT', 'write'],
      ['DELETE', 'delete']
    ] as const) {
      const refused = await send(method, orphan, method === 'PUT' ? linkBody(`${networks}/spoke`) : undefined)
      expect([refused.status, refused.body['error']]).toEqual([
        404,
        {
          code: 'ParentResourceNotFound',
          message: `Failed to perform '${verb}' on resource(s) of type 'privateDnsZones/virtualNetworkLinks', because the parent resource '${other}' could not be found.`
        }
      ])
    }
    expect(refusalOf(await send('GET', `${other}/virtualNetworkLinks`))).toEqual([404, 'ParentResourceNotFound'])
  })

  ours('LINK-15 LINK-16 that has been deleted is still shown for a while', async () => {
    const { send, done, wait } = await armWithZone({ behaviours: { linkGhostMs: 100_000 } })
    await done('PUT', link, linkBody())
    await done('DELETE', link)
    const ghost = await send('GET', link)
    expect([ghost.status, ghost.body['properties']?.['virtualNetwork']]).toEqual([200, { id: vnet }])
    expect([namesIn(await send('GET', links)), (await send('DELETE', link)).status]).toEqual([[], 204])
    await wait(100)
    expect((await send('GET', link)).status).toBe(404)
    expect((await done('PUT', link, linkBody())).body).toEqual({ status: 'Succeeded' })
  })

  ours('LINK-17 to a network made again under its old id can fail', async () => {
    const { send, done, wait } = await armWithZone({ behaviours: { networkIdentityMs: 300_000 } })
    await done('DELETE', vnet)
    await done('PUT', vnet, network)
    expect((await done('PUT', link, linkBody())).body).toEqual({
      error: {
        code: 'Conflict',
        message: `Virtual network resource identity '${vnet}' already in use. This is possible in case the virtual network was moved, or re-created. Please contact support.`
      },
      status: 'Failed'
    })
    expect((await send('GET', link)).status).toBe(404)
    await wait(300)
    expect((await done('PUT', link, linkBody())).body).toEqual({ status: 'Succeeded' })
  })

  ours('LINK-18 with registration there are at most a hundred in a zone', { timeout: 60_000 }, async () => {
    const { send, control } = await armWithZone()
    const names = Array.from({ length: 100 }, (_, at) => `n${at}`)
    const seed: { readonly [id: string]: Json } = Object.fromEntries(
      names.flatMap(name => [
        [`${networks}/${name}`, network],
        [`${links}/${name}`, linkBody(`${networks}/${name}`, { registrationEnabled: true })]
      ])
    )
    await control('POST', 'seed', seed)
    expect(refusalOf(await send('PUT', link, linkBody(vnet, { registrationEnabled: true })))).toEqual([409, 'Conflict'])
    expect((await send('PUT', link, linkBody())).status).toBe(202)
  })
})
