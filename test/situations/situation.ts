import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { openStateFile } from '../../src/sandbox/stateFile.ts'
import { type CommandLine, commandLine, type Ended } from '../simulate/commandLine.ts'
import { subscription } from '../support/estate.ts'
import { misjudged } from '../support/misjudged.ts'
import { brokenPaths, type LockSeen, locksDiffer, locksSeen, untrue, type Watched } from '../support/witness.ts'

/** Something that a person met, and what is right then. Its README says how one is written. */
export interface Situation {
  readonly source: string
  /** A right tool's behaviour, in a sentence. */
  readonly right: string
  /** On what it still waits: it is expected to fall short until then. */
  readonly pending?: string
  readonly names?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, File>>
  readonly seed?: Readonly<Record<string, object | string>>
  readonly faults?: readonly object[]
  readonly env?: Readonly<Record<string, string | null>>
  /** Locks that the files themselves declare, by their last name: those may come and go. */
  readonly declares?: readonly string[]
  readonly does: readonly Deed[]
}

/** Raw text, a topology, or one of `bases.yaml` with what differs laid over it (RFC 7396). */
type File =
  | string
  | { readonly like: string; readonly with?: object; readonly without?: readonly string[]; readonly watch?: readonly Watched[] }
  | object

interface Expected {
  readonly says?: readonly string[]
  readonly never?: readonly string[]
}

interface Run extends Expected {
  readonly pglink: string
  /** More than one where the source leaves it open. */
  readonly exit: number | readonly number[]
  readonly env?: Readonly<Record<string, string | null>>
  readonly faults?: readonly object[]
  /** No write was sent to Azure. */
  readonly writes?: 'none' | readonly string[]
  /** Files that it made, and what they have to say. */
  readonly makes?: Readonly<Record<string, Expected>>
}

interface Asked {
  /** `METHOD id`, sent by somebody else, who then waits until Azure has done it. */
  readonly arm: string
  readonly body?: unknown
  readonly status?: number
  readonly has?: readonly string[]
  readonly hasNot?: readonly string[]
  readonly api?: string
}

/** The owner of a server decides on a connection, whose name Azure draws. */
interface Decided {
  readonly decide: 'Approved' | 'Rejected'
  readonly on: string
  /** A part of the id of the endpoint it comes from. */
  readonly of: string
}

interface Removed {
  readonly remove: string
}

type Deed = Run | Asked | Decided | Removed

interface Base {
  readonly topology: object
  readonly watch?: readonly Watched[]
}

export interface Bases {
  readonly names: Readonly<Record<string, string>>
  readonly bases: Readonly<Record<string, Base>>
  readonly seeds: Readonly<Record<string, object>>
}

const secrets = { PG_PASSWORD: 'Throw-away-1', PG_PASSWORD2: 'Throw-away-2', ADF_PASSWORD: 'Throw-away-3' }
const allowed = Object.keys(secrets).flatMap(name => ['--allow-env', name])
const offline = new Set(['validate', 'render', 'fmt', 'explain'])

/** The stage of one situation. */
interface Stage {
  readonly here: CommandLine
  readonly situation: Situation
  readonly watched: ReadonlyMap<string, readonly Watched[]>
  readonly subscriptions: readonly string[]
  readonly seeded: Readonly<Record<string, object>>
}

/** All that it speaks of. */
const subscriptionsIn = (situation: Situation): string[] => [
  ...new Set([subscription, ...[...JSON.stringify(situation).matchAll(/\/subscriptions\/([0-9a-f-]{36})/g)].map(([, id = '']) => id)])
]

export async function play(given: Situation, { names, bases, seeds }: Bases): Promise<void> {
  const situation = named(given, { ...names, ...given.names })
  const files = Object.entries(situation.files ?? {}).map(([file, how]) => [file, made(how, named(bases, names))] as const)
  const here = commandLine(Object.fromEntries(files.map(([file, { text }]) => [file, text])))
  const watched = new Map(files.map(([file, { watch }]) => [file, watch]))
  const bodies = named(seeds, names)
  const seeded = Object.fromEntries(
    Object.entries(situation.seed ?? {}).map(([id, body]) => [id, typeof body === 'string' ? (bodies[body] ?? {}) : body])
  )
  const stage = { here, situation, watched, seeded, subscriptions: subscriptionsIn(situation) }
  try {
    if (situation.seed) here.write('seed.json', JSON.stringify(seeded))
    for (const [at, deed] of situation.does.entries()) await done(deed, stage, `${at + 1}.`)
    await verified(situation, stage)
  } finally {
    here.remove()
  }
}

/** `$NAME` stands for its value in every text, keys included; a longer name is looked for first. */
function named<T>(value: T, names: Readonly<Record<string, string>>): T {
  const keys = Object.keys(names).sort((a, b) => b.length - a.length)
  let text = JSON.stringify(value)
  // Names may be made of others.
  for (let turn = 0; turn < 4; turn += 1)
    for (const key of keys) text = text.replaceAll(`$${key}`, JSON.stringify(names[key] ?? '').slice(1, -1))
  return JSON.parse(text) as T
}

function made(how: File, bases: Readonly<Record<string, Base>>): { readonly text: string; readonly watch: readonly Watched[] } {
  if (typeof how === 'string') return { text: how, watch: [] }
  if (!('like' in how)) return { text: stringify(how), watch: [] }
  const base = bases[how.like]
  if (base === undefined) throw new Error(`There is no base ${how.like}`)
  return { text: stringify(merged(base.topology, how.with ?? {})), watch: how.watch ?? base.watch ?? [] }
}

function merged(base: unknown, over: unknown): unknown {
  if (!isMap(over)) return over
  const result: Record<string, unknown> = isMap(base) ? { ...base } : {}
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

const isMap = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

async function done(deed: Deed, stage: Stage, at: string): Promise<void> {
  if ('remove' in deed) return void stage.here.delete(deed.remove)
  if ('decide' in deed) return decided(deed, stage, at)
  if ('arm' in deed) return asked(deed, stage, at)
  const before = await onEstate(stage, ask => locksSeen(ask, stage.subscriptions))
  const ran = await pglink(deed, stage)
  const why = `${at} pglink ${deed.pglink}\n${ran.stdout}${ran.stderr}[exit ${ran.code}]`
  const said = ran.stdout + ran.stderr
  expect([deed.exit].flat(), why).toContain(ran.code)
  lookedFor(said, deed, why)
  for (const [file, wanted] of Object.entries(deed.makes ?? {})) lookedFor(stage.here.files().get(file) ?? '', wanted, `${at} ${file}`)
  const wrote = writesIn(stage.here.files().get('log.ndjson') ?? '')
  if (deed.writes === 'none') expect(wrote, why).toEqual([])
  else if (deed.writes) for (const write of deed.writes) expect(wrote, why).toContainEqual(write)
  await testified(deed, ran, before, stage, why)
}

/** Where it ends converged verify agrees with the witness. */
async function verified({ does }: Situation, stage: Stage): Promise<void> {
  const last = does.at(-1)
  if (last === undefined || !('pglink' in last) || last.exit !== 0) return
  const [command = '', file = '', ...flags] = last.pglink.split(' ')
  if (!['apply', 'drift'].includes(command) || !stage.watched.has(file)) return
  const env = flags.flatMap((flag, index) => (flag === '--env' ? [flag, flags[index + 1] ?? ''] : []))
  const ran = await pglink({ pglink: ['verify', file, '--json', ...env].join(' '), exit: 0 }, stage)
  expect(misjudged(ran, await onEstate(stage, ask => brokenPaths(ask, stage.watched.get(file) ?? [])))).toEqual([])
}

function lookedFor(said: string, { says = [], never = [] }: Expected, why: string): void {
  const flat = said.replaceAll(/\s+/g, ' ')
  for (const text of says) expect(flat, why).toMatch(pattern(text))
  for (const text of never) expect(flat, why).not.toMatch(pattern(text))
}

/** Where a text is broken is not what it says; between slashes it is a pattern. */
function pattern(text: string): RegExp {
  const [, source] = /^\/(.*)\/$/.exec(text) ?? []
  return source === undefined
    ? new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, ' '), 'i')
    : new RegExp(source, 'i')
}

async function pglink({ pglink: words, env = {}, faults }: Run, { here, situation }: Stage): Promise<Ended> {
  const [command = '', ...rest] = words.split(' ')
  const failing = faults ?? situation.faults
  if (failing) here.write('faults.json', JSON.stringify(failing))
  if (here.files().has('log.ndjson')) here.delete('log.ndjson')
  const estate = [
    '--sandbox',
    '--data-dir',
    '.pglink',
    '--sandbox-log',
    'log.ndjson',
    ...(situation.seed ? ['--sandbox-seed', 'seed.json'] : []),
    ...(failing ? ['--sandbox-faults', 'faults.json'] : [])
  ]
  const args = [command, ...rest, ...allowed, ...(offline.has(command) ? [] : estate), ...(command === 'apply' ? ['--auto-approve'] : [])]
  const all = { ...secrets, ...situation.env, ...env }
  return here.pglink(args, Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))))
}

const writesIn = (log: string): string[] =>
  log
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { readonly method: string; readonly path: string })
    .filter(({ method, path }) => method !== 'GET' && !/\/checkNameAvailability$/i.test(path))
    .map(({ method, path }) => `${method} ${path}`)

/** Holds the claims against the estate. */
async function testified(deed: Run, ran: Ended, before: ReadonlyMap<string, LockSeen>, stage: Stage, why: string): Promise<void> {
  const [command = '', file = ''] = deed.pglink.split(' ')
  if (command !== 'plan' && command !== 'apply' && command !== 'drift') return
  const declared = (lock: string): boolean => (stage.situation.declares ?? []).some(name => lock.includes(`/locks/${name.toLowerCase()} `))
  const seen = await onEstate(stage, async ask => {
    const { lost, held, added } = await locksDiffer(ask, before, stage.subscriptions)
    const locks = { lost: lost.filter(one => !declared(one)), held, added: added.filter(one => !declared(one)) }
    return { paths: await brokenPaths(ask, stage.watched.get(file) ?? []), locks }
  })
  expect(untrue({ text: ran.stdout + ran.stderr, code: ran.code, command }, seen), why).toEqual([])
}

type Ask = (request: Request) => Promise<Response>

/** The estate as it is, without faults, and left as it is; before there is one, what it begins with. */
async function onEstate<T>({ here, seeded }: Stage, look: (ask: Ask) => Promise<T>): Promise<T> {
  const path = join(here.path, '.pglink/sandbox.json')
  if (!existsSync(path)) return look(createSandbox({ seedBodies: seeded as NonNullable<SandboxOptions['seedBodies']> }).handle)
  const file = openStateFile(path)
  try {
    return await look(createSandbox({ ...(file.state && { state: file.state }) }).handle)
  } finally {
    file.close()
  }
}

const longEnoughMs = 1_800_000

async function asked({ arm, body, status, has = [], hasNot = [], api }: Asked, { here }: Stage, at: string): Promise<void> {
  const [method = '', id = ''] = arm.split(' ')
  const file = openStateFile(join(here.path, '.pglink/sandbox.json'))
  try {
    const sandbox = createSandbox({ ...(file.state && { state: file.state }), persist: (delta, whole) => file.append(delta, whole) })
    const url = `https://management.azure.com${id}?api-version=${api ?? versionFor(id)}`
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await sandbox.handle(new Request(url, { method, ...sent }))
    const said = await answer.text()
    const why = `${at} ${arm}\n${answer.status} ${said}`
    if (status === undefined) expect(answer.status, why).toBeLessThan(300)
    else expect(answer.status, why).toBe(status)
    for (const text of has) expect(said, why).toContain(text)
    for (const text of hasNot) expect(said, why).not.toContain(text)
    if (method === 'GET') return
    await sandbox.clock.sleep(longEnoughMs)
    const operation = answer.headers.get('azure-asyncoperation') ?? answer.headers.get('location')
    if (operation !== null) await sandbox.handle(new Request(operation))
    file.save(sandbox.exportState())
  } finally {
    file.close()
  }
}

async function decided({ decide, on, of }: Decided, stage: Stage, at: string): Promise<void> {
  const url = `https://management.azure.com${on}/privateEndpointConnections?api-version=2025-08-01`
  const listed = await onEstate(
    stage,
    async ask => (await ask(new Request(url))).json() as Promise<{ readonly value: readonly Connection[] }>
  )
  const found = listed.value.find(({ properties }) => properties.privateEndpoint.id.toLowerCase().includes(of.toLowerCase()))
  expect(found, `${at} a connection of ${of} on ${on}`).toBeDefined()
  const body = { properties: { privateLinkServiceConnectionState: { status: decide, description: 'by its owner' } } }
  await asked({ arm: `PUT ${found?.id}`, body }, stage, at)
}

interface Connection {
  readonly id: string
  readonly properties: { readonly privateEndpoint: { readonly id: string } }
}

function versionFor(id: string): string {
  const path = id.toLowerCase()
  if (path.includes('authorization/locks')) return '2020-05-01'
  if (path.includes('/privatednszones/')) return '2024-06-01'
  if (path.includes('microsoft.network')) return '2025-05-01'
  if (path.includes('dbforpostgresql')) return '2025-08-01'
  return path.includes('datafactory') ? '2018-06-01' : '2021-04-01'
}
