import { nameOf, resourceId } from '../model/id.ts'
import { ownerIn } from '../model/owner.ts'
import type { Asked } from './discover.ts'
import type { Discovered } from './item.ts'

/** The name that a topology of these things goes by: the one that their tag says, or else that of the first that was asked for. */
export function usualName(asked: Asked, { items }: Discovered): string {
  const roots = [...asked.servers, ...asked.factories, ...asked.groups, ...asked.also.filter(path => items.has(resourceId(path)))]
  const owners = roots.map(path => ownerIn(items.get(resourceId(path))?.tags ?? {}))
  const inGroups = [...items.values()].filter(({ id }) => asked.groups.some(group => id.startsWith(`${resourceId(group)}/`)))
  const owner = [...owners, ...inGroups.map(({ tags }) => ownerIn(tags))].find(name => name !== undefined)
  const [first = ''] = roots
  return nameFrom(owner ?? nameOf(first))
}

/** As the file takes a name. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63) || 'imported'

interface Said {
  readonly asked: Asked
  readonly found: Discovered
  readonly untagged: readonly string[]
  readonly secrets: readonly string[]
}

/** The comment that a file begins with. */
export function headingOf({ asked, found, untagged, secrets }: Said): string[] {
  const gone = asked.also.filter(path => found.gone.has(resourceId(path)))
  const inState = asked.also.filter(path => found.asked.has(resourceId(path)))
  const roots = [...asked.servers, ...asked.factories, ...asked.groups, ...inState]
  return [
    'Written by `pglink import` from what is in Azure, of:',
    ...roots.map(path => `  ${path}`),
    ...(gone.length === 0 ? [] : ['', 'In the Terraform state, and not in Azure:', ...gone.map(path => `  ${path}`)]),
    ...(secrets.length === 0
      ? []
      : [
          '',
          'Azure gives no password back: each is a variable, which is sent only when a `passwordVersion` beside it rises. Until one has a value',
          '`pglink validate` warns that it is not set.'
        ]),
    ...(untagged.length === 0
      ? []
      : [
          '',
          'These carry no tag of ours, and plan as no change. `pglink adopt ADDRESS...` writes the tag:',
          ...untagged.map(one => `  ${one}`)
        ]),
    ...(found.unread.length === 0 ? [] : ['', ...unreadLines(found)])
  ]
}

/** One line for each thing that may not be read, in the same order each time. */
const unreadLines = ({ unread }: Discovered): string[] => [...new Set(unread.map(({ what, why }) => `not read: ${what} (${why})`))].sort()

/** The rules that the imported resources break, commented out: the user agrees to each, or mends it in Azure. */
export function rulesBroken(broken: ReadonlyMap<string, string>): string[] {
  if (broken.size === 0) return []
  return [
    'The resources that are there break these rules, and the file is not valid before they are lowered. Take the marks away for those that you agree to:',
    'rules:',
    ...[...broken].map(([id, summary]) => `  ${id}: { level: warn, reason: ${JSON.stringify(asReason(summary))} }`)
  ]
}

/** The same as settings of the file. */
export const rulesLowered = (broken: ReadonlyMap<string, string>): { [id: string]: { level: string; reason: string } } =>
  Object.fromEntries([...broken].map(([id, summary]) => [id, { level: 'warn', reason: asReason(summary) }]))

const asReason = (summary: string): string => `it was so when it was imported: ${summary}`.replaceAll('${', '$(')
