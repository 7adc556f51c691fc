import type { LogEntry } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { type EstateText, textOf, withoutChance } from './estateText.ts'
import { applied, type Disk, drawer, machineOn, type Ran } from './run.ts'
import type { Scene } from './scenes.ts'

/**
 * An instant at which a run dies. A process that is gone leaves two things: what Azure is by then, what it still works on
 * included, and the bytes on its disk. A port that never answers again from this instant on leaves the same two.
 */
export interface Point {
  readonly scene: Scene
  /** All the moments that leave just this: `before request 12, GET …`. */
  readonly labels: readonly string[]
  readonly state: SandboxState
  readonly disk: Disk
  /** The writes that had been accepted by then, by method and path. */
  readonly writes: readonly string[]
}

/** A run that nothing interrupts: what every other one is to come to, and the instants at which it could have died. */
export interface Whole {
  readonly scene: Scene
  readonly ran: Ran
  readonly end: EstateText
  /** The state at the end. */
  readonly left: SandboxState
  readonly points: readonly Point[]
  /** How often each thing was written, locks aside. */
  readonly writes: readonly string[]
  /** Every request, as `METHOD path`. */
  readonly requests: readonly string[]
}

/** Runs a scene to its end and keeps what there is at each request and each line of the journal. */
export async function whole(scene: Scene, seed: number): Promise<Whole> {
  const seen = collector(scene, seed)
  const on = machineOn(scene, {
    watch: {
      before: request => seen.at(`before request ${seen.next(request)}`),
      after: request => seen.at(`after request ${seen.number(request)}`)
    }
  })
  seen.look(() => ({ state: on.sandbox.exportState(), disk: on.disk(), revision: on.sandbox.store.revision, writes: writesIn(on.log) }))
  try {
    const ran = await applied(on)
    seen.at('the end')
    return {
      scene,
      ran,
      end: textOf(on.sandbox.exportState().resources),
      left: on.sandbox.exportState(),
      points: seen.points(),
      writes: writesIn(on.log),
      requests: on.log.map(({ method, path }) => `${method} ${path}`)
    }
  } finally {
    on.remove()
  }
}

interface Sight {
  readonly state: SandboxState
  readonly disk: Disk
  readonly revision: number
  readonly writes: readonly string[]
}

function collector(scene: Scene, seed: number) {
  const points = new Map<string, Omit<Point, 'scene' | 'labels'> & { readonly labels: string[] }>()
  const numbers = new Map<Request, string>()
  const draw = drawer(seed)
  let sight: () => Sight = () => {
    throw new Error('nothing to look at')
  }
  let before: Disk = new Map()
  const keep = (label: string, { state, revision, writes }: Sight, disk: Disk): void => {
    const going = state.operations.map(({ id, status, dueAt }) => `${id} ${status} ${dueAt}`)
    const parts = [revision, state.now, going, state.pending.length, state.settlingLocks.length, writes.length]
    const key = JSON.stringify([parts, ...[...disk].map(([name, bytes]) => [name, bytes.length])])
    const known = points.get(key)
    if (known) known.labels.push(label)
    else points.set(key, { labels: [label], state, disk, writes })
  }
  return {
    look(how: () => Sight): void {
      sight = how
    },
    next(request: Request): string {
      const text = `${numbers.size + 1}, ${request.method} ${decodeURI(new URL(request.url).pathname)}`
      numbers.set(request, text)
      return text
    },
    number: (request: Request): string => numbers.get(request) ?? '',
    at(label: string): void {
      const now = sight()
      // No request came between: whatever these lines announce has not happened, so that any of them may be missing.
      for (const [name, bytes] of now.disk)
        for (const { label: which, length } of cutsIn(bytes, before.get(name)?.length ?? 0, draw))
          keep(`${which} of ${name}`, now, new Map([...before, [name, bytes.subarray(0, length)]]))
      before = now.disk
      keep(label, now, now.disk)
    },
    points: (): readonly Point[] => [...points.values()].map(one => ({ scene, ...one }))
  }
}

/** Where a journal is cut: before each new line, at a byte of it drawn by chance, at its last but one, and after it. */
function cutsIn(bytes: Buffer, from: number, draw: () => number): { readonly label: string; readonly length: number }[] {
  const cuts: { label: string; length: number }[] = []
  let at = from
  for (const line of bytes.subarray(from).toString('utf8').split('\n').slice(0, -1)) {
    const length = Buffer.byteLength(line)
    const number = bytes.subarray(0, at).toString('utf8').split('\n').length
    const torn = at + 1 + Math.floor(draw() * (length - 1))
    cuts.push({ label: `before line ${number}`, length: at })
    cuts.push({ label: `byte ${torn - at} of line ${number}`, length: torn })
    cuts.push({ label: `line ${number} without its end`, length: at + length })
    cuts.push({ label: `after line ${number}`, length: at + length + 1 })
    at += length + 1
  }
  return cuts
}

const isLock = (path: string): boolean => /\/providers\/microsoft\.authorization\/locks\//i.test(path)

/** The writes that were accepted, by method and path; tests and other questions that are asked with POST are none. */
export const writesIn = (log: readonly Pick<LogEntry, 'method' | 'path' | 'status'>[]): string[] =>
  log.flatMap(({ method, path, status }) =>
    method === 'GET' || method === 'POST' || status >= 300 || status === 0 || isLock(path)
      ? []
      : [withoutChance(`${method === 'DELETE' ? 'deleted' : 'put'} ${decodeURI(path).toLowerCase()}`)]
  )
