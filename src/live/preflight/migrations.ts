import { kindOf } from '../../kinds/index.ts'
import { migrationsIn, waysIn } from '../../kinds/migration.ts'
import { migrationVersion, noVersion } from '../../kinds/server/migration.ts'
import type { EndpointProof } from '../../model/change.ts'
import { nameOf, type ResourceId, subscriptionOf } from '../../model/id.ts'
import { option } from '../../model/option.ts'
import type { Existing, Resource } from '../../model/resource.ts'
import { type Asked, found } from './asked.ts'
import { roomOf } from './subnets.ts'

type Ways = ReturnType<typeof waysIn>

interface Migrating {
  readonly resource: Resource
  readonly old: Existing
}

/**
 * Whether Azure can migrate a server out of its virtual network at all, and whether its new path is sure to come: there is no way back, and
 * until that path is there no client reaches the server. It comes last, since it judges by what the other checks found. The rights for the new
 * path are looked at with all rights.
 */
export async function checkMigrations(asked: Asked): Promise<void> {
  const migrations = migrationsIn(asked.changes)
  if (migrations.length === 0) return
  const ways = waysIn(asked.desired, asked.endpoints)
  const made = new Set(asked.changes.flatMap(change => (change.op === 'delete' ? [] : [change.resource.id])))
  for (const one of migrations) {
    await checkVersion(one, asked)
    await checkReplicas(one, asked)
    checkWays(one, ways, made, asked)
  }
}

/** Also where its versions cannot be read, the call would be made in one that is a guess. */
async function checkVersion({ resource, old }: Migrating, asked: Asked): Promise<void> {
  const subscription = subscriptionOf(old.path)
  const seen = await asked.looks.by(`versions of servers in ${subscription}`, azure => migrationVersion(azure.send, subscription))
  if (seen.as === 'seen' && 'version' in seen.value) return
  const message =
    seen.as === 'seen' && 'offered' in seen.value
      ? noVersion(seen.value.offered)
      : `the API versions that Azure has for servers could not be read, and it is migrated in none that is a guess${seen.as === 'unreadable' ? `: ${seen.reason}` : ''}.`
  found(asked, resource, { rule: 'PGL100', exit: 1, field: 'publicAccess', message })
}

/** The body of a server does not say whether replicas follow it: a list of them does. */
async function checkReplicas({ resource, old }: Migrating, asked: Asked): Promise<void> {
  const seen = await asked.looks.list<{ readonly id?: string }>(`${old.path}/replicas`, '2025-08-01')
  const replicas = seen.as === 'seen' ? seen.value.flatMap(({ id }) => (id === undefined ? [] : [nameOf(id)])) : []
  if (seen.as === 'seen' && replicas.length === 0) return
  const what =
    seen.as === 'seen'
      ? `read replicas follow it: ${replicas.join(', ')}`
      : `whether read replicas follow it could not be read${seen.as === 'unreadable' ? `: ${seen.reason}` : ''}`
  if (asked.agreed?.has(resource.id)) {
    asked.answers.notes.push({ address: resource.address, message: `is migrated out of its virtual network although ${what}` })
    return
  }
  const way = `\`${option(asked, 'allowMigrateUnproven', resource.address)}\``
  const message = `${what}. No documentation says that Azure migrates a server with replicas. Delete or promote them first, or give ${way} to try it all the same.`
  found(asked, resource, { rule: 'PGL102', exit: 6, field: 'publicAccess', message })
}

/** One way is enough. Without a way in the file the plan is refused already. */
function checkWays({ resource }: Migrating, ways: Ways, made: ReadonlySet<ResourceId>, asked: Asked): void {
  const doubts = ways.to(resource.id).map(way => ({ way, against: against(way, ways.parts(way), made, asked) }))
  if (doubts.length === 0 || doubts.some(({ against: some }) => some.length === 0)) return
  const listed = doubts.map(({ way, against: some }) => `${way.address}: ${some.join('; ')}`).join('. ')
  const message = `no client would reach it after the migration before its private endpoint is there, and nothing shows that it can be made. ${listed}. Mend that first: there is no way back.`
  found(asked, resource, { rule: 'PGL101', exit: 6, field: 'publicAccess', message })
}

/** All that keeps a way from being sure, a clause each. A question that could not be answered counts as well. */
function against(way: EndpointProof, parts: ReadonlySet<ResourceId>, made: ReadonlySet<ResourceId>, asked: Asked): string[] {
  const { answers, desired, live } = asked
  const addresses = new Set([...parts].flatMap(id => desired.get(id)?.address ?? []))
  const unseen = [...parts].filter(id => live.resources.get(id)?.observed.state !== 'present' && !made.has(id) && !isForOthers(id, asked))
  return [
    ...unseen.map(id => `${desired.get(id)?.address ?? id} is not there, or could not be read`),
    ...roomless(desired.get(way.endpoint)?.refs ?? [], way.server, asked),
    ...answers.findings.filter(({ address }) => addresses.has(address)).map(({ rule, message }) => `${rule}, ${message}`),
    ...answers.unknown.filter(({ address }) => addresses.has(address)).map(({ message }) => message)
  ]
}

/** In the part of a duty: another one makes it. */
function isForOthers(id: ResourceId, { desired, live, ofDuty }: Asked): boolean {
  const resource = desired.get(id)
  const observed = live.resources.get(id)?.observed ?? { state: 'absent' }
  return ofDuty !== undefined && resource?.managed === true && kindOf(resource).duty !== ofDuty && observed.state === 'absent'
}

/** Subnets of which no read and no line of the file says what range they have: whether an address is free is then unknown. */
const roomless = (refs: readonly ResourceId[], server: ResourceId, asked: Asked): string[] =>
  refs
    .filter(ref => ref !== server && !roomOf(ref, asked)?.prefixes?.some(prefix => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(prefix)))
    .map(ref => `whether the subnet ${nameOf(ref)} has a free address is unknown`)
