import type { Azure } from '../../azure/azure.ts'
import type { Live } from '../../model/resource.ts'
import { checkAddresses } from './addresses.ts'
import type { Answers, Asked, Preparing } from './asked.ts'
import { checkLinks } from './links.ts'
import { looksThrough } from './looks.ts'
import { checkMigrations } from './migrations.ts'
import { checkNames } from './names.ts'
import { checkOffers } from './offers.ts'
import { checkParameters } from './parameters.ts'
import { checkPromotions } from './promotions.ts'
import { checkReplicas } from './replicas.ts'
import { checkSubnets } from './subnets.ts'
import { checkTargets } from './targets.ts'
import { checkVaults } from './vaults.ts'

/** Problems that lie outside the file, as far as the plan would meet them. */
export interface Preflight extends Omit<Answers, 'seen'> {
  /** With what the file refers to and does not declare. */
  readonly live: Live
}

/** In order: the later checks know what an earlier one has seen. README.md of the folder above has the table: need, read, exit, rule, calls. */
const checks: readonly ((asked: Asked) => Promise<void> | void)[] = [
  checkTargets,
  checkLinks,
  checkNames,
  checkOffers,
  checkParameters,
  checkSubnets,
  checkAddresses,
  checkReplicas,
  checkVaults,
  checkMigrations,
  checkPromotions
]

/** Reads what Azure would look at before it took the writes of a plan. A plan that writes nothing costs no read. */
export async function preflight(azure: Azure, preparing: Preparing): Promise<Preflight> {
  const looks = looksThrough(azure)
  const answers: Answers = { findings: [], unknown: [], dangers: [], notes: [], seen: new Map() }
  let { live } = preparing
  for (const check of preparing.changes.length === 0 ? [] : checks) {
    await check({ ...preparing, live, looks, answers })
    // A resource that the earlier read found stands.
    live = { ...live, resources: new Map([...answers.seen, ...live.resources]) }
  }
  return { ...answers, live }
}
