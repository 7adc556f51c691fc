import { integrationRuntime } from '../kinds/integrationRuntime.ts'
import { linkedService } from '../kinds/linkedService.ts'
import type { LinkedServiceProps } from '../kinds/linkedServiceBody.ts'
import { waitsForRole } from '../kinds/linkedServiceSignIn.ts'
import { managedVirtualNetwork } from '../kinds/managedVirtualNetwork.ts'
import type { EndpointProof } from '../model/change.ts'
import { ancestorOfType, nameOf, parentOf, type ResourceId, within } from '../model/id.ts'
import { presentIn, type Resource } from '../model/resource.ts'
import { type Judging, mended, unseenHop } from './ends.ts'
import type { VerifiedHop } from './verify.ts'

interface ServiceProps {
  readonly type?: string
  readonly host?: string
  readonly server?: ResourceId
  readonly integrationRuntime?: string
  readonly uses?: readonly ResourceId[]
}

interface RuntimeProps {
  readonly type?: string
  readonly managedVirtualNetwork?: ResourceId | false
}

const propsOf = <Props>(one: { readonly props: unknown } | undefined): Props => (one?.props ?? {}) as Props

const runtimeOf = ({ props }: Resource): ResourceId | undefined =>
  propsOf<ServiceProps>({ props }).uses?.find(id => ancestorOfType(id, integrationRuntime.type) === id)

/** The linked services that call the server over this endpoint: of its factory, on a runtime that the file has in the managed network. */
function servicesOver({ endpoint, server }: EndpointProof, { desired }: Judging): Resource[] {
  const factory = parentOf(parentOf(endpoint) ?? endpoint)
  return [...desired.values()].filter(one => {
    if (one.kind !== linkedService.name || factory === undefined || !within(one.id, factory)) return false
    const runtime = runtimeOf(one)
    const declared = runtime && desired.get(runtime)
    const isInside = declared === undefined || !declared.managed || Boolean(propsOf<RuntimeProps>(declared).managedVirtualNetwork)
    return propsOf<ServiceProps>(one).server === server && runtime !== undefined && isInside
  })
}

/** The client's side of a managed endpoint: the runtimes in the managed network, and the linked services on them. */
export function clientHops(endpoint: EndpointProof, judging: Judging): VerifiedHop[] {
  const services = servicesOver(endpoint, judging)
  const runtimes = new Set(services.flatMap(one => runtimeOf(one) ?? []))
  return [...[...runtimes].map(id => runtimeHop(id, judging)), ...services.map(one => serviceHop(one, endpoint, judging))]
}

function runtimeHop(id: ResourceId, judging: Judging): VerifiedHop {
  const { desired, live } = judging
  const name = desired.get(id)?.address ?? nameOf(id)
  const found = live.resources.get(id)
  if (found === undefined)
    return {
      hop: 'runtime',
      as: 'unknown',
      message: `whether ${name} runs in the managed network is unknown`,
      why: 'the file has no entry for it'
    }
  const unseen = unseenHop('runtime', found.observed, { name, fix: mended(id, judging, 'makes it') })
  const there = presentIn(live, id)
  if (unseen !== undefined || there === undefined)
    return unseen ?? { hop: 'runtime', as: 'unknown', message: `how ${name} stands is unknown` }
  const { type, managedVirtualNetwork: network } = propsOf<RuntimeProps>(there)
  const again = mended(id, judging, 'makes it again in the managed network')
  if (type !== 'Managed')
    return { hop: 'runtime', as: 'broken', message: `${name} is ${type}, which runs in no managed network`, fix: again }
  if (!network) return { hop: 'runtime', as: 'broken', message: `${name} runs in no managed network`, fix: again }
  const own = managedNetworkOf(id, judging)
  if (own !== undefined && nameOf(own).toLowerCase() !== nameOf(network))
    return {
      hop: 'runtime',
      as: 'broken',
      message: `${name} runs in ${nameOf(network)}, and the managed network is ${nameOf(own)}`,
      fix: again
    }
  const { runtimeState = 'Initial' } = there.facts
  const message = `${name} runs in the managed network`
  if (/^(stopped|offline|accessdenied|needregistration)$/i.test(runtimeState))
    return {
      hop: 'runtime',
      as: 'broken',
      message: `${name} is ${runtimeState}`,
      fix: 'Start it in Data Factory Studio: Manage, Integration runtimes.'
    }
  if (/^(starting|stopping|limited)$/i.test(runtimeState))
    return { hop: 'runtime', as: 'waiting', message: `${name} is ${runtimeState}`, why: 'Azure is still at it' }
  return { hop: 'runtime', as: 'holds', message }
}

/** Where the one managed network of the runtime's factory lies. */
function managedNetworkOf(runtime: ResourceId, { live }: Judging): string | undefined {
  const factory = parentOf(runtime)
  for (const [id, { kind, path, observed }] of live.resources)
    if (kind === managedVirtualNetwork.name && observed.state === 'present' && parentOf(id) === factory) return path
  return undefined
}

function serviceHop(service: Resource, { server }: EndpointProof, judging: Judging): VerifiedHop {
  const { id, address } = service
  const { live } = judging
  const found = live.resources.get(id)
  const unseen = unseenHop(linkedService.name, found?.observed, { name: address, fix: mended(id, judging, 'makes it') })
  const there = presentIn(live, id)
  if (unseen !== undefined || there === undefined)
    return unseen ?? { hop: linkedService.name, as: 'unknown', message: `how ${address} stands is unknown` }
  const fix = mended(id, judging, 'writes it as the file says')
  const have = propsOf<ServiceProps>(there)
  const want = propsOf<ServiceProps>(service)
  const fqdn = presentIn(live, server)?.facts.fqdn ?? want.host ?? ''
  if (have.type !== want.type) return { hop: linkedService.name, as: 'broken', message: `${address} is of the type ${have.type}`, fix }
  if (have.host === undefined)
    return {
      hop: linkedService.name,
      as: 'unknown',
      message: `whether ${address} calls ${fqdn} is unknown`,
      why: 'it keeps its server in a connection string, as version 1.0 of the connector does'
    }
  if (have.host.toLowerCase() !== fqdn.toLowerCase())
    return { hop: linkedService.name, as: 'broken', message: `${address} calls ${have.host}, and not ${fqdn}`, fix }
  const [runs, wanted] = [have.integrationRuntime ?? 'AutoResolveIntegrationRuntime', want.integrationRuntime ?? '']
  if (runs.toLowerCase() !== wanted.toLowerCase())
    return { hop: linkedService.name, as: 'broken', message: `${address} runs on ${runs}, and not on ${wanted}`, fix }
  return { hop: linkedService.name, as: 'holds', message: `${address} calls ${have.host} on ${runs}` }
}

/** Data Factory's own tests of these linked services, for those that ask for one: its best word, and no more than that. */
export function testHops(endpoint: EndpointProof, judging: Judging): VerifiedHop[] {
  return servicesOver(endpoint, judging).flatMap(({ id, address, path, props }): VerifiedHop[] => {
    const test = judging.around.tests.get(id)
    if (test === undefined) return []
    if (test.as === 'connects')
      return [{ hop: 'connectionTest', as: 'holds', message: `Connection successful: Data Factory connects by ${address}` }]
    if (test.as === 'unknown')
      return [
        { hop: 'connectionTest', as: 'unknown', message: `whether Data Factory connects by ${address} is unknown`, why: test.message }
      ]
    const why = waitsForRole(props as LinkedServiceProps, path, test.message)
    if (why !== undefined)
      return [{ hop: 'connectionTest', as: 'waiting', message: `Data Factory does not connect by ${address} yet`, why }]
    const fix = 'Mend the first broken hop before it; where there is none, look at its database, user and password.'
    return [{ hop: 'connectionTest', as: 'broken', message: `Data Factory does not connect by ${address}: ${test.message}`, fix }]
  })
}
