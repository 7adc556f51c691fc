import type { ManagedVirtualNetworkResource } from '@azure/arm-datafactory'
import type { DataFactory } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import type { Kind } from './kind.ts'
import { fixed } from './rule.ts'

/** A factory has one or none: there is nothing to say about it but whether it is there. */
interface Props {
  readonly enabled: boolean
}

const isNeeded = (asked: boolean | undefined, { managedPrivateEndpoints = {} }: DataFactory): boolean =>
  asked === true || Object.keys(managedPrivateEndpoints).length > 0

/** The managed virtual network of a factory, whatever its name; the portal calls it `default`. */
export const managedVirtualNetwork: Kind = defineKind({
  name: 'managedVirtualNetwork',
  title: 'managed virtual network',
  duty: 'data',
  seconds: { create: 2, update: 2, remove: 2 },
  oneWriteAtATime: false,
  drawn: 'on its parent',
  // Azure has no DELETE for it [SDK-ADF, TF-ADF].
  neverDeleted: 'a managed virtual network goes only with its factory. Azure has no way to turn it off.',
  type: 'Microsoft.DataFactory/factories/managedVirtualNetworks',
  inFile: {
    at: 'dataFactories/*/managedVirtualNetwork',
    isNeverReferred: true,
    // The one name the portal, Terraform and the documents use for it [TF-ADF].
    usualName: 'default',
    // In a factory that is not ours it is there, or the owner of the factory turns it on.
    sharesOwner: true,
    emptiest: () => true,
    // Asked for, or asked not to be: one that the file is silent on is as Azure has it.
    isMeant: (asked: boolean | undefined, { entry, managed }: Written<DataFactory>) =>
      isNeeded(asked, entry) || (managed && asked === false),
    spec: ({ entry, above }: Written<boolean | undefined, DataFactory>) => ({ enabled: isNeeded(entry, above.entry) })
  },
  client: 'factories',
  fallsWithParent: true,

  desired: ({ enabled }: Props): Props => ({ enabled }),
  unwanted: ({ enabled }) => !enabled,
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
  answersTo: () => true,

  authored: { instead: ['enabled'], entry: () => ({ says: true }) }
})
