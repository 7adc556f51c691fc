import { describe, expect, test } from 'vitest'
import { resourceId } from '../../src/model/id.ts'
import { proveEndpoint } from '../../src/proof/endpoint.ts'
import { rig } from '../azure/rig.ts'
import { ask, managed, proof, state } from './world.ts'

describe('a managed endpoint', () => {
  const origin =
    '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/m/providers/Microsoft.Network/privateEndpoints/adf.to-orders'
  const of = (name: string, status: string, resource: string | undefined) => ({
    name,
    properties: { connectionState: { status }, ...(resource !== undefined && { resourceId: resource }) }
  })
  const wanted = proof({
    managed: true,
    path: managed,
    endpoint: resourceId(managed),
    address: 'dataFactories/adf/managedPrivateEndpoints/to-orders'
  })

  const says = (own: string, onServer: string, resource?: string) =>
    rig(async ({ url }) => {
      const at = new URL(url)
      if (/privateEndpointConnections$/i.test(at.pathname))
        return Response.json({ value: [{ name: 'y', properties: { privateEndpoint: { id: origin }, ...state(onServer) } }] })
      if (at.searchParams.has('page')) return Response.json({ value: [of('to-orders', own, resource)] })
      return Response.json({ value: [of('other', 'Approved', undefined)], nextLink: `https://management.azure.com${at.pathname}?page=2` })
    })

  test('is found on any page, and its connection by the endpoint that it names', async () => {
    expect(await proveEndpoint(says('Approved', 'Approved', origin).azure, wanted, ask())).toEqual({ as: 'proven' })
  })

  test('that names no endpoint has no connection, also where one has the name that Microsoft would give it', async () => {
    const proven = await proveEndpoint(says('Approved', 'Approved').azure, wanted, ask())
    expect(proven).toMatchObject({ as: 'pending', reason: expect.stringContaining('does not tell which connection') })
  })

  test.each([
    ['Pending', 'Pending', 'pending'],
    ['Pending', 'Approved', 'pending'],
    ['Approved', 'Rejected', 'broken']
  ])('that is %s, and %s on the server, is %s', async (own, onServer, as) => {
    const { azure } = says(own, onServer, origin)
    expect(await proveEndpoint(azure, wanted, ask())).toMatchObject({ as })
  })
})
