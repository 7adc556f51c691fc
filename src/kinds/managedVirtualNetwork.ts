import type { ManagedVirtualNetworkResource } from '@azure/arm-datafactory'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'

/** A factory has one or none: there is nothing to say about it but that it is there. */
type Props = Readonly<Record<string, never>>

/** The managed virtual network of a factory, whatever its name; the portal calls it `default`. */
export const managedVirtualNetwork: Kind = defineKind({
  name: 'managedVirtualNetwork',
  title: 'managed virtual network',
  seconds: { create: 2, update: 2, remove: 2 },
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks',
  client: 'dataFactory',
  fallsWithParent: true,

  desired: (_spec: unknown): Props => ({}),
  refs: () => [],
  fields: {},

  toArm: (): ManagedVirtualNetworkResource => ({ properties: {} }),
  fromArm: () => ({}),

  read: (client, at) => client.managedVirtualNetworks.get(...at),
  list: (client, under) => client.managedVirtualNetworks.listByFactory(...under),
  put: (client, at, body, call) => client.managedVirtualNetworks.createOrUpdate(...at, body, call),
  // There is no DELETE: enabling it is one-way [SDK-ADF, TF-ADF].
  remove: (_client, [, factory]) =>
    Promise.reject(new Error(`The managed virtual network of ${factory} cannot be deleted: it goes only together with its factory.`)),

  match: (_props, among) => among[0]?.path,
  answersTo: () => true
})
