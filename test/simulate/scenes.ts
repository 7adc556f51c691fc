import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { hostOn } from '../../src/cli/host.ts'
import { type Settings, settingsOf } from '../../src/engine/settings.ts'
import { prepare } from '../../src/engine/topology.ts'
import { isLockPath, scopePathOf } from '../../src/model/id.ts'
import type { Lock } from '../../src/model/resource.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { parsePrincipals } from '../../src/sandbox/rights/principals.ts'
import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import type { Resolved } from '../../src/topology/resolve.ts'
import { agreed, behindEndpoint, integrated } from '../plan/migrationWorld.ts'
import { foreignBody } from '../support/anyLock.ts'
import { resolved, subscription } from '../support/estate.ts'
import { type ForeignLock, foreignLocks, topologies } from '../support/topologies.ts'
import { locksDeclaredIn, watchedIn } from '../support/watched.ts'
import type { Watched } from '../support/witness.ts'
import { applied, machineOn, noFlags, planned, temporary, terminalOn } from './run.ts'

/** A topology that is to be applied, with what is there before and what its user agrees to. */
export interface Scene {
  readonly name: string
  readonly resolved: Resolved
  readonly baseline: Resolved | undefined
  readonly flags: Settings
  readonly begin: SandboxState
  /** The endpoints whose paths a witness looks at. */
  readonly watched: readonly Watched[]
  /** Locks of the files' own, by path: those may come and go. */
  readonly declares: ReadonlySet<string>
  /** The logins that there are, where not everybody may do everything: the first does all that is not for the login for locks. */
  readonly principals?: NonNullable<SandboxOptions['principals']>
}

const flagsWith = (given: Partial<Settings>): Settings => ({ ...settingsOf({ estate: { sandbox: true } }), ...given })

/** From where it is run, which is the same folder for a test and for the bundle that `npm run simulate` makes. */
const examples = join(process.cwd(), 'examples')

/** Every topology file of every example, each on the estate that the one before it left. */
export async function exampleScenes(): Promise<Scene[]> {
  const scenes: Scene[] = []
  for (const name of readdirSync(examples).sort()) {
    const folder = join(examples, name)
    if (!existsSync(join(folder, 'topology.yaml'))) continue
    let begin = seeded(folder)
    const files = ['topology.yaml', ...extraFiles(folder)]
    for (const file of files) {
      const scene = await sceneFrom(folder, file, begin)
      scenes.push({ ...scene, name: file === 'topology.yaml' ? name : `${name}/${file}` })
      if (file !== files.at(-1)) begin = await afterApply(scene)
    }
  }
  return scenes
}

/** The files of an example, by name. */
export const exampleFiles = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(join(examples, name)).map(file => [file, readFileSync(join(examples, name, file), 'utf8')]))

const extraFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter(file => file.endsWith('.yaml') && file !== 'topology.yaml')
    .sort()

function seeded(folder: string): SandboxState {
  const file = join(folder, 'sandbox.json')
  const seedBodies = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return ofOneEstate(createSandbox({ seedBodies }).exportState())
}

/** The id is drawn by chance: what is simulated is the same when it is replayed. */
const ofOneEstate = (state: SandboxState): SandboxState => ({ ...state, estate: '00000000-0000-4000-8000-000000000001' })

async function sceneFrom(folder: string, file: string, begin: SandboxState): Promise<Scene> {
  const flags = flagsWith({ envFile: ['.env.example'] })
  const said: string[] = []
  const read = { ...flags, files: [file], cwd: folder }
  const found = await prepare(read, hostOn({ flags: noFlags, terminal: terminalOn(folder, said) }))
  const [one] = found.sound ? found.prepared : []
  if (one === undefined) throw new Error(`${folder}/${file} cannot be used: ${said.join('')}`)
  const text = readFileSync(join(folder, file), 'utf8').replaceAll(/\$\{env:AZURE_SUBSCRIPTION_ID\}/g, subscription)
  const topology = parse(text)
  const seen = { watched: watchedIn(topology), declares: locksDeclaredIn(topology) }
  return { name: file, resolved: one.resolved, baseline: undefined, flags, begin, ...seen }
}

async function afterApply(scene: Scene): Promise<SandboxState> {
  const on = machineOn(scene)
  try {
    await applied(on)
    return on.sandbox.exportState()
  } finally {
    on.remove()
  }
}

/** The locked example with locks that take several markers each, and with every character that Azure takes for each name. */
export const heavy = 'every-character'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const plain = `${letters}.${letters.toLowerCase()}-_`

/** By the name in the example: as many characters as Azure takes for a name of that type [DOC resource-name-rules]. */
export const heavyNames: Readonly<Record<string, string>> = {
  'rg-vault': `${plain}(0123456789)äßñøİıςΣжЖ漢字かなعé한`,
  'vnet-vault': `${letters}.-_0123456789`,
  'snet-endpoints': `${plain}0123456789`,
  'snet-apps': `0123456789${plain}`,
  'vault-pg': `${letters.toLowerCase()}-0123456789`
}

const named = (id: string): string =>
  id
    .split('/')
    .map(part => heavyNames[part] ?? part)
    .join('/')

/** The files of it. */
export function heavyFiles(): Readonly<Record<string, string>> {
  const { 'sandbox.json': seeds = '', 'topology.yaml': text = '', ...others } = exampleFiles('locked')
  const bodies: Readonly<Record<string, { readonly properties: { readonly level: Lock['level'] } }>> = JSON.parse(seeds)
  const seed = Object.entries(bodies).map(([id, body]) => {
    if (!isLockPath(id)) return [named(id), body]
    const { name, properties } = foreignBody(2, body.properties.level)
    return [`${named(scopePathOf(id))}/providers/Microsoft.Authorization/locks/${name}`, { properties }]
  })
  const topology = parse(text, (_key, value) => (typeof value === 'string' ? named(value) : value))
  Object.assign(topology.privateDnsZones.link.links, { vault: { name: `${plain}0123456789` } })
  const server = topology.servers['vault-pg']
  Object.assign(server, { name: heavyNames['vault-pg'] })
  Object.assign(server.databases.vault, { name: `_-${letters.toLowerCase()}0123456789` })
  Object.assign(server.privateEndpoints['vault-pg-pe'], { name: `${letters}.-0123456789_` })
  return {
    ...others,
    'topology.yaml': stringify(topology),
    'sandbox.json': JSON.stringify(Object.fromEntries(seed))
  }
}

export async function heavyScene(): Promise<Scene> {
  const folder = mkdtempSync(join(temporary, 'pglink-heavy-'))
  try {
    for (const [file, text] of Object.entries(heavyFiles())) writeFileSync(join(folder, file), text)
    return { ...(await sceneFrom(folder, 'topology.yaml', seeded(folder))), name: heavy }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The locked example with a login that may write no lock, and one for locks that may write nothing else. */
export async function twoLoginsScene(): Promise<Scene> {
  const scene = (await exampleScenes()).find(({ name }) => name === 'locked')
  if (scene === undefined) throw new Error('there is no example with locks')
  const [deployer, locker] = ['55555555-5555-4555-8555-555555555555', '66666666-6666-4666-8666-666666666666'] as const
  const locks = ['read', 'write', 'delete'].map(verb => `Microsoft.Authorization/locks/${verb}`)
  const principals = [
    { name: 'deployer', clientId: deployer, roles: [{ scope: '/', role: 'Contributor' }] },
    { name: 'locker', clientId: locker, roles: [{ scope: '/', actions: locks }] }
  ]
  const flags = { ...scene.flags, lockIdentity: locker }
  return { ...scene, name: 'two-logins', flags, principals: parsePrincipals(JSON.stringify(principals), 'two-logins') }
}

/** A server that is migrated out of its virtual network, with all that it leaves behind there taken away. */
export async function migrationScene(): Promise<Scene> {
  const before = sceneOf('migration', integrated())
  const { allowDelete, allowMigrate } = agreed(integrated())
  return {
    ...sceneOf('migration', behindEndpoint()),
    baseline: before.resolved,
    begin: await afterApply(before),
    flags: flagsWith({ prune: true, allowDelete: allowDelete ?? [], allowMigrate: allowMigrate ?? [] })
  }
}

/** The scenes that have a name of their own. */
const namedScenes = async (): Promise<readonly Scene[]> => [
  ...(await exampleScenes()),
  await heavyScene(),
  await twoLoginsScene(),
  await migrationScene()
]

/** @throws Error where no scene has that name, with those that there are */
export async function sceneNamed(name: string): Promise<Scene> {
  const all = await namedScenes()
  const found = all.find(scene => scene.name === name)
  if (found === undefined) throw new Error(`there is no scene ${name}; there are ${all.map(scene => scene.name).join(', ')}`)
  return found
}

/** Topologies that become others, with locks of others on what is there. */
export async function randomScenes(count: number, seed: number): Promise<Scene[]> {
  const drawn = fc.sample(fc.tuple(topologies(1), topologies(2), foreignLocks), { numRuns: count, seed })
  const scenes: Scene[] = []
  for (const [index, [first, second, locks]] of drawn.entries())
    scenes.push(await randomScene(`random ${index} of seed ${seed}`, first, second, locks))
  return scenes
}

/** A topology on an estate in which there is nothing but these bodies. */
export const sceneOf = (name: string, topology: Topology, seedBodies: NonNullable<SandboxOptions['seedBodies']> = {}): Scene => ({
  name,
  resolved: resolved(topology),
  baseline: undefined,
  flags: flagsWith({}),
  begin: ofOneEstate(createSandbox({ seedBodies }).exportState()),
  watched: watchedIn(topology),
  declares: locksDeclaredIn(topology)
})

async function randomScene(name: string, first: Topology, second: Topology, locks: readonly ForeignLock[]): Promise<Scene> {
  const bare = sceneOf(name, first)
  const before = bare.resolved
  const begin = await withLocks(await afterApply(bare), locks)
  const all = [...before.desired.values()].map(({ address }) => address)
  const flags = flagsWith({ prune: true, allowDelete: all, allowLockedDelete: all, maxDeletes: 100, liftInheritedLocks: true })
  const declares = new Set([...locksDeclaredIn(first), ...locksDeclaredIn(second)])
  const scene = { name, resolved: withTime(resolved(second)), baseline: before, flags, begin, watched: watchedIn(second), declares }
  return (await isRefusedForMarkers(scene)) ? { ...scene, flags: { ...flags, journalOnlyMemory: true } } : scene
}

/** Nothing could remember a lock that it has to have off, so that its user has to accept that. */
async function isRefusedForMarkers(scene: Scene): Promise<boolean> {
  const on = machineOn(scene)
  try {
    return (await planned(on)).refusals.some(({ code }) => code === 'no-lock-memory')
  } finally {
    on.remove()
  }
}

/** Long enough for everything that is done under a lock. */
const withTime = (topology: Resolved): Resolved => ({
  ...topology,
  safety: { ...topology.safety, maxUnlockedSeconds: 2 * 3600 }
})

async function withLocks(state: SandboxState, locks: readonly ForeignLock[]): Promise<SandboxState> {
  const there = new Set(state.resources.map(({ id }) => id.toLowerCase()))
  const seedBodies = Object.fromEntries(
    locks
      .filter(({ scope }) => there.has(scope.toLowerCase()))
      .map(({ scope, level }, index) => {
        const { name, properties } = foreignBody(index, level)
        return [`${scope}/providers/Microsoft.Authorization/locks/${name}`, { properties }]
      })
  )
  const sandbox = createSandbox({ state })
  await sandbox.add(seedBodies)
  return sandbox.exportState()
}
