import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { azLine } from '../../src/locks/azLine.ts'
import { type Entry, leftIn, owedLocks } from '../../src/locks/journal.ts'
import { openJournal } from '../../src/locks/journalFile.ts'
import { noConsents } from '../../src/model/consents.ts'
import { estateKey, estateTitle } from '../../src/model/estate.ts'
import { loweredNotes, markedIn, markersFor } from '../../src/model/marker.ts'
import { nothingRead } from '../../src/model/paths.ts'
import { jsonText } from '../../src/model/printable.ts'
import type { Live, Lock } from '../../src/model/resource.ts'
import { makePlan } from '../../src/plan/plan.ts'
import { diagnosticsText, validateJson } from '../../src/report/diagnostics.ts'
import { planText } from '../../src/report/planText.ts'
import { plain } from '../../src/report/style.ts'
import { emptyState } from '../../src/sandbox/state.ts'
import { resolve, UnfitEntry } from '../../src/topology/resolve.ts'
import { loadTopology } from '../../src/topology/topology.ts'
import { subscription } from '../support/estate.ts'
import { documentFrom, judgedAlone } from '../support/planView.ts'
import { type CommandLine, commandLine } from './commandLine.ts'
import { edit, edited } from './mutation.ts'

interface Options {
  readonly runs: number
  readonly seed: number
}

const root = fileURLToPath(new URL('../../examples', import.meta.url))

const examples = (): readonly Buffer[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.yaml'))
    .sort()
    .map(file => readFileSync(join(root, file)))

const hub = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub`
const lock: Lock = {
  scope: hub.toLowerCase() as Lock['scope'],
  path: `${hub}/providers/Microsoft.Authorization/locks/keep`,
  name: 'keep',
  level: 'ReadOnly',
  properties: { level: 'ReadOnly', notes: 'owned by netops', owners: [{ applicationId: subscription }] }
}
const estate = { of: 'sandbox', id: '00000000-0000-4000-8000-000000000001' }
const lease = { run: '0'.repeat(36), until: '2027-01-01T00:00:00.000Z' }

/** The code that gets a mutation. Throws, or says too much, where it falls short. */
type Target = (bytes: Buffer, here: CommandLine) => Promise<void>

const nothing: Live = {
  resources: new Map(),
  locks: [],
  marked: [],
  listedLocks: [],
  byRecord: new Set(),
  readNotes: [],
  damagedMarkers: [],
  locksUnreadable: [],
  unmanaged: [],
  sought: [],
  undeclaredInside: new Map(),
  paths: nothingRead,
  lists: new Map()
}

const topology: Target = async bytes => {
  const names = ['AZURE_SUBSCRIPTION_ID', 'A']
  const loaded = await loadTopology({
    file: 'topology.yaml',
    purpose: 'plan',
    readFile: async () => bytes,
    variables: { allowed: new Set(names), values: new Map(names.map(name => [name, subscription])) }
  })
  sound(diagnosticsText(loaded.diagnostics))
  JSON.parse(jsonText(validateJson(loaded.diagnostics)))
  if (!loaded.ok) {
    if (loaded.diagnostics.length === 0) throw new Error('refused without a word')
    return
  }
  try {
    const resolved = resolve(loaded.topology, { subscription, positions: loaded.positions })
    const options = {
      topology: resolved.name,
      safety: resolved.safety,
      prune: false,
      baseline: undefined,
      removed: resolved.removed,
      owed: [],
      lowered: resolved.lowered,
      ...noConsents,
      endpoints: resolved.endpoints
    }
    const plan = makePlan(resolved.desired, nothing, options)
    sound(
      planText(
        documentFrom({
          plan,
          desired: resolved.desired,
          topology: { name: resolved.name, file: 'topology.yaml' },
          asked: new Map(),
          digest: '',
          ...judgedAlone(plan)
        }),
        plain
      )
    )
  } catch (error) {
    if (!(error instanceof UnfitEntry)) throw error
  }
}

/** Nothing of the file's may move the cursor, speak to a build agent or look like a crash of ours. */
function sound(text: string): void {
  if (/[^\P{Cc}\n\t]|\p{Zl}|\p{Zp}|[\u202a-\u202e\u2066-\u2069]/u.test(text))
    throw new Error(`an invisible character is printed: ${JSON.stringify(text)}`)
  if (/^\s*::/m.test(text)) throw new Error(`a command for a build agent is printed: ${JSON.stringify(text)}`)
  if (/pglink has a bug|\n {4}at /.test(text)) throw new Error(text)
}

const valid = `version: 1\nname: net\nsubscription: ${subscription}\nlocation: eastus2\nresourceGroup: rg\nnetworks: { hub: { addressSpace: [10.0.0.0/16] } }\n`

async function commands(here: CommandLine, ...all: readonly string[]): Promise<void> {
  for (const command of all) {
    const { stdout, stderr } = await here.pglink([...command.split(' '), '--sandbox'])
    sound(stdout)
    sound(stderr)
  }
}

const planFile: Target = async (bytes, here) => {
  here.write('topology.yaml', valid)
  here.write('plan.json', bytes)
  await commands(here, 'apply plan.json')
}

function readable(read: () => readonly Entry[]): readonly Entry[] {
  try {
    return read()
  } catch (error) {
    sound(`${error instanceof Error ? error.message : error}`)
    return []
  }
}

const journal: Target = async (bytes, here) => {
  here.write('topology.yaml', valid)
  here.write('.pglink/sandbox.json', JSON.stringify({ ...emptyState(0, 1), estate: estate.id }))
  const file = `.pglink/${estateKey(estate)}/runs/${lease.run}.ndjson`
  here.write(file, bytes)
  here.write(`.pglink/journal-net-${subscription}.ndjson`, bytes)
  const entries = readable(() => openJournal(join(here.path, file)).entries())
  owedLocks(entries)
  leftIn(entries).running
  await commands(here, 'locks list --json', 'locks list', 'locks restore --now')
}

const notes: Target = async bytes => {
  const text = bytes.toString('utf8')
  for (const name of ['pglink-owes-0123456789ab', 'keep']) {
    const held: Lock = {
      ...lock,
      name,
      path: lock.path.replace(/keep$/, name),
      level: 'CanNotDelete',
      properties: { level: 'CanNotDelete', notes: text }
    }
    const { marked, damaged } = markedIn([held, { ...held, name: `${name}-2`, path: `${held.path}-2` }])
    for (const one of [...marked.map(({ lock: owed }) => owed), ...damaged]) sound(azLine(one))
    JSON.parse(jsonText({ marked, damaged }))
  }
}

const journalText = (): string =>
  [
    {
      type: 'run',
      version: 2,
      run: lease.run,
      topology: 'net',
      estate: estateTitle(estate),
      process: { host: 'another', pid: 1, started: '' },
      at: lease.until
    },
    {
      type: 'unlocking',
      lock,
      how: 'remove',
      lease,
      markers: [`${hub}/providers/Microsoft.Authorization/locks/pglink-owes-0123456789ab`],
      at: lease.until
    },
    { type: 'writing', step: `create ${hub}`, path: hub, at: lease.until },
    {
      type: 'operation',
      path: hub,
      url: `https://management.azure.com/subscriptions/${subscription}/providers/Microsoft.Network/locations/x/operations/y?api-version=2024-05-01`,
      at: lease.until
    },
    { type: 'wrote', step: `create ${hub}`, path: hub, as: 'done', at: lease.until },
    { type: 'relocked', lock: { path: lock.path }, at: lease.until },
    { type: 'unlocking', lock, how: 'lower', lease, markers: [], at: lease.until }
  ]
    .map(entry => `${JSON.stringify(entry)}\n`)
    .join('')

async function savedPlan(): Promise<Buffer> {
  const here = commandLine({ 'topology.yaml': valid })
  await here.pglink(['plan', '--sandbox', '--out', 'plan.json'])
  const saved = here.files().get('plan.json') ?? ''
  here.remove()
  return Buffer.from(saved)
}

interface Corpus {
  readonly name: string
  readonly seeds: readonly Buffer[]
  readonly target: Target
  /** Its share of a hundred mutations. */
  readonly share: number
}

async function corpora(): Promise<readonly Corpus[]> {
  const marker = markersFor(lock, lease, hub).map(({ properties }) => Buffer.from(String(properties['notes'])))
  return [
    { name: 'topology', seeds: examples(), target: topology, share: 70 },
    { name: 'notes', seeds: [...marker, Buffer.from(loweredNotes(lock, lease) ?? '')], target: notes, share: 20 },
    { name: 'journal', seeds: [Buffer.from(journalText())], target: journal, share: 5 },
    { name: 'plan file', seeds: [await savedPlan()], target: planFile, share: 5 }
  ]
}

/** The most of a processor's time that one mutation may take: a machine may have other work. */
const limitMs = 2_000

/** Mutated files and notes through what the commands do with them: each is answered with words, and soon. */
export async function fuzz({ runs, seed }: Options): Promise<{ readonly points: number; readonly failed: string[] }> {
  const failed: string[] = []
  let points = 0
  const unhandled = (error: unknown): void => void failed.push(`seed ${seed}: a rejection that nobody handles: ${error}`)
  process.on('unhandledRejection', unhandled)
  try {
    for (const { name, seeds, target, share } of await corpora()) {
      const numRuns = Math.max(1, Math.round((runs * share) / 100))
      const mutations = fc.sample(fc.tuple(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 4 })), { numRuns, seed })
      for (const [index, [which, edits]] of mutations.entries()) {
        const bytes = edits.reduce(edited, seeds[which % seeds.length] ?? Buffer.alloc(0))
        points += 1
        const wrong = await tried(target, bytes)
        if (wrong !== undefined) failed.push(`seed ${seed}, ${name} ${index}: ${wrong}`)
      }
    }
  } finally {
    process.off('unhandledRejection', unhandled)
  }
  return { points, failed }
}

/** The fault of the answer. */
async function tried(target: Target, bytes: Buffer): Promise<string | undefined> {
  const here = commandLine()
  const began = process.cpuUsage()
  try {
    await target(bytes, here)
    const { user, system } = process.cpuUsage(began)
    const tookMs = (user + system) / 1000
    return tookMs > limitMs ? `took ${Math.round(tookMs)} ms for ${bytes.length} bytes` : undefined
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message).slice(0, 1_500) : String(error)
  } finally {
    here.remove()
  }
}
