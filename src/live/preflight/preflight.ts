import type { Azure } from '../../azure/azure.ts'
import type { Note } from '../../model/change.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Found, Live } from '../../model/resource.ts'
import { checkAddresses } from './addresses.ts'
import type { Asked, Checked, Finding, Preparing } from './asked.ts'
import { checkLinks } from './links.ts'
import { looksThrough } from './looks.ts'
import { checkNames } from './names.ts'
import { checkOffers } from './offers.ts'
import { checkParameters } from './parameters.ts'
import { checkReplicas } from './replicas.ts'
import { checkSubnets } from './subnets.ts'
import { checkTargets } from './targets.ts'

/** Problems that lie outside the file, as far as the plan would meet them. */
export interface Preflight {
  readonly findings: readonly Finding[]
  readonly unknown: readonly Note[]
  readonly dangers: readonly Note[]
  readonly notes: readonly Note[]
  /** With what the file refers to and does not declare. */
  readonly live: Live
}

type Check = (asked: Asked) => Promise<Checked>

/** In order: what one has seen the next ones know. README.md of the folder above has the table: need, read, exit, rule, calls. */
const checks: readonly Check[] = [
  checkTargets,
  checkLinks,
  checkNames,
  checkOffers,
  checkParameters,
  checkSubnets,
  checkAddresses,
  checkReplicas
]

/** Reads what Azure would look at before it took the writes of a plan. A plan that writes nothing costs no read. */
export async function preflight(azure: Azure, preparing: Preparing): Promise<Preflight> {
  const looks = looksThrough(azure)
  const findings: Finding[] = []
  const unknown: Note[] = []
  const dangers: Note[] = []
  const notes: Note[] = []
  let { live } = preparing
  for (const check of preparing.changes.length === 0 ? [] : checks) {
    const checked = await check({ ...preparing, live, looks })
    findings.push(...(checked.findings ?? []))
    unknown.push(...(checked.unknown ?? []))
    dangers.push(...(checked.dangers ?? []))
    notes.push(...(checked.notes ?? []))
    live = checked.seen === undefined ? live : { ...live, resources: withSeen(live.resources, checked.seen) }
  }
  return { findings, unknown, dangers, notes, live }
}

/** A resource that the earlier read found stands. */
const withSeen = (known: Live['resources'], seen: ReadonlyMap<ResourceId, Found>): Live['resources'] => new Map([...seen, ...known])
