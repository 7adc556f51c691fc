import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { VerifyDocument } from '../../src/document/verify.generated.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { type CommandLine, commandLine, type Ended } from '../simulate/commandLine.ts'
import { watchedIn } from '../support/watched.ts'
import { brokenPaths } from '../support/witness.ts'

type Deed =
  | { readonly arm: string; readonly body?: object }
  | { readonly decide: 'Approved' | 'Rejected' | 'removed'; readonly on: string; readonly of: string }
  | { readonly seed: Readonly<Record<string, object>> }
  | { readonly edit: string; readonly at: readonly (string | number)[]; readonly to: unknown }
  | { readonly sleep: number }

interface Fault {
  readonly fault: string
  readonly does: readonly Deed[]
}

export interface Breakage extends Fault {
  readonly at: string
  readonly hop: string
  readonly fix: string
}

interface Unseen extends Fault {
  readonly at: string
  readonly hop: string
  readonly why: string
}

/** A deed that Azure does not take after another one. */
export class Refused extends Error {}

interface Breakages {
  readonly names: Readonly<Record<string, string>>
  readonly order: Readonly<Record<string, readonly string[]>>
  readonly seed: Readonly<Record<string, object>>
  readonly topology: object
  readonly breakages: readonly Breakage[]
  readonly whole: readonly Fault[]
  readonly unseen: readonly Unseen[]
}

/** The file with its names put in, the longest first. */
function read(): Breakages {
  const text = readFileSync(new URL('breakages.yaml', import.meta.url), 'utf8')
  const { names } = parse(text) as Breakages
  const keys = Object.keys(names).sort((a, b) => b.length - a.length)
  let json = JSON.stringify(parse(text))
  for (let turn = 0; turn < 4; turn += 1) for (const key of keys) json = json.replaceAll(`$${key}`, names[key] ?? '')
  return JSON.parse(json) as Breakages
}

export const file = read()

const always = ['--sandbox', '--data-dir', '.pglink', '--allow-env', 'PG_PASSWORD']
const secrets = { PG_PASSWORD: 'Throw-away-1' }

interface Verified extends Ended {
  readonly document: VerifyDocument
  /** The sentences of the witness on the endpoints in networks. */
  readonly witness: readonly string[]
}

/** The estate that the file declares, converged once; each look begins from that state. */
export interface Ways {
  verified(deeds: readonly Deed[]): Promise<Verified>
  /** The state of the converged estate. */
  state(): SandboxState
  remove(): void
}

export async function converged(): Promise<Ways> {
  const here = commandLine({ 'topology.yaml': stringify(file.topology), 'seed.json': JSON.stringify(file.seed) })
  const applied = await here.pglink(['apply', ...always, '--sandbox-seed', 'seed.json', '--auto-approve'], secrets)
  if (applied.code !== 0) throw new Error(`The estate did not converge: ${applied.stdout}${applied.stderr}`)
  const state = JSON.parse(JSON.stringify(await wholeOf(here))) as SandboxState
  const run = async (deeds: readonly Deed[], ...more: readonly string[]): Promise<Ended & { readonly sandbox: Sandbox }> => {
    const sandbox = await broken(structuredClone(state), deeds)
    here.write('estate.json', JSON.stringify(sandbox.exportState()))
    for (const left of ['estate.json.log', 'estate.json.lock']) here.delete(left)
    return { sandbox, ...(await here.pglink(['verify', ...always, '--sandbox-state', 'estate.json', ...more], secrets)) }
  }
  return {
    async verified(deeds) {
      const { sandbox, ...ended } = await run(deeds, '--json')
      const witness = await brokenPaths(sandbox.handle, watchedIn(file.topology))
      return { ...ended, witness, document: JSON.parse(ended.stdout) as VerifyDocument }
    },
    state: () => structuredClone(state),
    remove: () => here.remove()
  }
}

/** The state as the command line left it: its file, with what its journal adds. */
async function wholeOf({ path }: CommandLine): Promise<SandboxState> {
  const { openStateFile } = await import('../../src/sandbox/stateFile.ts')
  const opened = openStateFile(join(path, '.pglink/sandbox.json'))
  try {
    if (opened.state === undefined) throw new Error('There is no state')
    return opened.state
  } finally {
    opened.close()
  }
}

async function broken(state: SandboxState, deeds: readonly Deed[]): Promise<Sandbox> {
  let sandbox = createSandbox({ state })
  for (const deed of deeds) {
    if ('sleep' in deed) await sandbox.clock.sleep(deed.sleep * 60_000)
    else if ('seed' in deed) await sandbox.add(deed.seed as Parameters<Sandbox['add']>[0])
    else if ('edit' in deed) sandbox = createSandbox({ state: edited(sandbox.exportState(), deed) })
    else if ('decide' in deed) await decided(sandbox, deed)
    else await asked(sandbox, deed.arm, deed.body)
  }
  return sandbox
}

function edited(state: SandboxState, { edit, at, to }: Extract<Deed, { edit: string }>): SandboxState {
  const copy = structuredClone(state) as unknown as { readonly resources: { readonly id: string }[] }
  const found = copy.resources.filter(
    ({ id }) => id.toLowerCase() === edit.toLowerCase() || (!edit.startsWith('/') && id.toLowerCase().includes(edit.toLowerCase()))
  )
  if (found.length === 0) throw new Refused(`Nothing has the id ${edit}`)
  for (const one of found) {
    let place = one as unknown as Record<string | number, unknown>
    for (const key of at.slice(0, -1)) place = place[key] as Record<string | number, unknown>
    const last = at.at(-1) ?? ''
    if (to === null) delete place[last]
    else place[last] = to
  }
  return copy as unknown as SandboxState
}

const versions: readonly (readonly [part: RegExp, version: string])[] = [
  [/DBforPostgreSQL/i, '2025-08-01'],
  [/DataFactory/i, '2018-06-01'],
  [/privateDnsZones\//i, '2020-06-01'],
  [/privateDnsZoneGroups|Microsoft\.Network/i, '2024-05-01']
]

/** Longer than anything that Azure goes on doing, and shorter than interactive authoring stays on. */
const longEnoughMs = 12 * 60_000

async function asked(sandbox: Sandbox, arm: string, body?: object): Promise<string> {
  const [method = '', id = ''] = arm.split(' ')
  const [, version = ''] = versions.find(([part]) => part.test(id.replace(/.*providers\//i, ''))) ?? []
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const answer = await sandbox.handle(new Request(`https://management.azure.com${id}?api-version=${version}`, { method, ...sent }))
  const said = await answer.text()
  if (answer.status >= 300) throw new Refused(`${arm}: ${answer.status} ${said}`)
  if (method === 'GET') return said
  await sandbox.clock.sleep(longEnoughMs)
  const operation = answer.headers.get('azure-asyncoperation') ?? answer.headers.get('location')
  if (operation !== null) await sandbox.handle(new Request(operation))
  return said
}

async function decided(sandbox: Sandbox, { decide, on, of }: Extract<Deed, { decide: string }>): Promise<void> {
  const listed = JSON.parse(await asked(sandbox, `GET ${on}/privateEndpointConnections`)) as {
    readonly value: readonly { readonly id: string; readonly properties: { readonly privateEndpoint?: { readonly id: string } } }[]
  }
  const one = listed.value.find(({ properties }) => properties.privateEndpoint?.id.toLowerCase().includes(of))
  if (one === undefined) throw new Refused(`No connection of ${on} comes from ${of}`)
  const state = { privateLinkServiceConnectionState: { status: decide, description: 'by the DBA' } }
  await (decide === 'removed' ? asked(sandbox, `DELETE ${one.id}`) : asked(sandbox, `PUT ${one.id}`, { properties: state }))
}
