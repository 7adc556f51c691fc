import { parse } from 'yaml'
import { kindOf } from '../kinds/index.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { type Drift, isMoved, isTelling } from '../model/drift.ts'
import type { ResourceId } from '../model/id.ts'
import { type Body, isBody, type Json } from '../model/json.ts'
import type { Desired } from '../model/resource.ts'
import { edited } from '../topology/edit.ts'
import { secretAt } from '../topology/schema.ts'
import { settingOf } from '../topology/settings.ts'
import { type Node, nodeAt, type Path } from '../topology/tree.ts'

/** The texts of the files a topology is made of, by the names it was read by. */
export type Texts = ReadonlyMap<string, string>

export interface AcceptInput {
  /** The merged document that the drift was found with. */
  readonly document: Node
  readonly desired: Desired
  readonly texts: Texts
}

interface Left {
  readonly drift: Drift
  readonly reason: string
}

export interface Accepted {
  readonly texts: Texts
  readonly written: readonly Drift[]
  /** Differences that stay in the files, and why. */
  readonly left: readonly Left[]
}

/** Problems that the files would still have: of all of them together, or of the values taken over. */
export type Check = (texts: Texts) => Promise<{ readonly error: string } | { readonly still: readonly Drift[] }>

/**
 * Takes what is there over into the files, each value into the file it stands in. A value that `check` does not let pass stays as it was
 * and is said: nothing is written that would make a file invalid, or that would leave the difference where it is.
 */
export async function accepted(drift: readonly Drift[], input: AcceptInput, check: Check): Promise<Accepted> {
  const left: Left[] = drift.filter(one => !isMoved(one) && one.counts).map(one => ({ drift: one, reason: notInFile(one) }))
  let texts = input.texts
  const written: Drift[] = []
  const wanted = drift.filter(one => isMoved(one) && one.counts)
  const all = writeAll(wanted, { ...input, texts })
  if (all.written.length > 0 && (await passes(all.texts, all.written, check)) === undefined)
    return { texts: all.texts, written: all.written, left: [...left, ...all.left] }
  for (const one of wanted) {
    const next = writeAll([one], { ...input, texts })
    left.push(...next.left)
    if (next.written.length === 0) continue
    const reason = await passes(next.texts, [...written, one], check)
    if (reason === undefined) {
      texts = next.texts
      written.push(one)
    } else left.push({ drift: one, reason })
  }
  return { texts, written, left }
}

const notInFile = ({ class: of }: Drift): string =>
  of === 'unmanaged' ? 'it is in no file: declare it, or take it away in Azure' : 'it could not be read'

async function passes(texts: Texts, written: readonly Drift[], check: Check): Promise<string | undefined> {
  const found = await check(texts)
  if ('error' in found) return `the file would not be valid: ${found.error}`
  const isStill = ({ id, field }: Drift) => found.still.some(other => other.id === id && other.field === field)
  return written.some(isStill) ? 'the file would still say something else' : undefined
}

function writeAll(drift: readonly Drift[], input: AcceptInput): Accepted {
  const written: Drift[] = []
  const left: Left[] = []
  let texts = input.texts
  for (const one of drift) {
    const next = takenOver(one, { ...input, texts })
    if (typeof next === 'string') left.push({ drift: one, reason: next })
    else {
      texts = next
      written.push(one)
    }
  }
  return { texts, written, left }
}

/** The texts with this in them, or the reason why it is not for us to write. */
function takenOver(drift: Drift, input: AcceptInput): Texts | string {
  if (drift.field === undefined)
    return drift.kind === resourceGroup.name ? 'a group is named, and not declared' : without(drift, [], input.texts)
  if (drift.kind === resourceGroup.name && groupIn(input.document) !== drift.address)
    return 'the group is named on an entry, and declared nowhere by itself'
  const setting = settingOf(drift.kind, drift.field)
  if (setting === undefined) return isTelling(drift.field) ? drift.message : 'no setting of the file says it'
  const writes = setting.writes(drift.live, id => referenceTo(id, input.desired))
  if (typeof writes === 'string') return writes
  let texts: Texts = input.texts
  for (const { path, value } of writes) {
    const next = value === undefined ? without(drift, path, texts) : withValue(drift, path, value, { ...input, texts })
    // One of several members may never have been there.
    if (typeof next === 'string' && (value !== undefined || writes.length === 1)) return next
    if (typeof next !== 'string') texts = next
  }
  return texts
}

const referenceTo = (id: ResourceId, desired: Desired): Json => {
  const address = desired.get(id)?.address
  return address === undefined ? { id } : address
}

/** The group that a whole file lies in stands under the name of its kind. */
const groupKey = resourceGroup.name

/** Where an entry stands in one text: its keys are its address, but for one in a list, and for a group. */
function entryIn({ kind, address }: Drift, text: string): Path | undefined {
  const keys = address.split('/')
  if (kind === resourceGroup.name) return [groupKey]
  const { keysOf } = kindOf({ kind }).inFile ?? {}
  if (keysOf === undefined) return keys
  const list = keys.slice(0, -1)
  const index = keysOf((list.reduce<unknown>((node, key) => (isBody(node) ? node[key] : undefined), parse(text)) ?? []) as never).indexOf(
    keys.at(-1) ?? ''
  )
  return index < 0 ? undefined : [...list, index]
}

const standsInList = ({ kind }: Drift): boolean => kindOf({ kind }).inFile?.keysOf !== undefined

/** Taken out of every file that has it: of two that are laid on each other, the lower one would show again. */
function without(drift: Drift, below: Path, texts: Texts): Texts | string {
  const next = new Map(texts)
  let found = false
  for (const [file, text] of texts) {
    const entry = entryIn(drift, text)
    if (entry === undefined) continue
    const made = edited(text, [...entry, ...below], undefined)
    if (!made.ok) return made.reason
    found ||= made.text !== text
    next.set(file, made.text)
  }
  return found ? next : 'it does not stand on its entry: it is inherited, or what the entry comes with'
}

function withValue(drift: Drift, below: Path, value: Json, { document, texts }: AcceptInput): Texts | string {
  // A list is laid over another as a whole.
  const inDocument = standsInList(drift) ? drift.address.split('/').slice(0, -1) : (entryIn(drift, '') ?? [])
  const path = [...inDocument, ...below]
  if (secretAt(path)) return 'secrets are never written'
  const node = standsInList(drift) ? nodeAt(document, inDocument) : nearest(document, path)
  const file = node?.at.source.file
  const text = file === undefined ? undefined : texts.get(file)
  const entry = text === undefined ? undefined : entryIn(drift, text)
  if (file === undefined || text === undefined || entry === undefined) return 'its entry does not stand in a file of this topology'
  const group = nodeAt(document, entry)
  const made =
    drift.kind === resourceGroup.name && group?.kind === 'scalar'
      ? edited(text, entry, { name: String(group.value), ...nested(below, value) })
      : edited(text, [...entry, ...below], likeBefore(value, nodeAt(document, path)))
  return made.ok ? new Map(texts).set(file, made.text) : made.reason
}

/** The address of the group that the file declares at its top. */
function groupIn(document: Node): string | undefined {
  const node = nodeAt(document, [groupKey])
  const name = node?.kind === 'map' ? nodeAt(node, ['name']) : node
  return name?.kind === 'scalar' ? `resourceGroups/${String(name.value)}` : undefined
}

const nested = (path: Path, value: Json): Body => path.reduceRight<Json>((below, key) => ({ [String(key)]: below }), value) as Body

/** The node that is there, or the one it would lie in: an overlay keeps its own. */
function nearest(document: Node, path: Path): Node | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(document, path.slice(0, length))
    if (node) return node
  }
  return undefined
}

/** Azure gives every parameter as a text; a number stays one. */
const likeBefore = (value: Json, before: Node | undefined): Json =>
  before?.kind === 'scalar' && typeof before.value === 'number' && typeof value === 'string' && String(Number(value)) === value
    ? Number(value)
    : value
