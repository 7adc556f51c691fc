import fc from 'fast-check'
import { readLocks } from '../../src/azure/locks.ts'
import { restoreLocks } from '../../src/locks/recover.ts'
import type { ApplyResult } from '../../src/model/events.ts'
import { markedIn } from '../../src/model/marker.ts'
import { carryOut, owedIn } from '../support/engine.ts'
import { type Estate, estate, heldLocks, type Planned, plan, putLockOn, subscription } from '../support/estate.ts'
import {
  apiVersion,
  levelOf,
  lock,
  lockedScopes,
  lockOn,
  mineOn,
  networkId,
  type networks,
  type Pair,
  pairs,
  seedBodies,
  serverId,
  teams,
  topologyOf
} from './crossingEstate.ts'
import { crossroads, type Deed, personAt, type Request } from './crossroads.ts'
import { isLift, isWriteOf, windows } from './lockWindows.ts'
import { type Body, bodyOf, type Wills, willsOf } from './wills.ts'

/*
 * Two to four topologies of different teams put private endpoints into networks, and lead them to servers, that are nobody's but shared:
 * each endpoint needs the locks of a network and of a server off. A person may do things by hand meanwhile, and one run may die.
 */

/** The result of a simulation; `failed` says how to replay each. */
export interface Crossed {
  readonly points: number
  readonly failed: readonly string[]
  readonly says: string
}

export interface Drawn {
  readonly wants: readonly (readonly Pair[])[]
  readonly levels: Readonly<Record<(typeof networks)[number], 'CanNotDelete' | 'ReadOnly'>>
  readonly deeds: readonly Deed[]
  readonly waits: readonly number[]
  /** Which run dies, and after how many of its requests. */
  readonly death: { readonly of: number; readonly after: number } | undefined
}

type LockDeed = Omit<Deed, 'apiVersion' | 'sign' | 'honoured'>

/** Once a run has it off, for as long as it is off. */
const whileLifted =
  (scope: string, at = lockOn(scope)) =>
  (log: readonly Request[]): string | undefined => {
    const last = log.findLast(one => isWriteOf(one, lockOn(scope)))
    return last !== undefined && isLift(last) && last.who !== 'person' ? at : undefined
  }

/** The latest marker that stands. */
const aMarker = (log: readonly Request[]): string | undefined => {
  const of = ({ line }: Request): string => line.slice(line.indexOf(' ') + 1)
  const all = log.filter(({ line, status }) => status < 300 && !line.startsWith('GET ') && line.includes('/locks/pglink-owes-'))
  return all.map(of).findLast(path => all.findLast(one => of(one) === path)?.line.startsWith('PUT '))
}

const adds = 'adds a lock'

const deeds = (drawn: Pick<Drawn, 'levels'>): readonly Deed[] =>
  [
    { what: adds, path: mineOn(networkId('h1')), method: 'PUT' as const, body: lock('CanNotDelete', 'mine') },
    ...[networkId('h1'), serverId('s1')].flatMap((scope): LockDeed[] => [
      { what: 'restores a lock by hand', path: lockOn(scope), method: 'PUT', body: lock(levelOf(scope, drawn), 'theirs') },
      { what: 'deletes a lock', path: lockOn(scope), method: 'DELETE' },
      { what: 'deletes a lock that is off', path: lockOn(scope), when: whileLifted(scope), method: 'DELETE' },
      {
        what: 'edits the notes of one',
        path: lockOn(scope),
        when: whileLifted(scope),
        method: 'PUT',
        body: lock('CanNotDelete', 'edited')
      },
      { what: 'edits its level', path: lockOn(scope), when: whileLifted(scope), method: 'PUT', body: lock('ReadOnly', 'tightened') },
      {
        what: 'freezes what is open',
        path: mineOn(scope),
        when: whileLifted(scope, mineOn(scope)),
        method: 'PUT',
        body: lock('ReadOnly', 'frozen')
      }
    ]),
    { what: 'deletes a marker', path: 'a marker', when: aMarker, method: 'DELETE' as const }
  ].map(deed => ({ ...deed, apiVersion, sign: '', honoured: false }))

const maxUnlockedMs = 600_000
/** After which another run restores what a dead one had off. */
const leaseMs = maxUnlockedMs + 5 * 60_000

export interface Team {
  readonly run: string
  readonly who: string
  readonly on: Estate
  readonly planned: Planned
  readonly dies: boolean
}

const carriedOut = async ({ on, planned, run }: Team): Promise<ApplyResult> =>
  (await carryOut(on, planned.plan, { desired: planned.wanted.desired, run, maxUnlockedMs })).result

/** @returns the locks that could not be restored, by path */
export async function restore({ on, planned, run }: Team, keep: readonly string[] = []): Promise<readonly string[]> {
  const allOwed = {
    ...owedIn(on.journal, planned.wanted.desired),
    marked: markedIn(await readLocks(on.azure, subscription)).marked,
    keep,
    atOnce: false
  }
  const restored = await restoreLocks(allOwed, { azure: on.azure, journal: on.journal, run, leaseMs: 0 })
  return restored.flatMap(({ outcome, lock: { path } }) => (outcome === 'failed' ? [path.toLowerCase()] : []))
}

interface Once {
  /** By a person, to locks. */
  readonly written: number
  readonly waited: number
  readonly longest: number
}

/** All runs at once, in one order of their requests. @throws Error where a law is broken */
async function once(scheduler: fc.Scheduler, drawn: Drawn): Promise<Once> {
  const on = estate({ seedBodies })
  for (const scope of lockedScopes) await putLockOn(on, scope, 'keep', { level: levelOf(scope, drawn), notes: 'theirs' })
  const streets = crossroads(on, scheduler)
  const { log, through, settled } = streets
  const all = await teamsOf(streets, drawn)
  const [from, begun] = [on.sandbox.clock.now(), log.length]
  const person = personAt({ on, log, through, scheduler }, drawn.deeds, drawn.waits)
  const living = all.filter(({ dies }) => !dies)
  // After some minutes of the wall's clock its requests are given up; it sends no other one.
  for (const team of all) if (team.dies) carriedOut(team).catch(() => undefined)
  const results = await settled(Promise.all([...living.map(carriedOut), person.acts().then(() => undefined)]))
  const took = on.sandbox.clock.now() - from
  // Each may wait for all the others, and they all for the lease of the one that died, and no longer.
  const most = (drawn.death === undefined ? 0 : leaseMs) + all.length * 8 * 60_000
  if (took > most) throw new Error(`the runs took ${took / 1_000} s`)
  const meddled = drawn.deeds.some(({ what }) => what !== adds)
  const acts = log.slice(begun)
  for (const [index, result] of results.entries()) {
    const team = living[index]
    if (result === undefined || team === undefined) continue
    const bad = [...result.outcomes].filter(([, { as }]) => as !== 'done')
    if (bad.length > 0 && !meddled)
      throw new Error(`${team.who}: ${bad.map(([id, one]) => `${id} ${'error' in one ? one.error.message : one.as}`).join('\n')}`)
    owesRightly(team, result, drawn, acts)
  }
  const longest = windows(acts, all)
  await settled(on.sandbox.clock.sleep(3_600_000))
  await restoredByAll({ on, drawn, acts: () => log.slice(begun), streets }, all)
  const written = acts.filter(({ who, status }) => who === 'person' && status < 300).length
  return { waited: turns(acts), longest, written }
}

async function teamsOf({ machine, settled }: ReturnType<typeof crossroads>, drawn: Drawn): Promise<readonly Team[]> {
  const all: Team[] = []
  for (const [index, wants] of drawn.wants.entries()) {
    const state = { asked: 0, armed: false }
    const dies = drawn.death?.of === index
    const who = `run${index}`
    const hangs = (): boolean => {
      if (state.armed) state.asked += 1
      return dies && state.asked > (drawn.death?.after ?? 0)
    }
    const own = machine(who, hangs)
    const planned = await settled(plan(own, topologyOf(teams[index] ?? '', wants)))
    if (planned.plan.refusals.length > 0) throw new Error(planned.plan.refusals.map(({ message }) => message).join('\n'))
    state.armed = true
    all.push({ run: `0000000${index}-0000-7000-8000-000000000000`, who, on: own, planned, dies })
  }
  return all
}

const begunAs = (scope: string, drawn: Drawn): Body => bodyOf(JSON.stringify(lock(levelOf(scope, drawn), 'theirs')))
const willsOn = (scope: string, drawn: Drawn, acts: readonly Request[]): Wills => willsOf(acts, lockOn(scope), begunAs(scope, drawn))

/** A run that says that it owes a lock ends with 9. @throws Error where it owes one and does not say so, or says so and does not */
function owesRightly({ who }: Team, { owed }: ApplyResult, drawn: Drawn, acts: readonly Request[]): void {
  for (const scope of lockedScopes) {
    const wills = willsOn(scope, drawn, acts)
    if (wills.wrong.length > 0) throw new Error(`${lockOn(scope)}: ${wills.wrong.join('\n')}\n${told(acts, scope)}`)
    const says = owed.some(({ path }) => path.toLowerCase() === lockOn(scope).toLowerCase())
    if (!wills.inTheGap && says !== wills.owed.has(who))
      throw new Error(`${who} ${says ? 'says' : 'does not say'} that it owes ${lockOn(scope)}:\n${told(acts, scope)}`)
  }
}

/** The writes to a lock, and the looks at it, for whoever has to see why. */
export const told = (acts: readonly Request[], scope: string): string =>
  acts
    .filter(({ line }) => line.toLowerCase().endsWith(lockOn(scope).toLowerCase()) || /pglink-owes|\/locks\/mine/.test(line))
    .map(
      ({ who, line, status, body, at }) =>
        `${at / 1_000} ${who} ${line.replace(/ .*\/providers\/Microsoft\.\w+/, ' …')} ${status} ${body ?? ''}`
    )
    .join('\n')

interface Rest {
  readonly on: Estate
  readonly drawn: Drawn
  readonly acts: () => readonly Request[]
  readonly streets: ReturnType<typeof crossroads>
}

/** `locks restore` by everybody, in the end by whoever has the disk of the run that died. @throws Error where a lock is not as it is to be */
async function restoredByAll({ on, drawn, acts, streets: { machine, settled } }: Rest, all: readonly Team[]): Promise<void> {
  const afresh = all.map(team => (team.dies ? { ...team, on: { ...machine(team.who), journal: team.on.journal } } : team))
  const changed = (scope: string): boolean => [...willsOn(scope, drawn, acts()).allowed].some(body => body !== begunAs(scope, drawn))
  const stand = lockedScopes.filter(changed).map(scope => lockOn(scope))
  const living = afresh.filter(({ dies }) => !dies)
  // Where a person has deleted the memory of a run that died, its disk alone has another one.
  const forgot = drawn.death !== undefined && drawn.deeds.some(({ what }) => /^deletes|^edits/.test(what))
  for (const team of forgot ? [...living, ...afresh] : living) {
    const failed = await settled(restore(team))
    const wrong = failed.filter(path => !stand.some(one => one.toLowerCase() === path))
    if (wrong.length > 0) throw new Error(`${team.who} could not restore ${wrong.join(', ')}`)
  }
  for (const team of forgot ? afresh : living) await settled(restore(team, stand))
  const held = new Map((await heldLocks(on)).map(line => [line.split(' {')[0]?.toLowerCase() ?? '', line]))
  for (const scope of lockedScopes) {
    const { allowed } = willsOn(scope, drawn, acts())
    const line = held.get(lockOn(scope).toLowerCase())
    const is = line === undefined ? undefined : bodyOf(`{"properties":${line.slice(line.indexOf(' {') + 1)}}`)
    if (!allowed.has(is)) throw new Error(`${lockOn(scope)} is ${is}, not ${[...allowed].join(' or ')}\n${told(acts(), scope)}`)
    held.delete(lockOn(scope).toLowerCase())
    const mine = acts().findLast(one => one.who === 'person' && isWriteOf(one, mineOn(scope)))
    const stays = held.get(mineOn(scope).toLowerCase())
    if (
      mine !== undefined &&
      (stays === undefined || bodyOf(mine.body) !== bodyOf(`{"properties":${stays.slice(stays.indexOf(' {') + 1)}}`))
    )
      throw new Error(`${mineOn(scope)} is ${stays}, and was put there as ${mine.body}`)
    held.delete(mineOn(scope).toLowerCase())
  }
  if (held.size > 0) throw new Error(`left: ${[...held.values()].join('\n')}\n${lockedScopes.map(scope => told(acts(), scope)).join('\n')}`)
}

/** How often a run lifted a lock once more that it had restored for another one. */
const turns = (log: readonly Request[]): number => {
  const lifts = log.filter(one => isLift(one) && one.who !== 'person').map(({ who, line }) => `${who} ${line.slice(line.indexOf(' '))}`)
  return lifts.length - new Set(lifts).size
}

/** More at once would hide what each does. */
const deedsMax = 3

const drawnAll: fc.Arbitrary<Drawn> = fc
  .record({
    h1: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const),
    h2: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const)
  })
  .chain(levels =>
    fc.record({
      levels: fc.constant(levels),
      wants: fc.array(fc.subarray([...pairs], { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: teams.length }),
      deeds: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 2, arbitrary: fc.shuffledSubarray([...deeds({ levels })], { minLength: 1, maxLength: deedsMax }) }
      ),
      waits: fc.array(fc.nat(120), { minLength: deedsMax, maxLength: deedsMax }),
      death: fc.oneof(
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.record({ of: fc.nat(1), after: fc.nat(60) }) }
      )
    })
  )

/** @param runs how many orders are drawn */
export async function crossing({ runs: numRuns, seed }: { readonly runs: number; readonly seed: number }): Promise<Crossed> {
  const sums = { points: 0, waited: 0, longest: 0, dead: 0, three: 0, written: 0 }
  const property = fc.asyncProperty(fc.scheduler(), drawnAll, async (scheduler, drawn) => {
    sums.points += 1
    sums.dead += Number(drawn.death !== undefined)
    sums.three += Number(drawn.wants.length > 2)
    const { waited, longest, written } = await once(scheduler, drawn).catch((error: Error) => {
      const did = drawn.deeds.map(({ what, path }) => `${what}: ${path}`).join(', ')
      throw new Error(`somebody ${did === '' ? 'does nothing' : did}; ${error.message}`)
    })
    sums.waited += waited
    sums.written += written
    sums.longest = Math.max(sums.longest, longest)
  })
  const details = await fc.check(property, { numRuns, seed, endOnFailure: true })
  const failed = details.failed ? [`seed ${details.seed}, path ${details.counterexamplePath}: ${String(details.errorInstance)}`] : []
  const { points, waited, longest, dead, three, written } = sums
  const says = `${three} with three runs or four, ${dead} with a run that dies, ${written} writes of a person to locks, ${waited} locks lifted once more for another's sake, none off for longer than ${Math.round(longest * 100)} % of what may be`
  return { points, failed, says }
}
