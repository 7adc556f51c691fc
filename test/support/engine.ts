import { apply } from '../../src/apply/apply.ts'
import type { Executor } from '../../src/apply/perform.ts'
import { type Azure, type AzureOptions, createAzure } from '../../src/azure/azure.ts'
import { type Entry, type Journal, type Left, leftIn, owedLocks } from '../../src/locks/journal.ts'
import type { AllOwed } from '../../src/locks/recover.ts'
import type { Plan } from '../../src/model/change.ts'
import type { ApplyEvent, ApplyResult } from '../../src/model/events.ts'
import type { Desired } from '../../src/model/resource.ts'
import { prover } from '../../src/proof/endpoint.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { fetchClient } from './fetchClient.ts'
import { login } from './login.ts'

/* The engine as the tests put it together: a login, the clients on a sandbox or on any other answer, a journal, and what carries out a plan. */

type Handle = (request: Request) => Promise<Response>

/** How often the pipeline tries again where nothing else is said, as the command line has it. */
export const usualRetries = 3

/** The clients on whatever answers. Unless `retriesMax` says so, they try nothing again. */
export const clientsOn = (handle: Handle, options: Partial<AzureOptions> = {}): Azure =>
  createAzure({ credential: login(), httpClient: fetchClient(handle), retriesMax: 0, ...options })

/** The clock of a sandbox, as the clients take it. */
const clockOf = ({ clock }: Sandbox): NonNullable<AzureOptions['clock']> => ({
  now: () => clock.now(),
  sleep: (ms, signal, passive) => clock.sleep(ms, signal instanceof AbortSignal ? signal : undefined, passive)
})

/** The clients on a sandbox, in this process and on its clock. `handle` may answer in its place. */
export const clientsOnSandbox = (sandbox: Sandbox, options: Partial<AzureOptions> = {}, handle: Handle = sandbox.handle): Azure =>
  clientsOn(handle, { clock: clockOf(sandbox), ...options })

export class MemoryJournal implements Journal {
  readonly entries: Entry[] = []
  readonly place = 'memory'
  async append(entry: Entry): Promise<void> {
    this.entries.push(entry)
  }
  left(): Left {
    return leftIn(this.entries)
  }
}

/** A machine with a login and a journal, from which plans are carried out. */
export interface Machine {
  readonly azure: Azure
  readonly journal: MemoryJournal
}

/** Long enough for everything that these tests do under a lock. */
export const maxUnlockedMs = 24 * 3_600_000

export interface Settings extends Partial<Executor> {
  /** Hears each event as it comes. */
  readonly listen?: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

export interface CarriedOut {
  readonly events: readonly ApplyEvent[]
  readonly result: ApplyResult
}

/** Carries out a plan, as the run `one` where no other is named. */
export async function carryOut({ azure, journal }: Machine, plan: Plan, settings: Settings = {}): Promise<CarriedOut> {
  const { listen, signal, desired = new Map(), ...own } = settings
  const events: ApplyEvent[] = []
  const executor = { azure, journal, desired, prove: prover(desired), run: 'one', parallelism: 4, maxUnlockedMs, ...own }
  const hear = (event: ApplyEvent): void => {
    events.push(event)
    listen?.(event)
  }
  return { result: await apply(plan, executor, hear, signal), events }
}

/** The rest that a run left, by its journal: locks that are owed, and what Azure may still be at. */
export const owedIn = ({ entries }: MemoryJournal, desired: Desired): Pick<AllOwed, 'owed' | 'going'> => ({
  owed: owedLocks(entries),
  going: { running: leftIn(entries).running, writes: leftIn(entries).writes, desired }
})
