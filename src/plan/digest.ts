import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import jsonPatch from 'fast-json-patch'
import { kindOf } from '../kinds/index.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import { type Action, type Plan, subjectOf, type WorkOfDuty } from '../model/change.ts'
import { ownerIn, ownerTag } from '../model/owner.ts'
import { withoutSecrets } from '../model/redact.ts'
import type { Desired, Live, Resource } from '../model/resource.ts'
import { Secret } from '../model/secret.ts'

const { compare, getValueByPointer } = jsonPatch

/** The values that a plan rests on, by a name a person understands; an equal name with another value has moved. */
export type Foundation = Readonly<Record<string, unknown>>

/**
 * The digest of a plan: of its steps, of the topology as resolved, and of what the steps depend on. Not of ETags,
 * counters, times, undeclared fields or neighbours: those may move without making another plan of it.
 *
 * @returns `sha256:` and the hash of the foundation in canonical JSON (RFC 8785), and the foundation, which is made when asked for: it is as
 *   large as the topology, and few plans are compared
 */
export function digestOf(plan: Plan, desired: Desired, live: Live) {
  const bare = (): string => JSON.stringify(foundationOf(plan, desired, live), nameOfSecret)
  return {
    digest: `sha256:${createHash('sha256').update(canonical(bare())).digest('hex')}`,
    foundation: (): Foundation => JSON.parse(bare())
  }
}

function foundationOf(plan: Plan, desired: Desired, live: Live): Record<string, unknown> {
  const foundation: Record<string, unknown> = {
    steps: plan.steps.map(({ id, action, after, afterEndOf, unless }) => ({
      id,
      ...detailOf(action),
      after,
      // A plan that was saved names it so.
      settled: afterEndOf,
      ...(unless && { unless })
    }))
  }
  const ofDuty = plan.part?.ofDuty
  if (ofDuty) foundation['duty'] = ofDuty.duty
  else if (plan.part) foundation['selection'] = { target: plan.part.target, exclude: plan.part.exclude }
  const all = [...desired.values()].filter(isOf(ofDuty))
  for (const resource of all) foundation[`topology ${resource.address}`] = declared(resource)
  for (const change of plan.changes) {
    const { address, id, props, tags } = subjectOf(change)
    foundation[`live ${address}`] = seen(live, id, { props, tags: change.op === 'delete' ? {} : tags })
  }
  for (const { action } of plan.steps) if (action.do === 'lift') foundation[`lock ${action.lock.path}`] = action.lock.properties
  for (const { kind, address, refs } of all) {
    if (kind === privateEndpointConnection.name) foundation[`connection ${address}`] = refs.map(ref => stateOf(live, ref))
  }
  for (const id of ofDuty?.inputs ?? []) {
    const input = desired.get(id)
    if (input) foundation[`input ${input.address}`] = seen(live, id, input)
  }
  return Object.assign(foundation, recordsUnder(plan, live))
}

/** The digest of a part holds while others change in the file what it does not build on. */
const isOf =
  (work: WorkOfDuty | undefined) =>
  (one: Resource): boolean =>
    work === undefined || kindOf(one).duty === work.duty || work.inputs.includes(one.id)

/**
 * RFC 8785 has no form for a text with half of a surrogate pair in it, and Azure keeps such notes and tags. `JSON.stringify` writes the
 * half as an escape, and escapes nothing else that way but controls, by digits: with each of these escapes, and each backslash, written
 * out as characters no two texts become one. The prefix says so, and no JSON begins like that.
 */
function canonical(json: string): string {
  let halves = false
  const whole = json.replace(/\\(?:\\|ud)/g, one => {
    halves ||= one === '\\ud'
    return one === '\\ud' ? '\\\\ud' : '\\\\\\\\'
  })
  return halves ? `escaped ${canonicalize(JSON.parse(whole))}` : (canonicalize(JSON.parse(json)) ?? '')
}

/**
 * The differences between the plan as it was and as it would be now, as sentences; empty where the digests agree.
 *
 * @param isExpected whether a value of this name may have moved
 */
export function movedSince(saved: Foundation, fresh: Foundation, isExpected: (name: string) => boolean = () => false): string[] {
  const moved = [...new Set([...Object.keys(saved), ...Object.keys(fresh)])]
    .filter(name => name !== 'steps')
    .sort()
    .map(name => ({ name, said: movesOf(name, saved, fresh) }))
    .filter(({ said }) => said.length > 0)
  if (moved.length === 0 && differences('steps', saved['steps'], fresh['steps']).length > 0) return ['the steps that follow from it']
  return moved.flatMap(({ name, said }) => (isExpected(name) ? [] : said))
}

function movesOf(name: string, saved: Foundation, fresh: Foundation): string[] {
  if (!Object.hasOwn(saved, name)) return [`${short(name)} was not part of the plan`]
  if (!Object.hasOwn(fresh, name)) return [`${short(name)} is no longer part of the plan`]
  return differences(name, saved[name], fresh[name])
}

/** A saved plan that a person edited may have members that no patch can name: then we only say that it differs. */
function differences(name: string, before: unknown, now: unknown): string[] {
  try {
    return compare({ it: before }, { it: now }).map(({ path }) => {
      const [was, is] = [before, now].map(it => short(JSON.stringify(getValueByPointer({ it }, path)) ?? 'nothing'))
      return `${short(`${name}${path.replace(/^\/it/, '')}`)} was ${was} and is ${is}`
    })
  } catch {
    return [`${short(name)} is not what it was`]
  }
}

/** Shortened for a terminal. We take secrets out first: one that is cut off would not be recognized. */
function short(text: string): string {
  const shown = withoutSecrets(text)
  return shown.length <= longest ? shown : `${shown.slice(0, longest).replace(/\p{Cs}$/u, '')}…`
}

const longest = 400

/** The members in which two steps of one id may differ. */
function detailOf(action: Action): object {
  switch (action.do) {
    case 'lift':
      return { how: action.how, memory: action.memory.in }
    case 'restore':
      return { lock: action.lock.properties, scope: action.scope }
    case 'prove':
      return { endpoints: action.endpoints }
    case 'update':
      return {
        fields: action.fields.map(({ field, to }) => ({ field, to })),
        ...(action.resource.keepsCredential && { keepsCredential: true })
      }
    default:
      return {}
  }
}

const declared = ({ kind, id, props, tags, managed, adopt, timeoutMs, limitsMs }: Resource) => ({
  kind,
  id,
  props,
  tags,
  managed,
  adopt,
  timeoutMs,
  limitsMs
})

/** The records in the scopes that the plan's steps reach: their owners decide what may be written. */
function recordsUnder({ changes }: Plan, { paths }: Live): Record<string, unknown> {
  const reached = new Set(
    changes
      .flatMap(change => [...(change.op === 'delete' ? [] : change.resource.reach), ...(change.op === 'create' ? [] : change.old.reach)])
      .map(({ scope }) => scope)
  )
  const read = [...paths.records].filter(([record]) => reached.has(record))
  return Object.fromEntries(read.map(([record, seen]) => [`record ${record}`, seen]))
}

/** Existence, place, owner and the fields and tags that are declared, as they are there. */
function seen(live: Live, id: Resource['id'], { props: declaredProps, tags }: Pick<Resource, 'props' | 'tags'>) {
  const found = live.resources.get(id)
  const observed = found?.observed ?? { state: 'absent' }
  if (observed.state !== 'present') return { state: observed.state }
  const values = new Map(Object.entries(observed.tags).map(([name, value]) => [name.toLowerCase(), value]))
  const has = observed.props as Readonly<Record<string, unknown>>
  const fields = Object.entries(declaredProps as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined)
  return {
    state: observed.state,
    // A resource found by those it joins may be another one under the same id.
    path: found?.path.toLowerCase(),
    owner: ownerIn(observed.tags) ?? null,
    tags: Object.fromEntries(
      Object.keys(tags).flatMap(name => (name === ownerTag ? [] : [[name, values.get(name.toLowerCase()) ?? null]]))
    ),
    props: Object.fromEntries(fields.map(([field]) => [field, has[field] ?? null]))
  }
}

const stateOf = (live: Live, id: Resource['id']): string => {
  const observed = live.resources.get(id)?.observed
  return observed?.state === 'present' ? (observed.facts.connection?.status ?? '') : (observed?.state ?? 'absent')
}

/** A secret goes by its variable's name: its value cannot then be guessed from the digest. `JSON.stringify` calls `toJSON` first, so we look at the holder. */
function nameOfSecret(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Readonly<Record<string, unknown>>)[key]
  return held instanceof Secret ? `secret ${held.variable}` : value
}
