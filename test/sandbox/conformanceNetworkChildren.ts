import type { NetworkManagementClient as Client } from '@azure/arm-network'
import { expect } from 'vitest'
import { all, type Table } from './conformance.ts'

/** The operations beneath a network, a security group or a route table, in the estate of `conformanceNetwork.test.ts`. */
const group = 'rg-net'
const named = (items: readonly { readonly name?: string | undefined }[]): (string | undefined)[] => items.map(one => one.name)
const missing = { code: 'ResourceNotFound' } as const
const none = { code: 'NotFound' } as const

const rule = {
  protocol: 'Tcp',
  sourcePortRange: '*',
  destinationPortRange: '5432',
  sourceAddressPrefix: '*',
  destinationAddressPrefix: '*',
  access: 'Allow',
  priority: 100,
  direction: 'Inbound'
}
const route = { addressPrefix: '0.0.0.0/0', nextHopType: 'None' }

const peer = async ({ virtualNetworks, virtualNetworkPeerings }: Client) => {
  const { id = '' } = await virtualNetworks.get(group, 'empty')
  return virtualNetworkPeerings.beginCreateOrUpdateAndWait(group, 'hub', 'to-empty', { remoteVirtualNetwork: { id } })
}
const allow = ({ securityRules }: Client) => securityRules.beginCreateOrUpdateAndWait(group, 'nsg', 'postgres', rule)
const lead = ({ routes }: Client) => routes.beginCreateOrUpdateAndWait(group, 'routes', 'out', route)

export const children: Table<Client> = {
  'virtualNetworks.checkIPAddressAvailability': {
    happy: async ({ virtualNetworks }) =>
      expect(await virtualNetworks.checkIPAddressAvailability(group, 'hub', '10.0.1.4')).toMatchObject({
        available: false,
        availableIPAddresses: ['10.0.1.5', '10.0.1.6', '10.0.1.7', '10.0.1.8', '10.0.1.9']
      }),
    unhappy: ({ virtualNetworks }) => virtualNetworks.checkIPAddressAvailability(group, 'none', '10.0.1.4'),
    ...missing
  },
  'virtualNetworkPeerings.createOrUpdate': {
    happy: async client => expect(await peer(client)).toMatchObject({ peeringState: 'Initiated', allowVirtualNetworkAccess: true }),
    unhappy: ({ virtualNetworkPeerings }) => virtualNetworkPeerings.beginCreateOrUpdateAndWait(group, 'hub', 'to-none', {}),
    code: 'InvalidRequestFormat'
  },
  'virtualNetworkPeerings.get': {
    async happy(client) {
      await peer(client)
      expect(await client.virtualNetworkPeerings.get(group, 'hub', 'to-empty')).toMatchObject({ provisioningState: 'Succeeded' })
    },
    unhappy: ({ virtualNetworkPeerings }) => virtualNetworkPeerings.get(group, 'hub', 'none'),
    ...none
  },
  'virtualNetworkPeerings.list': {
    async happy(client) {
      await peer(client)
      expect(named(await all(client.virtualNetworkPeerings.list(group, 'hub')))).toEqual(['to-empty'])
    },
    unhappy: ({ virtualNetworkPeerings }) => all(virtualNetworkPeerings.list(group, 'none')),
    ...missing
  },
  'virtualNetworkPeerings.delete': {
    async happy(client) {
      await peer(client)
      await client.virtualNetworkPeerings.beginDeleteAndWait(group, 'hub', 'to-empty')
      expect(await all(client.virtualNetworkPeerings.list(group, 'hub'))).toEqual([])
    },
    unhappy: ({ virtualNetworkPeerings }) => virtualNetworkPeerings.beginDeleteAndWait(group, 'none', 'x'),
    ...missing
  },
  'securityRules.createOrUpdate': {
    happy: async client => expect(await allow(client)).toMatchObject({ provisioningState: 'Succeeded', sourcePortRanges: [] }),
    unhappy: ({ securityRules }) => securityRules.beginCreateOrUpdateAndWait(group, 'nsg', 'low', { ...rule, priority: 5000 }),
    code: 'SecurityRuleInvalidPriority'
  },
  'securityRules.get': {
    async happy(client) {
      await allow(client)
      expect(await client.securityRules.get(group, 'nsg', 'postgres')).toMatchObject(rule)
    },
    unhappy: ({ securityRules }) => securityRules.get(group, 'nsg', 'none'),
    ...none
  },
  'securityRules.list': {
    async happy(client) {
      await allow(client)
      expect(named(await all(client.securityRules.list(group, 'nsg')))).toEqual(['postgres'])
    },
    unhappy: ({ securityRules }) => all(securityRules.list(group, 'none')),
    ...missing
  },
  'securityRules.delete': {
    async happy(client) {
      await allow(client)
      await client.securityRules.beginDeleteAndWait(group, 'nsg', 'postgres')
      expect(await all(client.securityRules.list(group, 'nsg'))).toEqual([])
    },
    unhappy: ({ securityRules }) => securityRules.beginDeleteAndWait(group, 'none', 'x'),
    ...missing
  },
  'defaultSecurityRules.get': {
    happy: async ({ defaultSecurityRules }) =>
      expect(await defaultSecurityRules.get(group, 'nsg', 'DenyAllInBound')).toMatchObject({ priority: 65500, access: 'Deny' }),
    unhappy: ({ defaultSecurityRules }) => defaultSecurityRules.get(group, 'nsg', 'none'),
    ...none
  },
  'defaultSecurityRules.list': {
    happy: async ({ defaultSecurityRules }) => expect((await all(defaultSecurityRules.list(group, 'nsg'))).length).toBe(6),
    unhappy: ({ defaultSecurityRules }) => all(defaultSecurityRules.list(group, 'none')),
    ...missing
  },
  'routes.createOrUpdate': {
    happy: async client => expect(await lead(client)).toMatchObject({ provisioningState: 'Succeeded', hasBgpOverride: false }),
    unhappy: ({ routes }) => routes.beginCreateOrUpdateAndWait(group, 'routes', 'out', { nextHopType: 'None' }),
    code: 'InvalidRequestFormat'
  },
  'routes.get': {
    async happy(client) {
      await lead(client)
      expect(await client.routes.get(group, 'routes', 'out')).toMatchObject(route)
    },
    unhappy: ({ routes }) => routes.get(group, 'routes', 'none'),
    ...none
  },
  'routes.list': {
    async happy(client) {
      await lead(client)
      expect(named(await all(client.routes.list(group, 'routes')))).toEqual(['out'])
    },
    unhappy: ({ routes }) => all(routes.list(group, 'none')),
    ...missing
  },
  'routes.delete': {
    async happy(client) {
      await lead(client)
      await client.routes.beginDeleteAndWait(group, 'routes', 'out')
      expect(await all(client.routes.list(group, 'routes'))).toEqual([])
    },
    unhappy: ({ routes }) => routes.beginDeleteAndWait(group, 'none', 'x'),
    ...missing
  }
}
