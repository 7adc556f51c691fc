import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { type ArmBody, textAt } from '../../src/sandbox/json.ts'
import type { StoredResource } from '../../src/sandbox/state.ts'
import { type Folder, folder, type Ran } from '../support/cli.ts'

const root = fileURLToPath(new URL('../../examples', import.meta.url))

/** Every folder with a topology in it: an example that is added is tested without being named. */
export const exampleNames = readdirSync(root)
  .filter(name => existsSync(join(root, name, 'topology.yaml')))
  .sort()

export interface Request {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** A command that has ended, and what it asked of Azure. */
export interface Run extends Ran {
  readonly requests: readonly Request[]
}

export type Bodies = Readonly<Record<string, ArmBody>>

export interface Estate {
  readonly path: string
  /** The estate before pglink comes: ids and ARM bodies. */
  readonly seed: Bodies
  readonly files: Folder
  /** Runs one command on the estate; no secret of the example may be in anything it leaves behind. */
  run(command: string, env?: Readonly<Record<string, string>>): Promise<Run>
  /** The estate as it is kept on disk; nothing while no command has written. */
  bytes(): string | undefined
  resources(): readonly StoredResource[]
  /** Fails when a secret of the example is in `texts` or in any file here. */
  keepsSecrets(...texts: readonly string[]): void
}

/** A copy of an example, with an estate of its own. */
export function example(name: string): Estate {
  const here = folder()
  cpSync(join(root, name), here.path, { recursive: true })
  return estateIn(here)
}

/** An estate for what lies in a folder: `.env.example` for the variables, `sandbox.json` for what is there before. */
export function estateIn(here: Folder): Estate {
  const at = (file: string): string => join(here.path, file)
  const secrets = secretsIn(here.read('.env.example'))
  const seeded = existsSync(at('sandbox.json'))
  const bytes = (): string | undefined => (existsSync(at('estate.json')) ? here.read('estate.json') : undefined)
  let runs = 0
  const keepsSecrets = (...texts: readonly string[]): void => {
    for (const secret of secrets)
      for (const text of [...texts, ...filesIn(here.path)]) expect(text.includes(secret), `${secret} is in: ${text}`).toBe(false)
  }
  return {
    path: here.path,
    seed: seeded ? (JSON.parse(here.read('sandbox.json')) as Bodies) : {},
    files: here,
    bytes,
    resources: () => (JSON.parse(bytes() ?? '{"resources":[]}') as { readonly resources: readonly StoredResource[] }).resources,
    keepsSecrets,
    async run(command, env = {}) {
      runs += 1
      const log = `requests-${runs}.ndjson`
      const sandbox = `--sandbox --sandbox-state estate.json --sandbox-log ${log}${seeded ? ' --sandbox-seed sandbox.json' : ''}`
      const ran = await here.pglink(`${command} --env-file .env.example --data-dir data ${sandbox}`, env)
      keepsSecrets(ran.stdout, ran.stderr)
      return { ...ran, requests: requestsIn(at(log)) }
    }
  }
}

/** The values of all variables that are not ids. */
const secretsIn = (text: string): string[] =>
  Object.entries(parseEnv(text)).flatMap(([name, value]) => (/_ID$/.test(name) || value === undefined ? [] : [value]))

/** The texts of every file but the one the secrets are given in. */
function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries.flatMap(entry =>
    entry.isFile() && entry.name !== '.env.example' ? [readFileSync(join(entry.parentPath, entry.name), 'utf8')] : []
  )
}

export function requestsIn(log: string): Request[] {
  if (!existsSync(log)) return []
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as Request)
}

/** One POST only looks: whether a name is still free cannot be asked with a GET. */
export const writes = (requests: readonly Request[]): Request[] =>
  requests.filter(({ method, path }) => method !== 'GET' && !(method === 'POST' && path.endsWith('/checkNameAvailability')))

const isLock = (id: string): boolean => /\/providers\/microsoft\.authorization\/locks\/[^/]+$/i.test(id)

/** Level, notes and owners of each lock, by its id as it is written. */
export const locksOf = (bodies: Bodies): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(bodies).flatMap(([id, body]) => (isLock(id) ? [[id, body['properties']]] : [])))

export const bodiesOf = (resources: readonly StoredResource[]): Bodies => Object.fromEntries(resources.map(({ id, body }) => [id, body]))

export const isWithin = (id: string, scope: string): boolean => `${id.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`)

/** The tag that says whose a resource is. */
export const ownerOf = (body: ArmBody): string | undefined => textAt(body, 'tags', 'pglink-topology')

/** The topology file as YAML has it: what a test expects is taken from here and not from the tool. */
export const topologyOf = (estate: Estate, file = 'topology.yaml'): Readonly<Record<string, unknown>> =>
  parse(estate.files.read(file)) as Readonly<Record<string, unknown>>

/** Every key of every `locks:` below an entry. */
export function declaredLocks(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'locks' && typeof inner === 'object' && inner !== null ? Object.keys(inner) : declaredLocks(inner)
  )
}
