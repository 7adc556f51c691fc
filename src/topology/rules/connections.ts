import type { Server } from '../../model/topology.generated.ts'
import type { Target } from '../address.ts'
import type { Path } from '../tree.ts'
import { identify } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { type At, entriesOf, factoriesOf, itemsOf, referredTo, repeated, serversOf } from './walk.ts'

interface Decision {
  readonly server: At<Server>
  readonly path: Path
  readonly from: Target | undefined
}

function* decisions(ctx: RuleContext): Generator<Decision> {
  for (const server of serversOf(ctx))
    for (const item of itemsOf(ctx, [...server.path, 'connections'])) {
      const path = [...item, 'from']
      yield { server, path, from: sourceAt(ctx, path) }
    }
}

function sourceAt(ctx: RuleContext, path: Path): Target | undefined {
  const factory = ctx.text([...path, 'factory'])
  const endpoint = ctx.text([...path, 'managedPrivateEndpoint'])
  if (factory !== undefined && endpoint !== undefined)
    return { kind: 'id', id: `${factory}/managedVirtualNetworks/default/managedPrivateEndpoints/${endpoint}` }
  return ctx.target('servers/*/privateEndpoints', path) ?? ctx.target('dataFactories/*/managedPrivateEndpoints', path)
}

function* decidedTwice(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  const keyOf = ({ server, from }: Decision) => from && `${server.key} ${identity(from)}`
  for (const [{ server, path }, other] of repeated(decisions(ctx), keyOf))
    yield {
      path,
      summary: `the connection of this endpoint to server ${server.key} is decided twice`,
      related: [{ path: other.path, message: 'the other decision' }]
    }
}

function* endpointOfAnother(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  for (const { server, path, from } of decisions(ctx)) {
    if (from?.kind !== 'entry') continue
    const isManaged = from.path[0] === 'dataFactories'
    const resource = [...from.path, 'resource']
    if (isManaged && ctx.declared(resource)) {
      const related = [{ path: resource, aim: 'key' as const, message: 'the endpoint' }]
      yield { path, summary: `the endpoint does not lead to server ${server.key}: there is no connection to decide on`, related }
    }
    const reached = isManaged ? ctx.target('servers', [...from.path, 'server']) : ({ kind: 'entry', path: from.path.slice(0, 2) } as const)
    const leadsTo = identity(reached)
    if (leadsTo === undefined || leadsTo === identity({ kind: 'entry', path: server.path })) continue
    const place = isManaged ? { path: [...from.path, 'server'] } : { path: from.path, aim: 'key' as const }
    yield {
      path,
      summary: `the endpoint does not lead to server ${server.key}: there is no connection to decide on`,
      related: [{ ...place, message: 'the endpoint' }]
    }
  }
}

function* repeatedManagedEndpoint(ctx: RuleContext): Generator<Finding> {
  const identity = identify(ctx)
  for (const factory of factoriesOf(ctx)) {
    const endpoints = [...entriesOf(factory.entry.managedPrivateEndpoints, [...factory.path, 'managedPrivateEndpoints'])]
    const ends = endpoints.map(({ path }) => {
      const resource = [...path, 'resource', 'id']
      return ctx.declared(resource) ? { at: resource, to: 'resource' } : { at: [...path, 'server'], to: 'server' }
    })
    const endOf = ({ at, to }: (typeof ends)[number]): string | undefined =>
      to === 'server' ? identity(ctx.target('servers', at)) : `${ctx.text(at)} ${ctx.text([...at.slice(0, -1), 'groupId'])}`.toLowerCase()
    for (const [{ at, to }, other] of repeated(ends, endOf))
      yield {
        path: at,
        summary: `factory ${factory.key} has a managed private endpoint to this ${to} already`,
        related: [{ path: other.at, message: 'the other endpoint' }]
      }
  }
}

function* passwordStore(ctx: RuleContext): Generator<Finding> {
  for (const factory of factoriesOf(ctx)) {
    for (const { path } of entriesOf(factory.entry.linkedServices, [...factory.path, 'linkedServices'])) {
      const at = [...path, 'password', 'keyVault', 'linkedService']
      const store = referredTo(ctx, 'dataFactories/{this}/linkedServices', at)
      const type = store && ctx.text([...store, 'type'])
      // Another type than these two is refused where it stands, and may be a misspelt AzureKeyVault.
      if (!store || type !== 'AzurePostgreSql') continue
      yield {
        path: at,
        summary: `the password cannot come from ${ctx.text(at)}: that is a linked service of the type ${type}`,
        related: [{ path: [...store, 'type'], message: 'its type' }]
      }
    }
  }
}

const approval = 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint'

export const connectionRules: readonly RuleText[] = [
  {
    id: 'PGL054',
    name: 'decided-twice',
    source: `${approval} (Private endpoint connections: one connection for each endpoint, with one state)`,
    summary: 'The connection of an endpoint to a server is decided once.',
    why: 'It has one state. The last of two decisions would hold, and a rejected connection cannot be approved again.',
    fix: 'keep one of the two decisions',
    check: decidedTwice
  },
  {
    id: 'PGL055',
    name: 'endpoint-of-another-server',
    source: `${approval} (Private endpoint connections are those of the private link resource)`,
    summary: 'A decision stands on the server that the endpoint leads to.',
    why: 'The connection is a part of that server. On another there is nothing to decide, and the endpoint would stay pending.',
    fix: 'move the decision to connections: of the server the endpoint leads to',
    check: endpointOfAnother
  },
  {
    id: 'PGL056',
    name: 'repeated-managed-endpoint',
    source: 'https://github.com/Azure/Azure-DataFactory/issues/250',
    summary: 'A data factory has one managed private endpoint to a server.',
    why: 'Data Factory refuses the second one: a managed private endpoint to the data source already exists.',
    fix: 'keep one of the two',
    check: repeatedManagedEndpoint
  },
  {
    id: 'PGL057',
    name: 'password-store',
    source: 'https://learn.microsoft.com/azure/data-factory/store-credentials-in-key-vault (Reference secret stored in key vault)',
    summary: 'A password from a key vault comes through a linked service of the type AzureKeyVault.',
    why: 'Data Factory gets secrets through no other.',
    fix: 'name a linked service with type: AzureKeyVault',
    check: passwordStore
  }
]
