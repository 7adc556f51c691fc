import { kindOf } from '../kinds/index.ts'
import { addWindows } from '../locks/planning.ts'
import type { Change, Note, Plan, Refusal } from '../model/change.ts'
import { Graph, sorted } from '../model/graph.ts'
import { isOurTag, ownerIn, ownerTag, passwordVersionTag } from '../model/owner.ts'
import type { PlanOptions } from '../model/planOptions.ts'
import type { Desired, Existing, Live, Resource } from '../model/resource.ts'
import { tooLong } from './estimate.ts'
import { existing } from './existing.ts'

/** The owner's tag is put on these entries, or taken off them; nothing else of them is written. */
export interface Tagging {
  readonly as: 'adopt' | 'release'
  readonly addresses: readonly string[]
}

type TagChange = Extract<Change, { op: 'update' }>

/** The plan that tags these entries and does nothing else: an entry that differs in anything but its owner stays as it is. Pure. */
export function tagPlan(desired: Desired, live: Live, options: PlanOptions, { as, addresses }: Tagging): Plan {
  const wanted = new Set(addresses)
  const named = [...desired.values()].filter(({ address }) => wanted.has(address))
  const refusals: Refusal[] = []
  const changes: TagChange[] = []
  const notes: Note[] = []
  for (const resource of named) {
    const old = existing(live, resource.id, resource.address)
    const refusal = refusalOf(resource, old, live, options.topology)
    if (refusal !== undefined || old === undefined) {
      if (refusal !== undefined) refusals.push(refusal)
      continue
    }
    notes.push({ address: resource.address, message: `${old.path} ${tagsText(old)}` })
    const isOurs = ownerIn(old.tags) !== undefined
    if (isOurs !== (as === 'release')) continue
    if (as === 'release' && old.tags[passwordVersionTag] !== undefined)
      notes.push({
        address: resource.address,
        message: 'the version of its password is forgotten: with a passwordVersion in the file the next plan finds a difference'
      })
    changes.push(as === 'adopt' ? adopted(resource, old, options.topology) : released(resource, old))
  }
  const graph = new Graph()
  for (const { resource, old, fields } of changes)
    graph.add({ do: 'update', resource, path: old.path, old, props: old.props, fields, phase: 'main', tagsAlone: as })
  const windows = addWindows(graph, { changes, desired, live, options })
  const steps = sorted(graph, () => [])
  return {
    changes,
    steps,
    refusals: [...refusals, ...windows.refusals, ...tooLong(steps, options.safety.maxUnlockedSeconds)],
    waiting: [],
    notes: [...notes, ...windows.notes],
    unmanaged: [],
    unknown: []
  }
}

/** Tags lie on the resource alone: Azure goes nowhere else for them. */
const alone = <Of extends Resource | Existing>(of: Of): Of => ({ ...of, reach: [] })

const tagsField = (from: Existing['tags'], to: Existing['tags'], because: string): TagChange['fields'][number] => ({
  field: 'tags',
  from,
  to,
  forces: 'update',
  because,
  phase: 'main',
  restarts: false
})

function adopted(resource: Resource, old: Existing, topology: string): TagChange {
  const tags = { [ownerTag]: topology }
  return {
    op: 'update',
    resource: { ...alone(resource), props: old.props, tags, adopt: true },
    old: alone(old),
    fields: [tagsField(old.tags, { ...old.tags, ...tags }, "it gets the topology's tag")]
  }
}

function released(resource: Resource, old: Existing): TagChange {
  const kept = Object.entries(old.tags).filter(([name]) => !isOurTag(name))
  return {
    op: 'update',
    resource: { ...alone(resource), props: old.props, tags: {}, adopt: false },
    old: alone(old),
    fields: [tagsField(old.tags, Object.fromEntries(kept), "it loses the topology's tag")]
  }
}

function tagsText({ tags }: Existing): string {
  const all = Object.entries(tags).map(([name, value]) => `${name}=${value}`)
  return all.length === 0 ? 'has no tags' : `has the tags ${all.join(', ')}`
}

function refusalOf(resource: Resource, old: Existing | undefined, live: Live, topology: string): Refusal | undefined {
  const { address, at, path } = resource
  const { title, taggable, leftAlone } = kindOf(resource)
  const refuse = (code: string, exit: Refusal['exit'], message: string): Refusal => ({ code, address, exit, at, message })
  if (!resource.managed)
    return refuse(
      'not-managed',
      4,
      `${address} only refers to what is there (\`id:\` or \`existing: true\`). Declare it in full first: ${path}`
    )
  if (!taggable)
    return refuse(
      'no-tags',
      4,
      `${address} is a ${title}, which carries no tags in Azure: it is ours where what it lies in is. Name that instead, or write \`adopt: true\` on ${address}.`
    )
  const observed = live.resources.get(resource.id)?.observed
  if (observed?.state === 'unreadable') return refuse('unreadable', 7, `${address} could not be read: ${observed.reason}`)
  if (old === undefined) return refuse('missing', 1, `${address} is not there: ${path}`)
  const owner = ownerIn(old.tags)
  if (owner === undefined || owner === topology) return undefined
  return refuse(
    'not-ours',
    6,
    `The ${title} ${address} belongs to the topology "${owner}" (its tag ${ownerTag} says so): ${old.path}. Release it there first; to leave it alone, ${leftAlone}.`
  )
}
