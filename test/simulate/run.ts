import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { AzureOptions } from '../../src/azure/azure.ts'
import { SharedAnswers } from '../../src/azure/shared.ts'
import { explainFailure } from '../../src/cli/failure.ts'
import { readFlags } from '../../src/cli/flagValues.ts'
import { hostOn } from '../../src/cli/host.ts'
import { type Surroundings, styleFor } from '../../src/cli/terminal.ts'
import { applyIn } from '../../src/engine/apply.ts'
import { journalsOf } from '../../src/engine/journals.ts'
import { planIn } from '../../src/engine/look.ts'
import { restoreIn } from '../../src/engine/restore.ts'
import type { Session } from '../../src/engine/session.ts'
import type { Settings } from '../../src/engine/settings.ts'
import { type ExitCode, exitCodes } from '../../src/host/exitCodes.ts'
import { restoredText } from '../../src/host/restoredText.ts'
import type { Plan } from '../../src/model/change.ts'
import { type Ending, worst } from '../../src/model/ending.ts'
import { namingFrom } from '../../src/model/naming.ts'
import { planText } from '../../src/report/planText.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { createSandbox, type LogEntry, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { issueToken } from '../../src/sandbox/token.ts'
import { clientsOnSandbox, usualRetries } from '../support/engine.ts'
import { login } from '../support/login.ts'
import { documentFrom } from '../support/planView.ts'
import { silentTerminal } from '../support/terminal.ts'
import type { Scene } from './scenes.ts'

/** The result of a simulation. `failed` says of each point that fell short how it did, and how it is replayed. */
export interface Simulated {
  readonly points: number
  readonly failed: readonly string[]
  /** Counts beside the points, for the line that is printed. */
  readonly says?: string
}

/** The files of a data directory by name: the bytes that a run leaves behind. */
export type Disk = ReadonlyMap<string, Buffer>

/** Hears of each request: before it reaches Azure, and once it has taken effect there. */
interface Watch {
  before(request: Request): void
  after(request: Request): void
}

/** A machine with a disk, and Azure. */
export interface Machine {
  readonly scene: Scene
  readonly sandbox: Sandbox
  readonly dataDir: string
  readonly log: readonly LogEntry[]
  readonly watch: Watch | undefined
  disk(): Disk
  remove(): void
}

export interface Start {
  readonly state?: SandboxState
  readonly disk?: Disk
  readonly faults?: readonly Fault[]
  readonly watch?: Watch
}

/** The journals in a data directory, byte for byte. */
export function journalsUnder(dataDir: string): Disk {
  const names = existsSync(dataDir) ? readdirSync(dataDir, { recursive: true, encoding: 'utf8' }) : []
  const journals = names.filter(name => name.endsWith('.ndjson') && !basename(name).startsWith('.'))
  return new Map(journals.sort().map(name => [name, readFileSync(join(dataDir, name))]))
}

/** An fsync onto a disk of memory costs nothing; the bytes are the same. */
export const temporary = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function machineOn(scene: Scene, { state = scene.begin, disk = new Map(), faults = [], watch }: Start = {}): Machine {
  const dataDir = mkdtempSync(join(temporary, 'pglink-simulate-'))
  for (const [name, bytes] of disk) {
    mkdirSync(dirname(join(dataDir, name)), { recursive: true })
    writeFileSync(join(dataDir, name), bytes)
  }
  const log: LogEntry[] = []
  const { principals = [] } = scene
  const sandbox = createSandbox({ state, faults, principals, log: entry => void log.push(entry) })
  return {
    scene,
    sandbox,
    dataDir,
    log,
    watch,
    disk: () => journalsUnder(dataDir),
    remove: () => rmSync(dataDir, { recursive: true, force: true })
  }
}

export interface Ran {
  readonly code: ExitCode
  readonly text: string
}

/** `pglink apply`, with what the scene's user agrees to. */
export const applied = (on: Machine, more: Partial<Settings> = {}): Promise<Ran> =>
  inMachine(on, more, async session => worst((await applyIn([session])).map(({ ending }) => ending)))

/** All that Azure is still at comes to its end. It tells so only when it is asked. */
export async function comeToRest({ sandbox }: Pick<Machine, 'sandbox'>): Promise<void> {
  await sandbox.clock.sleep(3_600_000)
  await sandbox.handle(new Request('https://management.azure.com/subscriptions?api-version=2022-12-01'))
}

/** `pglink locks restore` */
export const restored = (on: Machine, more: Partial<Settings> = {}): Promise<Ran> =>
  inMachine(on, more, async (session, terminal) => {
    const { restored: locks } = await restoreIn(session)
    terminal.out(
      locks.length === 0
        ? 'No lock is owed.\n'
        : restoredText(locks, session.restoreLine(), namingFrom(on.scene.resolved.desired), styleFor(terminal, true))
    )
    return locks.some(({ outcome }) => outcome === 'failed') ? 'lockNotRestored' : 'ok'
  })

/** `pglink plan`, with the plan itself. */
export async function shown(on: Machine): Promise<Ran & { readonly plan: Plan }> {
  const plans: Plan[] = []
  const ran = await inMachine(on, {}, async (session, terminal) => {
    const made = await planIn(session)
    const { plan } = made
    plans.push(plan)
    terminal.out(planText(documentFrom(made, made.live), styleFor(terminal, true)))
    return 'ok'
  })
  const [plan] = plans
  if (plan === undefined) throw new Error(`No plan: ${ran.text}`)
  return { ...ran, plan }
}

/** The plan that `pglink plan` would show. */
export const planned = async (on: Machine): Promise<Plan> => (await shown(on)).plan

async function inMachine(
  on: Machine,
  more: Partial<Settings>,
  work: (session: Session, terminal: Surroundings) => Promise<Ending>
): Promise<Ran> {
  const said: string[] = []
  const terminal = terminalOn(on.dataDir, said)
  try {
    const ending = await work(sessionOn(on, { ...on.scene.flags, ...more }, terminal), terminal)
    return { code: exitCodes[ending], text: said.join('') }
  } catch (error) {
    const ending = await explainFailure(error, terminal)
    return { code: exitCodes[ending], text: said.join('') }
  }
}

function sessionOn(on: Machine, settings: Settings, terminal: Surroundings): Session {
  const { scene, sandbox, dataDir, log } = on
  const run = runId(JSON.stringify([sandbox.exportState(), log.length, [...on.disk()].map(([name, bytes]) => [name, bytes.length])]))
  const prepared = { file: 'topology.yaml', dataDir, resolved: scene.resolved, warnings: [] }
  const handle = async (request: Request): Promise<Response> => {
    on.watch?.before(request)
    const response = await sandbox.handle(request)
    on.watch?.after(request)
    return response
  }
  const connection: Session['connection'] = {
    estate: { of: 'sandbox', id: sandbox.estate },
    // With the usual tries of the pipeline, as the command line has them.
    open: (use, shared) =>
      clientsOnSandbox(
        sandbox,
        { correlationId: run, readOnly: use === 'reading', shared, retriesMax: usualRetries, ...loginsOf(scene) },
        handle
      ),
    answers: new SharedAnswers(),
    close: () => undefined
  }
  const flags = { ...noFlags, autoApprove: true }
  const host = hostOn({ flags, terminal, report: text => terminal.out(text) })
  const journals = journalsOf(prepared, { run, estate: connection.estate }, settings, host)
  const restoreLine: Session['restoreLine'] = more => host.restoreLine(prepared.file, settings, more)
  return { prepared, settings, host, connection, estate: 'a sandbox of this scene', baseline: scene.baseline, run, journals, restoreLine }
}

/** The logins of a scene; one that may do everything where it names none. */
function loginsOf({ principals, flags: { lockIdentity } }: Scene): Partial<AzureOptions> {
  if (principals === undefined) return {}
  const [credential, lockCredential] = [principals[0]?.clientId ?? '', lockIdentity ?? ''].map(client =>
    login(undefined, issueToken(client, 'https://management.azure.com', Date.now(), 365 * 24 * 3600))
  )
  return { ...(credential && { credential }), lockCredential }
}

/** A UUID, as a run's is; the order of two runs is as good as by chance, and the same when they are replayed. */
function runId(of: string): string {
  const hash = createHash('sha256').update(of).digest('hex')
  return [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-')
}

/** No flag is given. */
export const noFlags = readFlags({}, [], {})

/** All that is printed goes into `said`. */
export function terminalOn(cwd: string, said: string[]): Surroundings {
  const print = (text: string): void => void said.push(text)
  return silentTerminal({ cwd, env: {} }, print, print)
}

/** Numbers that look drawn and are the same for one seed: which of many points a short run takes. */
export function drawer(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Draw<T> {
  readonly seed: number
  /** As many are drawn as count for so much. */
  readonly count: number
  readonly counts?: (one: T) => number
  /** One after the other is drawn from, however many each has: what is rare is tried as well. */
  readonly groupOf?: (one: T) => string
}

/** Drawn by the seed, in their order. */
export function sampled<T>(all: readonly T[], { seed, count, counts = () => 1, groupOf = () => '' }: Draw<T>): readonly T[] {
  const next = drawer(seed)
  const turns = new Map<string, number>()
  const turnIn = (group: string): number => {
    const turn = turns.get(group) ?? 0
    turns.set(group, turn + 1)
    return turn
  }
  const shuffled = all.map(one => ({ one, at: next() })).sort((a, b) => a.at - b.at)
  const queue = shuffled.map(({ one }) => ({ one, turn: turnIn(groupOf(one)) })).sort((a, b) => a.turn - b.turn)
  const drawn = new Set<T>()
  let sum = 0
  for (const { one } of queue) {
    if (sum >= count) break
    drawn.add(one)
    sum += counts(one)
  }
  return all.filter(one => drawn.has(one))
}
