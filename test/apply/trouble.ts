import fc from 'fast-check'
import { type Estate, estate } from '../support/estate.ts'

/** The failure of the n-th write from now: once or from then on, before or after it took effect; or the process dies there. */
export interface Trouble {
  readonly at: number
  readonly lasting: boolean
  readonly done: boolean
  readonly as: 'lost' | 'refused' | 'killed'
}

export const troubles: fc.Arbitrary<Trouble[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 1, max: 14 }),
    lasting: fc.boolean(),
    done: fc.boolean(),
    as: fc.constantFrom('lost' as const, 'refused' as const, 'killed' as const)
  }),
  { minLength: 1, maxLength: 3 }
)

/** The process is gone: nothing it started ever hears an answer, and nothing of it goes on. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

export interface Troubled {
  readonly on: Estate
  /** Runs with trouble ahead. @throws Killed */
  amid<T>(next: Trouble, work: () => Promise<T>): Promise<T>
}

export function troubled(): Troubled {
  let trouble: Trouble | undefined
  let writes = 0
  let killed: (error: Killed) => void = () => undefined
  const on = estate({}, {}, async (request, sandbox) => {
    if (trouble === undefined) return sandbox.handle(request)
    const { at, lasting, done, as } = trouble
    if (request.method !== 'GET') writes += 1
    // A dead process writes nothing more, and its reads are never answered.
    if (as === 'killed' && writes > at) return new Promise<Response>(() => undefined)
    if (request.method === 'GET' || !(lasting ? writes >= at : writes === at)) return sandbox.handle(request)
    if (as === 'killed') {
      if (done) await sandbox.handle(request)
      killed(new Killed())
      writes += 1
      return new Promise<Response>(() => undefined)
    }
    if (as === 'refused') return Response.json({ error: { code: 'InternalServerError', message: 'injected' } }, { status: 500 })
    if (done) await sandbox.handle(request)
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  })
  return {
    on,
    async amid<T>(next: Trouble, work: () => Promise<T>): Promise<T> {
      trouble = next
      writes = 0
      const dying = new Promise<never>((_, reject) => {
        killed = reject
      })
      try {
        return await Promise.race([work(), dying])
      } finally {
        trouble = undefined
      }
    }
  }
}
