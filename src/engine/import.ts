import type { Azure } from '../azure/azure.ts'
import { type Choices, type Composed, compose } from '../import/compose.ts'
import { type Asked, discover, NotThere } from '../import/discover.ts'
import type { Discovered } from '../import/item.ts'
import { headingOf, rulesBroken, rulesLowered, usualName } from '../import/words.ts'
import { yamlOf } from '../import/yaml.ts'
import { readLive } from '../live/read.ts'
import type { Plan } from '../model/change.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { nameOf, type ResourceId, resourceId, scopePathOf } from '../model/id.ts'
import type { Live } from '../model/resource.ts'
import { makePlan } from '../plan/plan.ts'
import { notesOn, pathsOf } from '../proof/path.ts'
import type { Resolved } from '../topology/resolve.ts'
import { rulesById } from '../topology/rules/index.ts'
import { type Loaded, loadTopology } from '../topology/topology.ts'
import { connect } from './azure.ts'
import { dataDirOf } from './dataDir.ts'
import type { Host } from './host.ts'
import type { DriftOptions } from './options.ts'
import { schemaBeside } from './packageFile.ts'
import { runId } from './runId.ts'
import { settingsOf } from './settings.ts'
import { Stop } from './stop.ts'
import { inArmTerms, optionsFor } from './topology.ts'

type Cloud = Resolved['cloud']

/** The question of an import. */
export interface ImportWanted extends Asked {
  /** Ids of things that are only referred to, whatever they are. */
  readonly theirs: readonly string[]
  readonly cloud: Cloud
  /** The topology's name; by default that of the tag, or of the first thing asked for. */
  readonly name: string | undefined
  /** Rules that what is there breaks are lowered in the file, and not only named in a comment. */
  readonly lowerRules: boolean
  /** Words about single resources, by id. */
  readonly said: ReadonlyMap<ResourceId, string>
}

export interface Imported {
  readonly text: string
  readonly name: string
  readonly composed: Composed
  readonly found: Discovered
  /** Problems for which the file is not valid as it is. */
  readonly errors: readonly Diagnostic[]
  /** Rules that what is there breaks, with what is wrong. */
  readonly broken: ReadonlyMap<string, string>
  /** Addresses that a plan would still change, and how. */
  readonly changes: readonly string[]
}

/** More rounds than things can be wrong with one entry. */
const roundsMax = 20

/**
 * Imports into the one file that the options name, which is not written here: it only says where the data directory is.
 *
 * @throws Stop where an id leads to nothing, or there is no way to Azure
 */
export async function importInto(options: DriftOptions, wanted: ImportWanted, host: Host): Promise<Imported> {
  const settings = settingsOf(options)
  const dataDir = dataDirOf(settings.files[0] ?? '', settings, settings.cwd)
  const connection = await connect({ settings, host, cloud: wanted.cloud, dataDir, run: runId() })
  try {
    return await importTopology(connection.open('reading'), wanted)
  } catch (error) {
    throw error instanceof NotThere ? new Stop('error', error.message) : error
  } finally {
    connection.close()
  }
}

/**
 * Reads what is there and writes the topology of it. The file is loaded and planned as a user would do it: what does not come out as it
 * is in Azure is here by its id instead, with the reason.
 *
 * @throws NotThere
 */
export async function importTopology(azure: Azure, wanted: ImportWanted): Promise<Imported> {
  const found = await discover(azure, wanted)
  const draft = new Draft(wanted, found)
  for (let round = 0; round < roundsMax; round++) if (!(await draft.improved(azure))) break
  return draft.imported()
}

class Draft {
  readonly #wanted: ImportWanted
  readonly #found: Discovered
  readonly #name: string
  readonly #refused = new Map<string, string>()
  readonly #remarks = new Map<string, string[]>()
  readonly #broken = new Map<string, string>()
  #composed: Composed
  #changes: readonly string[] = []

  constructor(wanted: ImportWanted, found: Discovered) {
    this.#wanted = wanted
    this.#found = found
    this.#name = wanted.name ?? usualName(wanted, found)
    this.#composed = this.#compose()
    for (const [id, line] of wanted.said) {
      const address = this.#composed.layout.byId.get(id)?.address
      if (address !== undefined) this.#remark(address, line)
      const scope = scopePathOf(id)
      const locked = scope === '' ? undefined : this.#composed.layout.byId.get(resourceId(scope))?.address
      if (locked !== undefined) this.#remark(locked, `Its lock ${nameOf(id)} is ${line}`)
    }
  }

  /** Whether something had to be written otherwise. */
  async improved(azure: Azure): Promise<boolean> {
    this.#composed = this.#compose()
    const loaded = await loadedFrom(this.#text(true), this.#composed)
    const before = this.#state()
    for (const diagnostic of loaded.diagnostics) this.#hear(diagnostic)
    if (loaded.ok) await this.#plan(azure, loaded)
    return this.#state() !== before
  }

  async imported(): Promise<Imported> {
    const text = this.#text(this.#wanted.lowerRules)
    const loaded = await loadedFrom(text, this.#composed)
    const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
    return { text, name: this.#name, composed: this.#composed, found: this.#found, errors, broken: this.#broken, changes: this.#changes }
  }

  #state = (): string => JSON.stringify([[...this.#refused], [...this.#remarks], [...this.#broken]])

  #compose(): Composed {
    const choices: Choices = {
      name: this.#name,
      cloud: this.#wanted.cloud,
      own: new Set(this.#wanted.own.map(resourceId)),
      theirs: new Set(this.#wanted.theirs.map(resourceId)),
      refused: this.#refused,
      remarks: this.#remarks
    }
    return compose(this.#found, choices)
  }

  #text(isLowered: boolean): string {
    const { document, comments, untagged, secrets } = this.#composed
    const rules = isLowered && this.#broken.size > 0 ? { rules: rulesLowered(this.#broken) } : {}
    const schema = [`yaml-language-server: $schema=${schemaBeside}`, '']
    const heading = headingOf({ asked: this.#wanted, found: this.#found, untagged, secrets })
    return yamlOf({ ...document, ...rules }, comments, [...schema, ...heading], isLowered ? [] : rulesBroken(this.#broken))
  }

  #remark(address: string, line: string): void {
    const lines = this.#remarks.get(address) ?? []
    if (!lines.includes(line)) this.#remarks.set(address, [...lines, line])
  }

  #hear({ rule, severity, summary, address }: Diagnostic): void {
    const entry = this.#nearest(address)
    if (severity === 'warning') {
      if (entry !== undefined) this.#remark(entry, `${rule}: ${summary}.`)
    } else if (rulesById.get(rule)?.lowerable) {
      if (!this.#broken.has(rule)) this.#broken.set(rule, summary)
    } else if (entry !== undefined && !this.#refused.has(entry)) this.#refused.set(entry, `${summary} (${rule})`)
  }

  /** The entry that an address lies in, or is. */
  #nearest(address: string): string | undefined {
    const entries = [...this.#composed.layout.byId.values()].map(one => one.address)
    const locks = /^(.*\/locks\/[^/]+)/.exec(address)?.[1]
    return locks ?? entries.filter(one => address === one || address.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0]
  }

  /** As the command does it: one read, and the difference. */
  async #plan(azure: Azure, loaded: Extract<Loaded, { ok: true }>): Promise<void> {
    const resolved = inArmTerms(loaded, { subscription: undefined })
    const { plan, live } = await planned(azure, resolved)
    const changed = plan.changes.map(change =>
      change.op === 'delete'
        ? { address: change.old.address, why: 'a plan would delete it' }
        : { address: change.resource.address, why: whyNot(change) }
    )
    const refusals = plan.refusals.map(({ address, message }) => ({ address, why: message }))
    this.#changes = changed.map(({ address, why }) => `${address}: ${why}`)
    for (const { address, why } of [...changed, ...refusals]) {
      const entry = this.#nearest(address)
      if (entry === undefined) continue
      if (this.#refused.has(entry)) this.#remark(entry, why)
      else this.#refused.set(entry, why)
    }
    this.#lookAtPaths(resolved, live)
  }

  /** The faults of what is there, which no file mends by itself. */
  #lookAtPaths(resolved: Resolved, live: Live): void {
    const input = { desired: resolved.desired, live, endpoints: resolved.endpoints }
    const paths = pathsOf(input)
    for (const { address, hops } of paths)
      for (const { as, message } of hops) if (as === 'broken' || as === 'waiting') this.#remark(address, `Looks wrong: ${message}.`)
    for (const { address, message } of notesOn(paths, input)) this.#remark(address, `Note: ${message}.`)
  }
}

type Made = Exclude<Plan['changes'][number], { op: 'delete' }>

const whyNot = (change: Made): string =>
  change.op === 'create'
    ? 'a plan would make it'
    : `a plan would ${change.op} it: ${change.fields.map(({ field, from, to }) => `${field} from ${worded(from)} to ${worded(to)}`).join(', ')}`

const worded = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

const loadedFrom = (text: string, { secrets }: Composed): Promise<Loaded> =>
  loadTopology({
    file: 'topology.yaml',
    readFile: async () => Buffer.from(text),
    variables: { allowed: new Set(secrets), values: new Map() },
    purpose: 'plan'
  })

async function planned(azure: Azure, resolved: Resolved): Promise<{ readonly plan: Plan; readonly live: Live }> {
  const { desired, endpoints, name, subscriptions } = resolved
  const live = await readLive(azure, { desired, baseline: undefined, prune: false, topology: name, subscriptions, endpoints })
  const plan = makePlan(desired, live, optionsFor({ resolved }, settingsOf({}), undefined, []))
  return { plan, live }
}
