import { setTimeout as wait } from 'node:timers/promises'
import type { LogEntry } from '../../src/sandbox/sandbox.ts'
import { difference, type EstateText, textOf } from './estateText.ts'
import { drawer, type Simulated, sampled } from './run.ts'
import { type Ended, type Served, serve } from './served.ts'

const examples = ['locked', 'data-factory', 'approval']
const apply = 'apply topology.yaml --auto-approve'

/** Held for longer than any of this takes. */
const heldMs = 1e12

/** Where a command is killed: at a request, before or after it has taken effect, or at a line of its journal. */
type Place =
  | { readonly at: 'request'; readonly method: string; readonly path: string; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly at: 'line'; readonly line: number; readonly when: 'before' | 'after' }

interface Aim {
  readonly example: string
  readonly place: Place
  readonly whole: Uninterrupted
}

interface Uninterrupted {
  readonly code: number | null
  readonly end: EstateText
}

export interface ProcessSettings {
  readonly runs: number
  readonly seed: number
  /** How many are killed side by side; most of their time they wait. */
  readonly atOnce?: number
}

/** The command line as it ships, killed with SIGKILL and run again, against a sandbox in another process. */
export async function killProcess({ runs, seed, atOnce = 4 }: ProcessSettings): Promise<Simulated> {
  const aims = (await Promise.all(examples.map(aimsOf))).flat()
  const drawn = sampled(aims, runs, seed)
  const failed: string[] = []
  const draw = drawer(seed)
  const left = [...drawn]
  const worker = async (): Promise<void> => {
    const open = new Map<string, Served>()
    try {
      for (let aim = left.shift(); aim !== undefined; aim = left.shift()) {
        const on = open.get(aim.example) ?? (await serve(aim.example))
        open.set(aim.example, on)
        const short = await fallsShort(aim, on, Math.floor(draw() * 20))
        if (short.length > 0)
          failed.push(`${aim.example}: SIGKILL ${titleOf(aim.place)} (--seed ${seed})\n${short.map(line => `    ${line}\n`).join('')}`)
      }
    } finally {
      for (const on of open.values()) await on.stop()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { points: drawn.length, failed }
}

const titleOf = (place: Place): string =>
  place.at === 'line' ? `${place.when} journal line ${place.line}` : `${place.when} ${place.method} ${place.path}, time ${place.nth}`

const isLock = (path: string): boolean => /\/providers\/microsoft\.authorization\/locks\//i.test(path)

/** Every unlock and relock, every tenth other request, every line of the journal: before and after each. */
async function aimsOf(example: string): Promise<readonly Aim[]> {
  const on = await serve(example)
  try {
    await on.reset([])
    const { code, text } = await on.start(apply).ended
    if (code !== 0 && code !== 7) throw new Error(`${example} ended with ${code} although nothing stopped it: ${text.slice(-2500)}`)
    const whole = { code, end: textOf((await on.state()).resources) }
    const requests = numbered(await on.log())
    const others = requests.filter(one => !isWriteOfLock(one)).filter((_, index) => index % 10 === 9)
    const places = [
      ...[...requests.filter(isWriteOfLock), ...others].flatMap(one =>
        (['before', 'after'] as const).map((when): Place => ({ at: 'request', ...one, when }))
      ),
      ...Array.from({ length: on.journalLines() }, (_, index) => index + 1).flatMap(line =>
        (['before', 'after'] as const).map((when): Place => ({ at: 'line', line, when }))
      )
    ]
    return places.map(place => ({ example, place, whole }))
  } finally {
    await on.stop()
  }
}

interface Numbered {
  readonly method: string
  readonly path: string
  /** The how-manieth of this method and path. */
  readonly nth: number
}

const isWriteOfLock = ({ method, path }: Numbered): boolean => method !== 'GET' && isLock(path)

function numbered(log: readonly LogEntry[]): Numbered[] {
  const seen = new Map<string, number>()
  return log.map(({ method, path: given }) => {
    // A marker has the run in its name.
    const path = given.replace(/pglink-owes-[0-9a-f]+/, 'pglink-owes-*')
    const nth = (seen.get(`${method} ${path}`) ?? 0) + 1
    seen.set(`${method} ${path}`, nth)
    return { method, path, nth }
  })
}

async function fallsShort({ place, whole }: Aim, on: Served, laterMs: number): Promise<string[]> {
  await on.reset(faultsFor(place))
  const first = on.start(apply)
  const over = { is: false }
  void first.ended.then(() => {
    over.is = true
  })
  while (!over.is && !(await isReached(place, on))) await wait(place.at === 'line' ? 1 : 3)
  if (place.at === 'line' && place.when === 'before') await wait(laterMs)
  first.child.kill('SIGKILL')
  await first.ended
  await on.clearFaults()
  const second = await finished(on)
  const third = await on.start('plan topology.yaml --detailed-exitcode').ended
  const end = textOf((await on.state()).resources)
  return [
    ...(second.code === whole.code ? [] : [`ended with ${second.code}, not ${whole.code}: ${second.text.slice(-2000)}`]),
    ...(third.code === 0 ? [] : [`the plan after it ended with ${third.code}: ${third.text.slice(-1000)}`]),
    ...difference(end.locks, whole.end.locks).map(line => `lock ${line}`),
    ...end.markers.map(marker => `marker left: ${marker}`),
    ...difference(end.resources, whole.end.resources)
  ]
}

/** The request is kept waiting until its sender is dead; or it takes effect, and nobody hears of it. */
function faultsFor(place: Place): readonly object[] {
  if (place.at === 'line') return []
  const { method, path, nth, when } = place
  const exactly = path.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  const which = { method, path: `^${exactly}$`, nth }
  return [{ ...which, ...(when === 'before' ? { delayMs: heldMs } : { drop: 'after' }) }]
}

async function isReached(place: Place, on: Served): Promise<boolean> {
  if (place.at === 'request') return on.hasCome()
  return on.journalLines() >= (place.when === 'after' ? place.line : place.line - 1)
}

const triesMax = 20

/** As its user does what it says. */
async function finished(on: Served): Promise<Ended> {
  for (let tries = 1; ; tries += 1) {
    const ran = await on.start(apply).ended
    if (tries === triesMax || !/try again in a minute|Plan again\./.test(ran.text)) return ran
  }
}
