import type { ManagedVirtualNetworkResource } from '@azure/arm-datafactory'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import { fixed } from './rule.ts'

/** A factory has one or none: there is nothing to say about it but whether it is there. */
interface Props {
  readonly enabled: boolean
}

/** The managed virtual network of a factory, whatever its name; the portal calls it `default`. */
export const managedVirtualNetwork: Kind = defineKind({
  name: 'managedVirtualNetwork',
  title: 'managed virtual network',
  seconds: { create: 2, update: 2, remove: 2 },
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks',
  client: 'dataFactory',
  fallsWithParent: true,

  desired: ({ enabled }: Props): Props => ({ enabled }),
  unwanted: ({ enabled }) => !enabled,
  refs: () => [],
  // There is no DELETE: enabling it is one-way [SDK-ADF, TF-ADF].
  fields: {
    enabled: fixed('A managed virtual network goes only with its factory: write managedVirtualNetwork: true.', { internal: true })
  },

  toArm: (): ManagedVirtualNetworkResource => ({ properties: {} }),
  fromArm: () => ({ enabled: true }),

  read: (client, at) => client.managedVirtualNetworks.get(...at),
  list: (client, under) => client.managedVirtualNetworks.listByFactory(...under),
  put: (client, at, body, call) => client.managedVirtualNetworks.createOrUpdate(...at, body, call),
  // There is no DELETE: enabling it is one-way [SDK-ADF, TF-ADF].
  remove: (_client, [, factory]) =>
    Promise.reject(new Error(`The managed virtual network of ${factory} cannot be deleted: it goes only together with its factory.`)),

  match: (_props, among) => among[0]?.path,
  answersTo: () => true
})
