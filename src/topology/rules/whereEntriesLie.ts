import { option } from '../../model/option.ts'
import { didYouMean } from '../../model/suggest.ts'
import { groupOf, type NamedEntry, namedEntries } from './entries.ts'
import type { Finding, Fix, RuleContext, RuleText } from './rule.ts'

const settings = ['subscription', 'resourceGroup', 'location'] as const
type Setting = (typeof settings)[number]

/** One finding a setting, at the first entry that lacks it: it is most often one line at the top of the file that is not there. */
function* missingPlace(ctx: RuleContext): Generator<Finding> {
  const lacking = new Map<Setting, NamedEntry[]>()
  for (const entry of namedEntries(ctx))
    for (const setting of missingOf(ctx, entry)) lacking.set(setting, [...(lacking.get(setting) ?? []), entry])
  if (groupNeedsRegion(ctx) && !lacking.has('location'))
    yield { path: ['resourceGroup'], aim: 'key', summary: 'the resource group has no location' }
  for (const [setting, [first, ...others]] of lacking) {
    if (first === undefined) continue
    const more = others.length === 0 ? 'has' : others.length === 1 ? 'and one more entry have' : `and ${others.length} more entries have`
    yield {
      path: first.path,
      aim: 'key',
      summary: `${first.path.join('/')} ${more} no ${setting}`,
      fix: fixes[setting]
    }
  }
}

const fixes: Readonly<Record<Setting, Fix>> = {
  subscription: worded =>
    `write subscription: at the top of the file for all, or on the entry, or give ${option(worded, 'subscription', 'ID')}`,
  resourceGroup: 'write resourceGroup: at the top of the file for all, or on the entry',
  location: 'write location: at the top of the file for all, or on the entry'
}

function missingOf(ctx: RuleContext, entry: NamedEntry): readonly Setting[] {
  const { path, kind, parent, isOurs, inGroup } = entry
  if (ctx.declared([...path, 'id'])) return []
  const group = inGroup ? groupOf(ctx, path, parent) : undefined
  const lacks = {
    subscription: group?.startsWith('/subscriptions//') && ctx.subscription === undefined,
    resourceGroup: group?.endsWith('/'),
    location: isOurs && kind.inFile?.inRegion && !hasRegion(ctx, path)
  }
  return settings.filter(setting => lacks[setting])
}

/** One that a variable leaves open is there. */
const hasRegion = (ctx: RuleContext, path: NamedEntry['path']): boolean =>
  [path.length, 2, 0].some(length => ctx.declared([...path.slice(0, length), 'location']))

/** The file's own group is made, whatever lies in it. */
const groupNeedsRegion = (ctx: RuleContext): boolean =>
  ctx.declared(['resourceGroup']) &&
  !ctx.flag(['resourceGroup', 'existing']) &&
  !ctx.declared(['resourceGroup', 'location']) &&
  !ctx.declared(['location'])

/** As Azure's own list of regions was at this date, by their short names. */
const regionsAt = '2026-11'
const regions =
  `eastus eastus2 westus westus2 westus3 centralus northcentralus southcentralus westcentralus canadacentral canadaeast mexicocentral
brazilsouth brazilsoutheast chilecentral northeurope westeurope uksouth ukwest francecentral francesouth germanywestcentral germanynorth
switzerlandnorth switzerlandwest norwayeast norwaywest swedencentral swedensouth italynorth polandcentral spaincentral austriaeast belgiumcentral
denmarkeast israelcentral uaenorth uaecentral qatarcentral southafricanorth southafricawest eastasia southeastasia australiaeast
australiasoutheast australiacentral australiacentral2 newzealandnorth japaneast japanwest koreacentral koreasouth centralindia southindia
westindia jioindiawest jioindiacentral indonesiacentral malaysiawest taiwannorth taiwannorthwest eastus2euap centraluseuap usgovvirginia
usgovtexas usgovarizona usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3`.split(/\s+/)
const isRegion = new Set(regions)

function* unknownRegion(ctx: RuleContext): Generator<Finding> {
  const entries = namedEntries(ctx).map(({ path }) => path)
  for (const path of [[], ['resourceGroup'], ...entries]) {
    const at = [...path, 'location']
    const written = ctx.declared(at) ? ctx.text(at) : undefined
    if (written === undefined || isRegion.has(written.replaceAll(' ', '').toLowerCase())) continue
    yield {
      path: at,
      summary: `${written} is no region that Azure had in ${regionsAt}`,
      fix: () => {
        const meant = didYouMean(written.replaceAll(' ', '').toLowerCase(), regions)
        return meant === undefined ? undefined : `${meant}; \`az account list-locations -o table\` has them all`
      }
    }
  }
}

export const whereEntriesLieRules: readonly RuleText[] = [
  {
    id: 'PGL065',
    name: 'missing-place',
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-declaration (name, location, scope)',
    summary: 'Every entry has a subscription, a resource group and, where Azure asks for one, a region: its own or inherited.',
    why: 'Without them there is no id to look for and nowhere to make it.',
    fix: 'write it at the top of the file for all, or on the entry',
    check: missingPlace
  },
  {
    id: 'PGL063',
    name: 'unknown-region',
    severity: 'warning',
    lowerable: true,
    source: `https://learn.microsoft.com/azure/reliability/regions-list, as of ${regionsAt}`,
    summary: 'A location is a region of Azure.',
    why: 'Azure refuses a region that it does not have. A region that is newer than this list is only warned of.',
    fix: '`az account list-locations -o table` shows the regions of the subscription',
    check: unknownRegion
  }
]
