import { sharedParameters } from '../../kinds/configuration.ts'
import { virtualEndpoint } from '../../kinds/virtualEndpoint.ts'
import type { Server } from '../../model/topology.generated.ts'
import type { CollectionPath } from '../address.ts'
import type { Path } from '../tree.ts'
import { isOurs } from '../walk.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { type At, each, nameOf, ourServersOf, referredTo, serversOf } from './walk.ts'

const overview = 'https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas'

interface Replica extends At<Server> {
  /** Its source, where that is an entry of the file. */
  readonly source: At<Server> | undefined
}

function* replicasOf(ctx: RuleContext): Generator<Replica> {
  for (const server of ourServersOf(ctx)) {
    const at = [...server.path, 'replicaOf']
    if (!ctx.declared(at)) continue
    const path = referredTo(ctx, 'servers', at)
    const key = String(path?.[1])
    const entry = ctx.topology.servers?.[key]
    yield { ...server, source: path && entry && { path, key, entry } }
  }
}

/** Those whose source the file makes as well: what it says of both can be compared. */
function* pairsOf(ctx: RuleContext): Generator<Replica & { readonly source: At<Server> }> {
  for (const replica of replicasOf(ctx)) if (replica.source && isOurs(replica.source.entry)) yield { ...replica, source: replica.source }
}

/** The settings that a replica takes from its source, or cannot have. */
const notOwn = (path: Path): readonly Path[] => [
  [...path, 'version'],
  [...path, 'administrator'],
  [...path, 'databases'],
  [...path, 'highAvailability'],
  [...path, 'backup'],
  [...path, 'authentication', 'entra', 'administrators'],
  [...path, virtualEndpoint.name]
]

const settingsOfSource = each(replicasOf, function* ({ path, key }, ctx) {
  for (const at of notOwn(path).filter(ctx.declared))
    yield {
      path: at,
      aim: 'key',
      summary: `${key} is a read replica and has no ${at.slice(path.length).join('.')} of its own`,
      related: [{ path: [...path, 'replicaOf'], aim: 'key', message: 'its source is here' }]
    }
})

const cascading = each(replicasOf, function* ({ path, key, source }, ctx) {
  if (source === undefined) return
  const at = [...path, 'replicaOf']
  if (source.key === key) yield { path: at, summary: `${key} cannot be a read replica of itself` }
  else if (ctx.declared([...source.path, 'replicaOf']))
    yield {
      path: at,
      summary: `${source.key} is a read replica itself`,
      related: [{ path: [...source.path, 'replicaOf'], aim: 'key', message: 'its source is here' }]
    }
})

const isBurstable = (server: At<Server> | undefined): boolean => server?.entry.compute?.tier === 'Burstable'

const noBurstable = each(replicasOf, function* (replica) {
  for (const one of [replica, replica.source])
    if (one !== undefined && isBurstable(one))
      yield {
        path: [...one.path, 'compute', 'tier'],
        summary: `${one.key} is Burstable, and ${one === replica ? 'no read replica is' : 'has a read replica'}`
      }
})

/** As many as a size says: Standard_D4ds_v5 has four. */
const coresOf = ({ entry }: At<Server>): number => Number(/^[a-z]+_[a-z]+(\d+)/i.exec(entry.compute?.size ?? '')?.[1] ?? Number.NaN)

const notSmaller = each(pairsOf, function* ({ source, ...replica }): Generator<Finding> {
  const both = (setting: readonly string[], summary: string): Finding => ({
    path: [...replica.path, ...setting],
    summary,
    related: [{ path: [...source.path, ...setting], message: `${source.key}, its source` }]
  })
  const [own, its] = [replica.entry, source.entry]
  if ((own.storage?.sizeGiB ?? Infinity) < (its.storage?.sizeGiB ?? 0))
    yield both(['storage', 'sizeGiB'], `the read replica ${replica.key} has less storage than ${source.key}`)
  if (coresOf(replica) < coresOf(source))
    yield both(['compute', 'size'], `the read replica ${replica.key} has fewer vCores than ${source.key}`)
  if (its.storage?.autoGrow === true && own.storage?.autoGrow === false)
    yield both(['storage', 'autoGrow'], `storage of ${source.key} grows by itself, and that of its read replica ${replica.key} does not`)
  for (const name of sharedParameters)
    if (Number(own.parameters?.[name]) < Number(its.parameters?.[name]))
      yield both(['parameters', name], `${name} of the read replica ${replica.key} is below that of ${source.key}`)
})

const replicasMax = 5

function* tooMany(ctx: RuleContext): Generator<Finding> {
  const seen = new Map<string, number>()
  for (const { path, source } of replicasOf(ctx)) {
    if (source === undefined) continue
    const count = (seen.get(source.key) ?? 0) + 1
    seen.set(source.key, count)
    if (count > replicasMax)
      yield { path: [...path, 'replicaOf'], summary: `${source.key} has ${count} read replicas, and may have ${replicasMax}` }
  }
}

const sameMode = each(pairsOf, function* ({ path, key, source }, ctx) {
  const integration = (server: Path) => [...server, 'networking', 'virtualNetwork']
  const [own, its] = [ctx.declared(integration(path)), ctx.declared(integration(source.path))]
  if (own !== its) {
    yield {
      path: [...path, 'networking'],
      aim: 'key',
      summary: `${key} ${own ? 'has' : 'has no'} VNet integration, and its source ${source.key} ${its ? 'has' : 'has none'}`
    }
    return
  }
  if (!own || ctx.place(path).location?.value === ctx.place(source.path).location?.value) return
  const parts: readonly (readonly [collection: CollectionPath, at: Path])[] = [
    ['networks/*/subnets', ['subnet']],
    ['privateDnsZones', ['privateDnsZone']]
  ]
  for (const [collection, part] of parts) {
    const at = [...integration(path), ...part]
    const where = referredTo(ctx, collection, at)?.join('/')
    const there = referredTo(ctx, collection, [...integration(source.path), ...part])?.join('/')
    if (where !== undefined && where === there)
      yield { path: at, summary: `${key} is in another region than its source ${source.key} and needs a ${part.join('')} of its own` }
  }
})

const reached = each(pairsOf, function* ({ path, key, source }, ctx) {
  const at = (server: At<Server>['path']) => [...server, 'networking', 'virtualNetwork', 'subnet']
  const [own, its] = [referredTo(ctx, 'networks/*/subnets', at(path)), referredTo(ctx, 'networks/*/subnets', at(source.path))]
  if (own === undefined || its === undefined || own.join('/') === its.join('/')) return
  yield { path: at(path), summary: `port 5432 has to be open both ways between the subnets of ${key} and of its source ${source.key}` }
})

const readerOfPair = each(serversOf, function* ({ path, key }, ctx) {
  const at = [...path, virtualEndpoint.name, 'reader']
  const reader = referredTo(ctx, 'servers', at)
  if (reader === undefined || String(reader[1]) === key) return
  const entry = ctx.topology.servers?.[String(reader[1])]
  if (entry === undefined || !isOurs(entry)) return
  if (referredTo(ctx, 'servers', [...reader, 'replicaOf'])?.[1] === key || idAt(ctx, [...reader, 'replicaOf'])) return
  yield { path: at, summary: `${nameOf(entry, String(reader[1])) ?? String(reader[1])} is no read replica of ${key}` }
})

/** Whether an id stands there, which nothing here can follow. */
const idAt = (ctx: RuleContext, path: Path): boolean => ctx.declared([...path, 'id'])

export const replicaRules: readonly RuleText[] = [
  {
    id: 'PGL125',
    name: 'replica-own-settings',
    source: `${overview} (Inherited configurations, Unsupported features); of Entra administrators as az refuses them at a replica (inferred)`,
    summary: 'A read replica declares no version, administrator, databases, high availability, backup or virtual endpoint of its own.',
    why: 'It has them from its source, or cannot have them: Azure refuses them.',
    fix: 'write them on its source, or take replicaOf out',
    check: settingsOfSource
  },
  {
    id: 'PGL126',
    name: 'replica-of-replica',
    source: `${overview} (Create cascading read replicas is a preview)`,
    summary: 'The source of a read replica is no read replica, and not itself.',
    why: 'Azure has cascading replicas in preview and in some regions; none of them can be promoted, or have virtual endpoints.',
    fix: 'write the server at the beginning of the chain',
    check: cascading
  },
  {
    id: 'PGL127',
    name: 'replica-tier',
    source: `${overview} (Create a replica)`,
    summary: 'Neither a read replica nor its source is Burstable.',
    why: 'Azure makes read replicas of General Purpose and Memory Optimized servers alone.',
    fix: 'use a size of another tier',
    check: noBurstable
  },
  {
    id: 'PGL128',
    name: 'replica-size',
    source: `${overview} (Server parameters, Scale, Storage autogrow)`,
    summary: 'A read replica has no less storage, vCores or shared memory than its source, and grows by itself where that does.',
    why: 'It runs out of storage or of shared memory while it follows its source, and the replication breaks.',
    fix: 'give the replica as much as its source, or more',
    check: notSmaller
  },
  {
    id: 'PGL129',
    name: 'replica-count',
    source: `${overview} (Create a replica; recorded servers answer replicaCapacity 5)`,
    summary: 'A server has five read replicas at most.',
    why: 'Azure refuses the sixth.',
    fix: 'take one out, or let it follow another server',
    check: tooMany
  },
  {
    id: 'PGL130',
    name: 'replica-network',
    source:
      'https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private (Replication across Azure regions and virtual networks)',
    summary: 'A read replica has VNet integration where its source has, in another region with a subnet and a zone of its own.',
    why: 'The two servers reach each other over the network that they are in.',
    fix: 'give it the connectivity method of its source, with a subnet and a zone in its region',
    check: sameMode
  },
  {
    id: 'PGL131',
    name: 'replica-port',
    severity: 'warning',
    source: `${overview} (Networking)`,
    summary: 'Port 5432 is open both ways between the subnet of a read replica and that of its source.',
    why: 'The replica follows its source over it, and after a promotion the other way round. pglink writes neither peerings nor rules.',
    fix: 'peer the networks, and allow 5432 in the security groups of both subnets; the rule is quiet where one subnet holds both',
    check: reached
  },
  {
    id: 'PGL132',
    name: 'virtual-endpoint-reader',
    source: 'https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-virtual-endpoints',
    summary: 'The reader of a virtual endpoint is the server itself, or a read replica of it.',
    why: 'Azure refuses another server.',
    fix: 'write a server whose replicaOf is this one, or the server itself',
    check: readerOfPair
  }
]
