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

  const says = (own: string, onServer: string, resource: string | undefined = origin) =>
    rig(async ({ url }) => {
      const at = new URL(url)
      if (/privateEndpointConnections$/i.test(at.pathname))
        return Response.json({ value: [{ name: 'y', properties: { privateEndpoint: { id: origin }, ...state(onServer) } }] })
      if (at.searchParams.has('page')) return Response.json({ value: [of('to-orders', own, resource)] })
      return Response.json({ value: [of('other', 'Approved', undefined)], nextLink: `https://management.azure.com${at.pathname}?page=2` })
    })

  test.each([
    ['by the endpoint it names', origin],
    ['by its name, before it names any', undefined]
  ])('is found on any page, and its connection %s', async (_how, resource) => {
    const { azure } = says('Approved', 'Approved', resource)
    expect(await proveEndpoint(azure, wanted, ask())).toEqual({ as: 'proven' })
  })

  test.each([
    ['Pending', 'Pending', 'pending'],
    ['Pending', 'Approved', 'pending'],
    ['Approved', 'Rejected', 'broken']
  ])('that is %s, and %s on the server, is %s', async (own, onServer, as) => {
    const { azure } = says(own, onServer)
    expect(await proveEndpoint(azure, wanted, ask())).toMatchObject({ as })
  })
})
