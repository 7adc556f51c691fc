import { flexibleServer } from '../../kinds/flexibleServer.ts'
import { managementLock } from '../../kinds/managementLock.ts'
import { type NameLimit, networkName } from '../../kinds/names.ts'
import { resourceGroup } from '../../kinds/resourceGroup.ts'
import { type NamedEntry, namedEntries } from './entries.ts'
import type { Finding, RuleContext, RuleText } from './rule.ts'
import { endpointsOf, repeated } from './walk.ts'

/** For any resource, also one that is not ours: a character with a meaning in an address would lead a request elsewhere. */
const partOfId: NameLimit = {
  fits: name => !/[/\\?#%\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(name) && !/^\.{0,2}$/.test(name),
  words: 'what Azure takes for a name: no slash, backslash, ?, #, % or invisible character, and not . or ..'
}

function* malformedNames(ctx: RuleContext): Generator<Finding> {
  for (const { kind, word, name, at, isOurs } of namedEntries(ctx)) {
    const names = kind.inFile?.names
    if (name === undefined || names === undefined) continue
    const limit = isOurs && kind !== flexibleServer ? names : partOfId
    yield* malformed(word, name, limit.fits(name) ? partOfId : limit, at)
  }
  for (const { path, limit } of groupNames(ctx)) yield* malformed(resourceGroup.title, ctx.text(path), limit, { path })
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
  const entries = namedEntries(ctx).filter(({ kind }) => kind !== managementLock)
  for (const { path, isOurs } of [{ path: [], isOurs: true }, ...entries]) {
    const group = [...path, 'resourceGroup']
    if (!ctx.declared(group)) continue
    const limit = isOurs && !ctx.flag([...group, 'existing']) ? (resourceGroup.inFile?.names ?? partOfId) : partOfId
    yield { path: ctx.declared([...group, 'name']) ? [...group, 'name'] : group, limit }
  }
}

function* malformedServerName(ctx: RuleContext): Generator<Finding> {
  const fits = flexibleServer.inFile?.names?.fits
  for (const { kind, name, at, isOurs } of namedEntries(ctx)) {
    if (kind !== flexibleServer || !isOurs || name === undefined || fits?.(name)) continue
    const lower = name.toLowerCase()
    yield { ...at, summary: `${name} cannot be the name of a server`, ...(fits?.(lower) && { fix: `write ${lower}` }) }
  }
}

const addressText = ({ path }: NamedEntry): string => path.join('/')

function* duplicateResources(ctx: RuleContext): Generator<Finding> {
  const twice = new Set<NamedEntry>()
  // The children of a resource that the file has twice are there twice, too; that needs no words of its own.
  const keyOf = (entry: NamedEntry) => {
    if (entry.parent && twice.has(entry.parent)) twice.add(entry)
    return twice.has(entry) ? undefined : entry.id
  }
  for (const [entry, other] of repeated(namedEntries(ctx), keyOf)) {
    twice.add(entry)
    yield {
      ...entry.at,
      summary: `${addressText(entry)} is the same ${entry.word} in Azure as ${addressText(other)}`,
      related: [{ ...other.at, message: `${addressText(other)} gets its name here` }]
    }
  }
}

function* globalNames(ctx: RuleContext): Generator<Finding> {
  const keyOf = ({ kind, word, name }: NamedEntry) => (kind.inFile?.names?.isGlobal ? name && `${word} ${name.toLowerCase()}` : undefined)
  for (const [entry, other] of repeated(namedEntries(ctx), keyOf))
    if (other.id !== entry.id)
      yield {
        ...entry.at,
        summary: `there is another ${entry.word} named ${other.name}: the name is taken in all of Azure`,
        related: [{ ...other.at, message: `${addressText(other)} gets its name here` }]
      }
}

const resourceNames = 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules'

export const nameRules: readonly RuleText[] = [
  {
    id: 'PGL020',
    name: 'server-name',
    source: `${resourceNames} (Microsoft.DBforPostgreSQL)`,
    summary: 'The name of a server is 3 to 63 lower-case letters, digits and hyphens, and neither begins nor ends with a hyphen.',
    why: 'It becomes a part of the host name. Azure refuses any other.',
    fix: 'use 3 to 63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen',
    check: malformedServerName
  },
  {
    id: 'PGL021',
    name: 'resource-name',
    source: `${resourceNames}, https://learn.microsoft.com/azure/data-factory/naming-rules`,
    summary: 'Every name keeps to the length and the characters that Azure allows for its type.',
    why: 'Azure refuses the name only when it gets to the resource, in the middle of a run.',
    fix: 'set name:, the key may stay as it is',
    check: malformedNames
  },
  {
    id: 'PGL022',
    name: 'duplicate-resource',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules (names are case-insensitive)',
    summary: 'No two entries stand for one resource.',
    why: 'ARM ids know no case. Two entries with one id would each undo what the other says.',
    fix: 'keep one of the two, or give one another name:',
    check: duplicateResources
  },
  {
    id: 'PGL023',
    name: 'name-taken',
    source: `${resourceNames} (scope global: Microsoft.DBforPostgreSQL servers, Microsoft.DataFactory factories)`,
    summary: 'Servers and data factories have names that no other has, in whatever group.',
    why: 'Their names are unique in all of Azure, upper and lower case being the same.',
    fix: 'give one of the two another name',
    check: globalNames
  }
]
