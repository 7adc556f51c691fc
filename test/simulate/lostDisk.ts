import { difference, textOf } from './estateText.ts'
import { endedOtherwise, finished, titleOf } from './kill.ts'
import type { Point, Whole } from './points.ts'
import { comeToRest, type Machine, machineOn, restored, type Simulated, sampled, shown } from './run.ts'
import { locksApart, untold } from './testimony.ts'
import { type Settings, unmarked, wholes } from './wholes.ts'

/**
 * A run dies while a lock is off, and its disk is lost with it: another machine has nothing but the topology and a login. Locks
 * come back all the same, but for those that somebody accepted with `--journal-only-memory` to have no other memory.
 */
export async function lostDisk(settings: Settings): Promise<Simulated> {
  const failed: string[] = []
  const all: { readonly one: Whole; readonly point: Point; readonly alone: ReadonlySet<string> }[] = []
  for (const one of await wholes(settings)) {
    const alone = await unmarked(one.scene)
    for (const point of one.points) if (isLockOff(point)) all.push({ one, point, alone })
  }
  const drawn = sampled(all, {
    count: settings.runs,
    seed: settings.seed,
    counts: ({ point }) => point.labels.length,
    groupOf: ({ one }) => one.scene.name
  })
  let apart = 0
  for (const { one, point, alone } of drawn) {
    const ended = await restartedElsewhere(point, one, alone)
    apart += ended.apart
    if (ended.short.length > 0)
      failed.push(`${titleOf(point)} (--seed ${settings.seed})\n${ended.short.map(line => `    ${line}\n`).join('')}`)
  }
  const points = drawn.reduce((sum, { point }) => sum + point.labels.length, 0)
  return { points, failed, says: `${apart} locks of plans that accepted the journal as their only memory` }
}

/** Whether a lock that was there is not, or is lowered, or something remembers that it is. */
function isLockOff({ scene, state }: Point): boolean {
  const before = new Set(textOf(scene.begin.resources).locks)
  const { locks, markers } = textOf(state.resources)
  return markers.length > 0 || [...before].some(line => !locks.includes(line))
}

async function restartedElsewhere(point: Point, one: Whole, alone: ReadonlySet<string>) {
  const on = machineOn(point.scene, { state: point.state })
  try {
    // It takes a while until somebody notices; now and then nobody waits, and the dead run still has its lease.
    if (point.labels.length % 4 !== 0) await on.sandbox.clock.sleep(3 * 3_600_000)
    const lies = [...(await unnamed(on, alone)), ...(point.labels.length % 3 === 0 ? await restoredAlone(on, alone) : [])]
    const ran = await finished(on)
    await comeToRest(on)
    const end = textOf(on.sandbox.exportState().resources)
    const off = difference(end.locks, one.end.locks)
    const isAlone = (line: string): boolean => alone.has((line.slice(2).split(' {')[0] ?? '').toLowerCase())
    return {
      apart: off.filter(isAlone).length,
      short: [
        ...lies,
        ...endedOtherwise(ran, one),
        ...(off.some(isAlone) ? [] : await untold(point.scene, on.sandbox.exportState(), { ...ran, command: 'apply' })),
        ...off.filter(line => !isAlone(line)).map(line => `lock ${line}`),
        ...end.markers.map(marker => `marker left: ${marker}`),
        ...difference(end.resources, one.end.resources)
      ]
    }
  } finally {
    on.remove()
  }
}

/** A line begins with the path of its lock, in which there may be blanks. */
const isOf = (paths: ReadonlySet<string>, line: string): boolean => [...paths].some(path => line.startsWith(`${path} `))

/** Where a plan that is made elsewhere says that all matches, or does not name a lock that is off. */
async function unnamed(on: Machine, alone: ReadonlySet<string>): Promise<string[]> {
  const state = on.sandbox.exportState()
  const { lost, held } = await locksApart(on.scene, state)
  const ran = await shown(on)
  const named = new Set((ran.plan.locksOff ?? []).map(({ address }) => address.toLowerCase()))
  const silent = held.filter(line => !isOf(named, line))
  return [
    ...silent.map(line => `the witness: the plan does not name a lock that is off, ${line}`),
    ...(lost.some(line => isOf(alone, line)) ? [] : await untold(on.scene, state, { ...ran, command: 'plan' }))
  ]
}

/** `locks restore` with the file and the login alone brings each lock back, whatever else is half done. */
async function restoredAlone(on: Machine, alone: ReadonlySet<string>): Promise<string[]> {
  const ran = await restored(on)
  const { lost, held } = await locksApart(on.scene, on.sandbox.exportState())
  const off = [...lost.filter(line => !isOf(alone, line)), ...held]
  if (lost.some(line => isOf(alone, line))) return off.map(line => `the witness: not restored, ${line}`)
  // A lock without its scope is remembered until the apply that makes the scope again, after which no marker may be left.
  const waits = ran.text.includes('scope is gone; the apply that makes it again restores the lock')
  const untrue = await untold(on.scene, on.sandbox.exportState(), { ...ran, command: 'restore' })
  return [
    ...untrue.filter(line => !(waits && line.includes('/locks/pglink-owes-'))),
    ...off.map(line => `the witness: locks restore ended with ${ran.code}, and ${line}`)
  ]
}
