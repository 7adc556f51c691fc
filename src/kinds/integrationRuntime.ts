import type {
  DataFactoryManagementClient,
  IntegrationRuntimeDataFlowProperties,
  IntegrationRuntimeResource,
  ManagedIntegrationRuntime
} from '@azure/arm-datafactory'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId, resourceId } from '../model/id.ts'
import type { IntegrationRuntime } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { enableInteractiveAuthoring, offered } from './interactiveAuthoring.ts'
import { type Context, type Kind, location } from './kind.ts'
import { factoryName } from './names.ts'
import { replace, sameText, update } from './rule.ts'
import { only, type Setting } from './setting.ts'

interface Props {
  readonly type: string
  /** The managed network it runs in; `false` for one that runs in none. */
  readonly managedVirtualNetwork: ResourceId | false | undefined
  readonly location: string | undefined
  readonly computeType: string | undefined
  readonly coreCount: number | undefined
  /** Minutes. */
  readonly timeToLive: number | undefined
  readonly interactiveAuthoringMinutes?: number | undefined
}

/** The usual name of a factory's managed network. */
const usualNetwork = 'default'

const networkIn = (runtime: string, name: string): ResourceId =>
  resourceId(`${parentOf(resourceId(runtime)) ?? ''}/managedVirtualNetworks/${name}`)

function toArm({ type, managedVirtualNetwork, location: where, computeType, coreCount, timeToLive }: Props): IntegrationRuntimeResource {
  if (type !== 'Managed') return { properties: { type: 'SelfHosted' } }
  const dataFlow: IntegrationRuntimeDataFlowProperties = given({ computeType, coreCount, timeToLive })
  const properties: ManagedIntegrationRuntime = given({
    type: 'Managed',
    computeProperties: given({
      // Azure's own spelling of the word; locations are compared in lower case.
      location: where === undefined || where === 'autoresolve' ? 'AutoResolve' : where,
      dataFlowProperties: Object.keys(dataFlow).length > 0 ? dataFlow : undefined
    }),
    managedVirtualNetwork: managedVirtualNetwork
      ? { type: 'ManagedVirtualNetworkReference', referenceName: nameOf(managedVirtualNetwork) }
      : undefined
  })
  return { properties }
}

function fromArm({ id = '', properties }: IntegrationRuntimeResource): Props {
  const { managedVirtualNetwork: network, computeProperties } = properties as ManagedIntegrationRuntime
  const dataFlow = computeProperties?.dataFlowProperties
  const managed = properties.type === 'Managed'
  return {
    type: properties.type,
    managedVirtualNetwork: network ? networkIn(id, network.referenceName) : managed ? false : undefined,
    location: managed ? location(computeProperties?.location ?? 'AutoResolve') : undefined,
    computeType: dataFlow?.computeType,
    coreCount: dataFlow?.coreCount,
    timeToLive: dataFlow?.timeToLive
  }
}

const inNetwork: Setting = {
  path: ['managedVirtualNetwork'],
  writes: live => [{ path: ['managedVirtualNetwork'], value: live === undefined ? undefined : true }]
}

/** An integration runtime: Azure's, in the managed network or not, or a self-hosted one. */
export const integrationRuntime: Kind = defineKind({
  name: 'integrationRuntime',
  title: 'integration runtime',
  duty: 'data',
  seconds: { create: 2, update: 2, remove: 2 },
  oneWriteAtATime: false,
  alsoReads: ['Microsoft.DataFactory/factories/integrationruntimes/getstatus/read'],
  drawn: { shape: 'component', icon: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.7 5.6v4.8L10.6 8z' },
  type: 'Microsoft.DataFactory/factories/integrationRuntimes',
  inFile: { at: 'dataFactories/*/integrationRuntimes/*', names: factoryName },
  client: 'factories',
  verbRights: { enableInteractiveAuthoring: 'Microsoft.DataFactory/factories/integrationruntimes/enableInteractiveQuery/action' },
  carriesMarkers: { rank: 7, onlyOurs: true },
  publishedFromGit: true,
  fallsWithParent: true,
  path: { part: 'client' },

  desired(spec: IntegrationRuntime, ctx: Context): Props {
    const azure = 'type' in spec && spec.type === 'Azure' ? spec : undefined
    const inNetwork = azure?.managedVirtualNetwork
    return {
      type: azure ? 'Managed' : 'SelfHosted',
      managedVirtualNetwork: inNetwork === true ? networkIn(ctx.path, usualNetwork) : inNetwork,
      location: azure?.location === undefined ? undefined : location(azure.location),
      computeType: azure?.dataFlow?.computeType,
      coreCount: azure?.dataFlow?.coreCount,
      timeToLive: azure?.dataFlow?.timeToLiveMinutes,
      interactiveAuthoringMinutes: azure?.interactiveAuthoringMinutes
    }
  },
  refs: ({ managedVirtualNetwork }) => (managedVirtualNetwork ? [managedVirtualNetwork] : []),
  fields: {
    type: replace({ at: only(['type'], 'a runtime of another type has other settings: write it by hand'), equal: sameText }),
    // Only whether it is in the network matters, and not what that is called.
    managedVirtualNetwork: replace({ at: inNetwork, usual: false, equal: (live, desired) => Boolean(live) === Boolean(desired) }),
    location: update({ at: 'location', usual: 'autoresolve' }),
    computeType: update({ at: 'dataFlow/computeType', equal: sameText }),
    coreCount: update({ at: 'dataFlow/coreCount' }),
    timeToLive: update({ at: 'dataFlow/timeToLiveMinutes' }),
    // Only said when authoring is turned on.
    interactiveAuthoringMinutes: update({ equal: () => true })
  },

  toArm,
  fromArm,
  facts: ({ properties }) => given({ runtimeState: (properties as { readonly state?: string }).state }),

  read: (client, at) => client.integrationRuntimes.get(...at),
  list: (client, under) => client.integrationRuntimes.listByFactory(...under),
  put: async (client, at, body, call) => client.integrationRuntimes.createOrUpdate(...at, await inItsNetwork(client, at, body), call),
  remove: (client, at, call) => client.integrationRuntimes.delete(...at, call),

  verbs: {
    enableInteractiveAuthoring: (_client, [, , name], { interactiveAuthoringMinutes }, io) =>
      offered(`Data Factory does not offer interactive authoring on ${name}`, () =>
        enableInteractiveAuthoring(io, interactiveAuthoringMinutes)
      )
  },

  authored: {
    instead: ['type'],
    entry({ type }, { properties }) {
      if (type !== 'Managed')
        return sameText(type, 'SelfHosted') ? { says: { type: 'SelfHosted' } } : { cannot: `it is of the type ${type}` }
      const isSsis = (properties as ManagedIntegrationRuntime).ssisProperties !== undefined
      return isSsis ? { cannot: 'it runs SSIS packages' } : { says: { type: 'Azure' } }
    }
  }
})

/** The reference is by name, and the factory's managed network may have been given another than the usual one. */
async function inItsNetwork(
  client: DataFactoryManagementClient,
  [group, factory]: readonly [string, string, string],
  body: IntegrationRuntimeResource
): Promise<IntegrationRuntimeResource> {
  const properties = body.properties as ManagedIntegrationRuntime
  if (properties.managedVirtualNetwork === undefined) return body
  for await (const { name } of client.managedVirtualNetworks.listByFactory(group, factory)) {
    if (name === undefined) continue
    const referenced: ManagedIntegrationRuntime = {
      ...properties,
      managedVirtualNetwork: { ...properties.managedVirtualNetwork, referenceName: name }
    }
    return { ...body, properties: referenced }
  }
  return body
}
