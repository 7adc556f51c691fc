import type { DataFactory, Reference } from '../model/topology.generated.ts'
import { type Declared, entriesOf, type Place, topEntry } from './declared.ts'
import { child, withLocks } from './walkNetwork.ts'

/** The one name the portal, Terraform and the documents use for it [TF-ADF]. */
const managedNetworkName = 'default'

export function walkFactory(key: string, factory: DataFactory, top: Place): Declared[] {
  const hasNetwork = factory.managedVirtualNetwork === true || entriesOf(factory.managedPrivateEndpoints).length > 0
  const own = topEntry('dataFactory', 'Microsoft.DataFactory/factories', ['dataFactories', key], factory, top)
  const network: Declared = {
    kind: 'managedVirtualNetwork',
    address: `${own.address}/managedVirtualNetwork`,
    path: `${own.path}/managedVirtualNetworks/${managedNetworkName}`,
    name: managedNetworkName,
    place: own.place,
    // Beneath somebody else's factory it is there, or its owner turns it on.
    managed: own.managed,
    at: [...own.at, 'managedVirtualNetwork'],
    settings: {},
    spec: () => ({ enabled: hasNetwork })
  }
  const runtimes = entriesOf(factory.integrationRuntimes).flatMap(([name, runtime]) =>
    withLocks(
      child(own, ['integrationRuntimes'], 'integrationRuntimes', {
        kind: 'integrationRuntime',
        key: name,
        entry: runtime,
        spec: () => runtime
      }),
      runtime.locks
    )
  )
  const endpoints = entriesOf(factory.managedPrivateEndpoints).flatMap(([name, endpoint]) => {
    const made = child(own, ['managedPrivateEndpoints'], `managedVirtualNetworks/${managedNetworkName}/managedPrivateEndpoints`, {
      kind: 'managedPrivateEndpoint',
      key: name,
      entry: endpoint,
      spec: ctx => ({ server: endpoint.server === undefined ? ctx.id : ctx.ref('flexibleServer', endpoint.server as Reference) })
    })
    return withLocks(made, endpoint.locks)
  })
  const services = entriesOf(factory.linkedServices).flatMap(([name, service]) =>
    withLocks(
      child(own, ['linkedServices'], 'linkedservices', { kind: 'linkedService', key: name, entry: service, spec: () => service }),
      service.locks
    )
  )
  // Asked for, or asked not to be: what the file does not say is nobody's business.
  const saysIt = hasNetwork || (own.managed && factory.managedVirtualNetwork === false)
  return [...withLocks(own, factory.locks), ...(saysIt ? [network] : []), ...runtimes, ...endpoints, ...services]
}
