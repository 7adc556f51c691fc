import canonicalize from 'canonicalize'
import { managementLock } from '../../kinds/managementLock.ts'
import { isMap } from '../../model/json.ts'
import { sameLocation } from '../place.ts'
import type { Path } from '../tree.ts'
import { groupOf, namedEntries, valueAt } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'

/** A place of the file that names a group with settings. */
interface Mention {
  readonly path: Path
  readonly id: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Something of ours lies in it. */
  readonly isOurs: boolean
}

function* mentions(ctx: RuleContext): Generator<Mention> {
  const entries = namedEntries(ctx).filter(({ kind }) => kind !== managementLock)
  for (const { path: entry, parent, isOurs } of [{ path: [] as Path, parent: undefined, isOurs: true }, ...entries]) {
    const path = [...entry, 'resourceGroup']
    const settings = valueAt(ctx, path)
    if (isMap(settings)) yield { path, id: groupOf(ctx, entry, parent).toLowerCase(), settings, isOurs }
  }
}

/** The keys that a file may use on a group that is not ours to write. */
const ofTheirs: ReadonlySet<string> = new Set(['name', 'existing', 'locks', 'timeouts'])

const same = (key: string, a: unknown, b: unknown): boolean =>
  key === 'location' ? sameLocation(String(a), String(b)) : canonicalize(a) === canonicalize(b)

function* contradictingGroups(ctx: RuleContext): Generator<Finding> {
  const known = new Map<string, Mention[]>()
  for (const mention of mentions(ctx)) {
    const others = known.get(mention.id) ?? []
    for (const key of Object.keys(mention.settings)) yield* against(mention, key, others)
    known.set(mention.id, [...others, mention])
  }
}

function* against({ path, settings, isOurs }: Mention, key: string, others: readonly Mention[]): Generator<Finding> {
  if (key === 'name') return
  const at = [...path, key]
  if (!isOurs && !ofTheirs.has(key)) return
  const differs = others.find(one => one.settings[key] !== undefined && !same(key, one.settings[key], settings[key]))
  if (differs)
    yield {
      path: at,
      summary: `another ${key} of the same resource group stands in ${differs.path.join('/')}`,
      related: [{ path: [...differs.path, key], message: 'the other one' }]
    }
  else yield* unwritten(at, key, settings[key], others)
}

/** Nothing writes a group that exists, whatever another entry says of it. */
function* unwritten(at: Path, key: string, value: unknown, others: readonly Mention[]): Generator<Finding> {
  const exists = key === 'existing' && value === true
  for (const other of others) {
    const written = exists ? Object.keys(other.settings).find(one => !ofTheirs.has(one)) : other.settings['existing'] === true && key
    if (!written || ofTheirs.has(written)) continue
    yield {
      path: at,
      aim: 'key',
      summary: `the resource group is said to exist already, and to have ${written} of ours: nothing would write that`,
      related: [{ path: [...other.path, exists ? written : 'existing'], aim: 'key', message: 'the other entry that names it' }]
    }
    return
  }
}

/** Only settings that stand on the entry of a resource which is not ours: nothing is written for it. */
function* settingsOfTheirs(ctx: RuleContext): Generator<Finding> {
  for (const { path, settings, isOurs } of mentions(ctx))
    for (const key of Object.keys(settings)) {
      if (isOurs || ofTheirs.has(key)) continue
      const entry = path.slice(0, -1).join('/')
      yield {
        path: [...path, key],
        aim: 'key',
        summary: `${entry} is not ours, and nothing writes its group: ${key} says nothing`,
        fix: `take ${key} out, or say it where something of ours lies in the group`
      }
    }
}

export const groupRules: readonly RuleText[] = [
  {
    id: 'PGL066',
    name: 'group-settings',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules (names are case-insensitive)',
    summary: 'All that a file says of one resource group can hold at once.',
    why: 'A group may be named on many entries. Only one of two regions, tags or locks could hold, and the file would not show which.',
    fix: 'say it in one place: elsewhere the name is enough',
    check: contradictingGroups
  },
  {
    id: 'PGL067',
    name: 'settings-of-another-group',
    severity: 'warning',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/manage-resource-groups-portal',
    summary: 'Settings of a resource group stand where something of ours lies in it.',
    why: 'The group of a resource that is not ours is neither made nor changed: its settings on that entry would be believed, and say nothing.',
    fix: 'write the name alone',
    check: settingsOfTheirs
  }
]
