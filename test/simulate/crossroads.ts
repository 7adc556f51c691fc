import type fc from 'fast-check'
import { clientsOnSandbox, MemoryJournal } from '../support/engine.ts'
import type { Estate } from '../support/estate.ts'

/** A person's deed meanwhile, and how it is seen afterwards that it was not written over. */
export interface Deed {
  readonly what: string
  readonly path: string
  /** Where it is done once it is time for it, by what everybody has done so far; at `path` without waiting when absent. */
  readonly when?: (log: readonly Request[]) => string | undefined
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly apiVersion: string
  readonly body?: object
  /** In the resource's body. */
  readonly sign: string
  /** Whether a precondition on it is looked at; the network provider may or may not. */
  readonly honoured: boolean | 'network'
}

export interface Request {
  readonly who: string
  readonly line: string
  readonly status: number
  /** In milliseconds on the sandbox's clock. */
  readonly at: number
  /** The body of a lock that is put. */
  readonly body: string | undefined
}

/** Everybody's requests are let through one by one, in the order that the scheduler draws. */
export function crossroads(on: Estate, scheduler: fc.Scheduler) {
  const log: Request[] = []
  const { sandbox } = on
  const through = async (who: string, request: globalThis.Request): Promise<Response> => {
    // Time stands still while somebody waits for his turn.
    const release = sandbox.clock.hold?.()
    const line = `${request.method} ${decodeURI(new URL(request.url).pathname)}`
    try {
      await scheduler.schedule(Promise.resolve(), `${who} ${line}`)
      const body = request.method === 'PUT' && /\/locks\//i.test(line) ? await request.clone().text() : undefined
      const response = await sandbox.handle(request)
      log.push({ who, line, status: response.status, at: sandbox.clock.now(), body })
      return response
    } finally {
      release?.()
    }
  }
  /** @param hangs whether a request is never sent, nor answered: the machine has died */
  const machine = (who: string, hangs: () => boolean = () => false): Estate => {
    const clients = (options: Parameters<typeof clientsOnSandbox>[1]) =>
      clientsOnSandbox(sandbox, options, request => (hangs() ? new Promise(() => undefined) : through(who, request)))
    return { sandbox, requests: [], journal: new MemoryJournal(), azure: clients({}), looking: clients({ readOnly: true }) }
  }
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const state = { over: false }
    const watched = work.finally(() => {
      state.over = true
    })
    while (!state.over) {
      if (scheduler.count() > 0) await scheduler.waitOne()
      else await new Promise(resolve => setImmediate(resolve))
    }
    return watched
  }
  return { log, machine, through, settled }
}

/** How many turns a person lets go by before each thing he does, or that a run is to have looked at it just before. */
export type Waits = readonly (number | 'look')[]

interface Street {
  readonly on: Estate
  readonly log: readonly Request[]
  readonly through: (who: string, request: globalThis.Request) => Promise<Response>
  readonly scheduler: fc.Scheduler
}

/** Does one thing after the other, each when it is time for it. */
export function personAt({ on, log, through, scheduler }: Street, meddling: readonly Deed[], waits: Waits) {
  const from = log.length
  const answers = new Map<Deed, Response>()
  return {
    async acts(): Promise<void> {
      for (const [index, deed] of meddling.entries()) {
        const wait = waits[index] ?? 0
        for (let turns = deed.when === undefined ? 0 : looksMax; turns > 0 && deed.when?.(log.slice(from)) === undefined; turns -= 1)
          await scheduler.schedule(Promise.resolve(), 'person waits')
        for (let turns = wait === 'look' ? looksMax : wait; turns > 0; turns -= 1) {
          if (wait === 'look' && lookedAt(log.slice(from), deed.path)) break
          await scheduler.schedule(Promise.resolve(), 'person waits')
        }
        const { method, body, path, when = () => path } = deed
        const at = when(log.slice(from))
        if (at === undefined) continue
        const url = `https://management.azure.com${at}?api-version=${deed.apiVersion}`
        const headers = { 'content-type': 'application/json' }
        answers.set(deed, await through('person', new Request(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })))
      }
    },
    /** The deeds that were accepted and took effect: a busy server accepts a write, and its operation fails. */
    async done(): Promise<readonly Deed[]> {
      const done: Deed[] = []
      for (const [deed, { status, headers }] of answers) {
        const operation = headers.get('azure-asyncoperation')
        const answer = operation === null ? undefined : await on.sandbox.handle(new Request(operation))
        if (status < 300 && answer?.status !== 404 && (await answer?.json())?.status !== 'Failed') done.push(deed)
      }
      return done
    }
  }
}

/** For so many turns a person waits for a look: the runs may be over by then. */
const looksMax = 500

/** Whether the last that a run did to this was to read it. */
const lookedAt = (log: readonly Request[], path: string): boolean =>
  log.findLast(({ line }) => line.toLowerCase().endsWith(` ${path.toLowerCase()}`))?.line.startsWith('GET ') === true
