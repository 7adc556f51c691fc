import { configuration, sharedParameters } from '../../kinds/configuration.ts'
import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { replicationState } from '../../kinds/server/replication.ts'
import { virtualEndpoint } from '../../kinds/virtualEndpoint.ts'
import { nameOf, type ResourceId } from '../../model/id.ts'
import { type Present, present, presentIn, type Resource } from '../../model/resource.ts'
import { type Asked, found, needsIn } from './asked.ts'

interface Server {
  readonly computeSize?: string
  readonly storageGiB?: number
  readonly highAvailability?: string
  readonly geoRedundantBackup?: boolean
}

/**
 * The conditions of Azure for a promotion [learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote]. One that is
 * forced goes past all of this: then it is a danger.
 */
export async function checkPromotions(asked: Asked): Promise<void> {
  for (const { resource, old } of needsIn(asked, 'promotion')) {
    const source = old?.facts.source
    if (old === undefined || source === undefined) continue
    const verb = asked.calls?.get(resource.id) ?? ''
    if (verb.endsWith('Forced'))
      asked.answers.dangers.push({
        address: resource.address,
        message: 'its promotion is forced: data that it has not received yet is lost'
      })
    const tell = (message: string): void => {
      if (verb.endsWith('Forced')) asked.answers.dangers.push({ address: resource.address, message })
      else found(asked, resource, { rule: 'PGL139', exit: 6, message })
    }
    const there = presentIn(asked.live, source) ?? present((await observed(source, asked))?.observed)
    await checkState(resource, source, tell, asked)
    if (!verb.startsWith('switchover')) continue
    if (there === undefined) {
      asked.answers.unknown.push({
        address: resource.address,
        message: `its source ${source} could not be read, which it is to take the place of`
      })
      continue
    }
    checkSymmetry(old, there, source, tell)
    await checkParameters(resource, source, tell, asked)
    await checkReader(resource, source, tell, asked)
    tellLosses(resource, there, source, asked)
  }
}

type Tell = (message: string) => void

async function observed(path: string, { looks }: Asked) {
  const seen = await looks.by(`observe ${path}`, azure => flexibleServer.observe(azure, path))
  return seen.as === 'seen' ? seen.value : undefined
}

async function checkState(resource: Resource, source: ResourceId, tell: Tell, { looks, answers }: Asked): Promise<void> {
  const seen = await looks.by(`replication of ${resource.id}`, azure => replicationState(azure, source, resource.id))
  const cannot = 'whether its replication is Active could not be read'
  if (seen.as !== 'seen')
    answers.unknown.push({ address: resource.address, message: seen.as === 'absent' ? cannot : `${cannot}: ${seen.reason}` })
  else if (seen.value !== 'Active')
    tell(`its replication is ${seen.value ?? 'not shown'}, and Azure promotes one that is Active. Wait until it has caught up.`)
}

function checkSymmetry(own: Pick<Present, 'props'>, there: Present, source: ResourceId, tell: Tell): void {
  const [replica, primary] = [own.props as Server, there.props as Server]
  if (replica.computeSize?.toLowerCase() !== primary.computeSize?.toLowerCase())
    tell(
      `its size is ${replica.computeSize}, and that of ${nameOf(source)} is ${primary.computeSize}: both have to be the same. Change one first.`
    )
  if (replica.storageGiB !== primary.storageGiB)
    tell(
      `its storage is ${replica.storageGiB} GiB, and that of ${nameOf(source)} is ${primary.storageGiB} GiB: both have to be the same. Grow one first.`
    )
  if (!/^ready$/i.test(there.facts.state ?? '')) tell(`${nameOf(source)} is ${there.facts.state}, and both have to be Ready.`)
}

async function checkParameters(resource: Resource, source: ResourceId, tell: Tell, { looks, answers }: Asked): Promise<void> {
  const valuesOf = (server: ResourceId) =>
    looks.by(`shared memory of ${server}`, async azure => {
      const all = await configuration.list(azure, server)
      return new Map(all.map(({ path, observed: one }) => [nameOf(path).toLowerCase(), (present(one)?.props as { value?: string })?.value]))
    })
  const [own, its] = await Promise.all([valuesOf(resource.id), valuesOf(source)])
  if (own.as !== 'seen' || its.as !== 'seen') {
    answers.unknown.push({ address: resource.address, message: 'whether it shares out memory as its source does could not be read' })
    return
  }
  for (const name of sharedParameters)
    if (own.value.get(name) !== its.value.get(name))
      tell(
        `its ${name} is ${own.value.get(name)}, and that of ${nameOf(source)} is ${its.value.get(name)}: both have to be the same. Change one first.`
      )
}

async function checkReader(resource: Resource, source: ResourceId, tell: Tell, { looks, answers }: Asked): Promise<void> {
  const seen = await looks.by(`virtual endpoints of ${source}`, azure => virtualEndpoint.list(azure, source))
  if (seen.as !== 'seen') {
    answers.unknown.push({ address: resource.address, message: 'the virtual endpoint of its source could not be read' })
    return
  }
  const readers = seen.value.map(({ observed: one }) => (present(one)?.props as { reader?: string })?.reader?.toLowerCase())
  if (readers.includes(nameOf(resource.id))) return
  const has = readers.length === 0 ? 'has no virtual endpoint' : `has a virtual endpoint that is read through ${readers.join(', ')}`
  tell(
    `Azure lets a replica take the place of its source only while the reader of a virtual endpoint leads to it, and ${nameOf(source)} ${has}. Write it, and apply that with the roles as they are.`
  )
}

function tellLosses(resource: Resource, there: Present, source: ResourceId, { answers }: Asked): void {
  const { highAvailability = 'Disabled', geoRedundantBackup } = there.props as Server
  const lose = (message: string): void => void answers.dangers.push({ address: resource.address, message })
  if (!/^disabled$/i.test(highAvailability))
    lose(
      `the promotion ends the high availability of ${nameOf(source)} (${highAvailability}): a replica has none, and the new primary has none before it is turned on`
    )
  if (geoRedundantBackup)
    lose(
      `${nameOf(source)} is backed up to another region, and the server that takes its place is not: that is chosen when a server is made`
    )
}
