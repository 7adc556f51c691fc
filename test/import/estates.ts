import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { type CommandLine, commandLine, type Ended } from '../simulate/commandLine.ts'
import { subscription } from '../support/estate.ts'
import { type DrawnEstate, estates } from '../support/estates.ts'

/** One estate with the line that imports it. */
export interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** Applied one after the other before the import. */
  readonly topologies: readonly string[]
  readonly asked: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  /** The tags of ours are taken off before the import: somebody else made it all. */
  readonly untagged?: boolean
}

/** The outcome of importing one. */
export interface Came {
  readonly applies: readonly Ended[]
  readonly imported: Ended
  readonly again: Ended
  readonly text: string
  readonly validated: Ended
  readonly planned: Ended
  /** The adoption of all that the file says is not ours, and the plan after it; absent where that is nothing. */
  readonly adopted: Ended | undefined
  readonly after: Ended | undefined
  /** Requests of the imports that were no reads, as `METHOD path`. */
  readonly writes: readonly string[]
  readonly entries: number
  readonly byId: number
}

const sandbox = ['--sandbox', '--sandbox-state', 'estate.json', '--sandbox-seed', 'seed.json']

/** Applies the topologies, imports what is there twice, and plans what came of it. */
export async function cameOf({ files, topologies, asked, secrets, untagged = false }: Case): Promise<Came> {
  const here = commandLine({ 'seed.json': '{}', ...files })
  try {
    const allowed = Object.keys(secrets).flatMap(name => ['--allow-env', name])
    const applies: Ended[] = []
    for (const file of topologies)
      applies.push(await here.pglink(['apply', file, '--auto-approve', '--data-dir', 'data', ...sandbox, ...allowed], secrets))
    // An apply that was refused has kept no estate.
    const kept = here.files().get('estate.json')
    if (untagged && kept !== undefined) here.write('estate.json', withoutOurs(kept))
    const imported = await here.pglink(['import', '--out', 'i.yaml', '--sandbox-log', 'requests.ndjson', ...sandbox, ...asked])
    const again = await here.pglink(['import', '--sandbox-log', 'requests.ndjson', ...sandbox, ...asked])
    const text = here.files().get('i.yaml') ?? ''
    const variables = [...new Set([...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name))]
    const given = variables.flatMap(name => ['--allow-env', name])
    const values = Object.fromEntries(variables.map(name => [name, 'Throw-away-9']))
    const validated = await here.pglink(['validate', 'i.yaml', ...given], values)
    const planned = await here.pglink(['plan', 'i.yaml', '--detailed-exitcode', '--data-dir', 'fresh', ...sandbox, ...given])
    const untaggedAddresses = addressesIn(text)
    const reading = ['--data-dir', 'fresh', ...sandbox, ...given]
    const adopt = ['adopt', ...untaggedAddresses, '--file', 'i.yaml', '--auto-approve', '--lift-inherited-locks', ...reading]
    const adopted = untaggedAddresses.length === 0 ? undefined : await here.pglink(adopt)
    const after = adopted && (await here.pglink(['plan', 'i.yaml', '--detailed-exitcode', ...reading]))
    return { applies, imported, again, text, validated, planned, adopted, after, writes: writesIn(here), ...countsIn(imported) }
  } finally {
    here.remove()
  }
}

/** The entries that the file lists as without a tag of ours. */
const addressesIn = (text: string): string[] => {
  const [, list = ''] = /`pglink adopt ADDRESS...` writes the tag:\n((?:# {3}.*\n)*)/.exec(text) ?? []
  return list.split('\n').flatMap(line => (line === '' ? [] : [line.slice(4)]))
}

interface Stored {
  readonly body: { readonly tags?: Readonly<Record<string, string>> }
}

function withoutOurs(state: string): string {
  const parsed = JSON.parse(state) as { readonly resources: readonly Stored[] }
  const resources = parsed.resources.map(one => {
    const { tags, ...body } = one.body
    if (tags === undefined) return one
    const kept = Object.entries(tags).filter(([name]) => !name.startsWith('pglink-'))
    return { ...one, body: { ...body, ...(kept.length > 0 && { tags: Object.fromEntries(kept) }) } }
  })
  return JSON.stringify({ ...parsed, resources })
}

function writesIn(here: CommandLine): string[] {
  const lines = readFileSync(join(here.path, 'requests.ndjson'), 'utf8').trim().split('\n')
  const requests = lines.map(line => JSON.parse(line) as { readonly method: string; readonly path: string })
  return requests.flatMap(({ method, path }) => (method === 'GET' ? [] : [`${method} ${path}`]))
}

function countsIn({ stdout }: Ended): Pick<Came, 'entries' | 'byId'> {
  const [, entries = '0', byId = '0'] = /(\d+) entr(?:y|ies), (\d+) of them by their id/.exec(stdout) ?? []
  return { entries: Number(entries), byId: Number(byId) }
}

/** Estates drawn by chance, each as its first file leaves it, with the locks that others put on it. */
export const drawn = (runs: number, seed: number): Case[] =>
  fc.sample(estates, { numRuns: runs, seed }).map((one, index) => ({
    name: `estate ${index} of seed ${seed}`,
    files: { 'first.yaml': stringify(one.first), 'seed.json': JSON.stringify({ ...one.theirs, ...locksIn(one) }) },
    topologies: ['first.yaml'],
    asked: ['--resource-group', `/subscriptions/${subscription}/resourceGroups/rg-sim`],
    secrets: { PG_PASSWORD: 'Throw-away-1', ADF_PASSWORD: 'Throw-away-3' },
    untagged: index % 2 === 1
  }))

/** Those on what is there before the first file. */
const locksIn = ({ locks, theirs }: DrawnEstate): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    locks
      .filter(({ scope }) => scope in theirs)
      .map(({ scope, level }) => [`${scope}/providers/Microsoft.Authorization/locks/held`, { properties: { level, notes: 'theirs' } }])
  )
