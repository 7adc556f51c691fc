import { kindOf } from '../../kinds/index.ts'
import { replicasOf } from '../../kinds/server/replication.ts'
import { type ResourceId, resourceId } from '../../model/id.ts'
import { presentIn } from '../../model/resource.ts'
import { type Asked, found, needsIn, type Wanting } from './asked.ts'
import type { Seen } from './looks.ts'

/** Refuses what a replica cannot have, and the replicas that a server cannot have. */
export async function checkReplicas(asked: Asked): Promise<void> {
  checkOwn(asked)
  const made = new Map<ResourceId, Wanting<'source'>[]>()
  for (const one of needsIn(asked, 'source')) made.set(one.need.source, [...(made.get(one.need.source) ?? []), one])
  for (const [source, wanting] of made) {
    for (const one of wanting) checkSource(one, asked)
    await checkCapacity(source, wanting, asked)
  }
  for (const one of needsIn(asked, 'unfollowed')) await checkUnfollowed(one, asked)
}

/** Refuses children that only a server of its own can have. A replica's own read has said that it is one. */
function checkOwn(asked: Asked): void {
  for (const { resource, need } of needsIn(asked, 'primary')) {
    // One that this plan promotes is a server of its own by then.
    if (presentIn(asked.live, need.server)?.facts.replica !== true || asked.calls?.has(need.server)) continue
    found(asked, resource, {
      rule: 'PGL084',
      exit: 6,
      field: need.field,
      message: `${need.field ?? `the ${kindOf(resource).title}`} cannot be written: ${asked.desired.get(need.server)?.address ?? need.server} is a read replica, which takes what it holds from the server it follows and has no high availability of its own. Take it out of the file, or promote the replica first.`
    })
  }
}

interface Size {
  readonly computeTier?: string
  readonly storageGiB?: number
}

const nameIn = (id: ResourceId, { desired }: Asked): string => desired.get(id)?.address ?? id

/** Against the source as Azure has it: rules look at what the file says of it. */
function checkSource({ resource, need: { source } }: Wanting<'source'>, asked: Asked): void {
  const there = presentIn(asked.live, source)
  if (there === undefined) return
  const name = nameIn(source, asked)
  const refuse = (field: string, message: string): void => found(asked, resource, { rule: 'PGL136', exit: 6, field, message })
  const [has, wants] = [there.props as Size, resource.props as Size]
  if (there.facts.replica)
    refuse('source', `${name} is a read replica itself, and pglink makes none of a replica. Write the server that it follows.`)
  if (/^burstable$/i.test(has.computeTier ?? ''))
    refuse('source', `${name} is Burstable, and Azure makes no read replica of such a server. Give it a size of another tier first.`)
  if (wants.storageGiB !== undefined && has.storageGiB !== undefined && wants.storageGiB < has.storageGiB)
    refuse(
      'storageGiB',
      `a replica has no less storage than its source, and ${name} has ${has.storageGiB} GiB. Write sizeGiB: ${has.storageGiB} or more.`
    )
}

async function checkCapacity(source: ResourceId, wanting: readonly Wanting<'source'>[], asked: Asked): Promise<void> {
  const there = presentIn(asked.live, source)
  const [first] = wanting
  if (there === undefined || first === undefined) return
  const seen = await replicasAt(source, asked)
  if (seen.as === 'unreadable')
    unknown(first.resource.address, `how many read replicas ${nameIn(source, asked)} has could not be read: ${seen.reason}`, asked)
  if (seen.as !== 'seen') return
  const capacity = there.facts.replicaCapacity ?? usualCapacity
  const stay = staying(seen.value, asked).length
  if (stay + wanting.length <= capacity) return
  const message = `${nameIn(source, asked)} may have ${capacity} read replicas: ${stay} are there and stay, and the plan makes ${wanting.length}. Take some out of the file.`
  for (const { resource } of wanting) found(asked, resource, { rule: 'PGL137', exit: 6, field: 'source', message })
}

/** As all recorded servers answer [CORPUS: replicaCapacity 5]. */
const usualCapacity = 5

async function checkUnfollowed({ resource }: Wanting<'unfollowed'>, asked: Asked): Promise<void> {
  const seen = await replicasAt(resource.id, asked)
  if (seen.as === 'unreadable') unknown(resource.address, `whether it has read replicas could not be read: ${seen.reason}`, asked)
  const replicas = seen.as === 'seen' ? seen.value : []
  if (replicas.length === 0) return
  found(asked, resource, {
    rule: 'PGL138',
    exit: 6,
    field: 'version',
    message: `Azure upgrades no server that has read replicas: ${replicas.join(', ')}. Delete them, upgrade, and make them again.`
  })
}

const replicasAt = (source: ResourceId, { looks }: Asked): Promise<Seen<readonly string[]>> =>
  looks.by(`replicas of ${source}`, azure => replicasOf(azure, source))

const staying = (replicas: readonly string[], { changes }: Asked): readonly string[] => {
  const going = new Set(changes.flatMap(change => (change.op === 'delete' ? [change.old.id] : [])))
  return replicas.filter(id => !going.has(resourceId(id)))
}

const unknown = (address: string, message: string, { answers }: Asked): void => void answers.unknown.push({ address, message })
