import { type EntryKind, type NamedEntry, namedEntries } from './entries.ts'
import type { Finding, Rule, RuleContext } from './rule.ts'
import { endpointsOf } from './walk.ts'

interface NameLimit {
  readonly fits: (name: string) => boolean
  readonly words: string
}

const matching = (pattern: RegExp, words: string): NameLimit => ({ fits: name => pattern.test(name), words })

const networkName = matching(
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?$/,
  '1 to 80 letters, digits, dots, hyphens and underscores, beginning with a letter or digit and not ending in a dot or hyphen'
)
const factoryName = matching(/^(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/, '3 to 63 letters and digits, with single hyphens between them')

const groupName = matching(
  /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u,
  '1 to 90 letters, digits, dots, hyphens, underscores and brackets, not ending in a dot'
)
const zoneName: NameLimit = {
  fits: name => {
    const labels = name.split('.')
    return (
      labels.length >= 2 && labels.length <= 34 && labels.every(label => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
    )
  },
  words: '2 to 34 labels with dots between them, each 1 to 63 letters, digits, underscores and hyphens'
}

const limits: Readonly<Record<Exclude<EntryKind, 'server' | 'Entra administrator'>, NameLimit>> = {
  'resource group': groupName,
  'virtual network': matching(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]$/,
    '2 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit and not ending in a dot or hyphen'
  ),
  subnet: networkName,
  'private DNS zone': zoneName,
  'virtual network link': networkName,
  database: matching(/^[A-Za-z_][\w-]{0,62}$/, '1 to 63 letters, digits, underscores and hyphens, beginning with a letter or underscore'),
  parameter: matching(/^[-\w.]{1,256}$/, '1 to 256 letters, digits, underscores, dots and hyphens'),
  'firewall rule': matching(
    /^[A-Za-z0-9](?:[\w-]{0,78}\w)?$/,
    '1 to 80 letters, digits, hyphens and underscores, beginning with a letter or digit and not ending in a hyphen'
  ),
  'private endpoint': networkName,
  'data factory': factoryName,
  'integration runtime': factoryName,
  'managed private endpoint': matching(
    /^\w(?:[\w-]{0,125}\w)?$/,
    '1 to 127 letters, digits, hyphens and underscores, neither beginning nor ending in a hyphen'
  ),
  'linked service': matching(
    /^\w[^<>*#.%&:\\+?/]{0,259}$/,
    '1 to 260 characters, none of them < > * # . % & : \\ + ? or /, beginning with a letter, digit or underscore'
  ),
  lock: matching(/^[A-Za-z0-9._()-]{1,90}$/, '1 to 90 letters, digits, dots, hyphens, underscores and brackets')
}

/** Whoever made it: what has a meaning in an address would make a request one for something else. */
const partOfId: NameLimit = {
  fits: name => !/[/\\?#%\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(name) && !/^\.{0,2}$/.test(name),
  words: 'what Azure takes for a name: no slash, backslash, ?, #, % or invisible character, and not . or ..'
}

function* malformedNames(ctx: RuleContext): Generator<Finding> {
  for (const { kind, name, at, isOurs } of namedEntries(ctx)) {
    if (name === undefined || kind === 'Entra administrator') continue
    const limit = isOurs && kind !== 'server' ? limits[kind] : partOfId
    yield* malformed(kind, name, limit.fits(name) ? partOfId : limit, at)
  }
  for (const { path, limit } of groupNames(ctx)) yield* malformed('resource group', ctx.text(path), limit, { path })
  for (const { path } of endpointsOf(ctx)) {
    const group = [...path, 'privateDns', 'name']
    yield* malformed('zone group', ctx.text(group), networkName, { path: group })
    const networkInterface = [...path, 'networkInterfaceName']
    yield* malformed('network interface', ctx.text(networkInterface), networkName, { path: networkInterface })
  }
}

function* malformed(what: string, name: string | undefined, limit: NameLimit, at: Pick<Finding, 'path' | 'aim'>): Generator<Finding> {
  if (name === undefined || limit.fits(name)) return
  const article = /^[aeiou]/i.test(what) ? 'an' : 'a'
  yield { ...at, summary: `${name} cannot be the name of ${article} ${what}`, fix: `use ${limit.words}` }
}

function* groupNames(ctx: RuleContext): Generator<{ readonly path: Finding['path']; readonly limit: NameLimit }> {
  const entries = namedEntries(ctx).filter(({ kind }) => kind !== 'lock')
  for (const { path, isOurs } of [{ path: [], isOurs: true }, ...entries]) {
    const group = [...path, 'resourceGroup']
    if (!ctx.declared(group)) continue
    const limit = isOurs && !ctx.flag([...group, 'existing']) ? limits['resource group'] : partOfId
    yield { path: ctx.declared([...group, 'name']) ? [...group, 'name'] : group, limit }
  }
}

function* malformedServerName(ctx: RuleContext): Generator<Finding> {
  for (const { kind, name, at, isOurs } of namedEntries(ctx)) {
    if (kind !== 'server' || !isOurs || name === undefined || /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(name)) continue
    const lower = name.toLowerCase()
    const onlyCase = name !== lower && /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(lower)
    yield { ...at, summary: `${name} cannot be the name of a server`, ...(onlyCase && { fix: `write ${lower}` }) }
  }
}

const addressText = ({ path }: NamedEntry): string => path.join('/')

function* duplicateResources(ctx: RuleContext): Generator<Finding> {
  const first = new Map<string, NamedEntry>()
  const repeated = new Set<NamedEntry>()
  for (const entry of namedEntries(ctx)) {
    // The children of a resource that is there twice are there twice, too; that needs no words of its own.
    if (entry.parent && repeated.has(entry.parent)) repeated.add(entry)
    if (entry.id === undefined || repeated.has(entry)) continue
    const other = first.get(entry.id)
    if (!other) {
      first.set(entry.id, entry)
      continue
    }
    repeated.add(entry)
    yield {
      ...entry.at,
      summary: `${addressText(entry)} is the same ${entry.kind} in Azure as ${addressText(other)}`,
      related: [{ ...other.at, message: `${addressText(other)} gets its name here` }]
    }
  }
}

function* globalNames(ctx: RuleContext): Generator<Finding> {
  const first = new Map<string, NamedEntry>()
  for (const entry of namedEntries(ctx)) {
    if ((entry.kind !== 'server' && entry.kind !== 'data factory') || entry.name === undefined) continue
    const key = `${entry.kind} ${entry.name.toLowerCase()}`
    const other = first.get(key)
    if (!other) first.set(key, entry)
    else if (other.id !== entry.id)
      yield {
        ...entry.at,
        summary: `there is another ${entry.kind} named ${other.name}: the name is taken in all of Azure`,
        related: [{ ...other.at, message: `${addressText(other)} gets its name here` }]
      }
  }
}

const resourceNames = 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules'

export const nameRules: readonly Rule[] = [
  {
    id: 'PGL020',
    name: 'server-name',
    severity: 'error',
    source: `${resourceNames} (Microsoft.DBforPostgreSQL)`,
    summary: 'The name of a server is 3 to 63 lower-case letters, digits and hyphens, and neither begins nor ends with a hyphen.',
    why: 'It becomes a part of the host name. Azure refuses any other.',
    fix: 'use 3 to 63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen',
    check: malformedServerName
  },
  {
    id: 'PGL021',
    name: 'resource-name',
    severity: 'error',
    source: `${resourceNames}, https://learn.microsoft.com/azure/data-factory/naming-rules`,
    summary: 'Every name keeps to the length and the characters that Azure allows for its type.',
    why: 'Azure refuses the name only when it gets to the resource, in the middle of a run.',
    fix: 'set name:, the key may stay as it is',
    check: malformedNames
  },
  {
    id: 'PGL022',
    name: 'duplicate-resource',
    severity: 'error',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules (names are case-insensitive)',
    summary: 'No two entries stand for one resource.',
    why: 'ARM ids know no case. Two entries with one id would each undo what the other says.',
    fix: 'keep one of the two, or give one another name:',
    check: duplicateResources
  },
  {
    id: 'PGL023',
    name: 'name-taken',
    severity: 'error',
    source: `${resourceNames} (scope global: Microsoft.DBforPostgreSQL servers, Microsoft.DataFactory factories)`,
    summary: 'Servers and data factories have names that no other has, in whatever group.',
    why: 'Their names are unique in all of Azure, upper and lower case being the same.',
    fix: 'give one of the two another name',
    check: globalNames
  }
]
