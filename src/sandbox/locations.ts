// Regions as Azure's display names; PostgreSQL answers with these, other providers with the short form (CORPUS).
const displayNames = `East US|East US 2|West US|West US 2|West US 3|Central US|North Central US|South Central US|West Central US|
Canada Central|Canada East|Mexico Central|Brazil South|Brazil Southeast|Chile Central|North Europe|West Europe|UK South|UK West|
France Central|France South|Germany West Central|Germany North|Switzerland North|Switzerland West|Norway East|Norway West|
Sweden Central|Sweden South|Italy North|Poland Central|Spain Central|Austria East|Israel Central|UAE North|UAE Central|Qatar Central|
South Africa North|South Africa West|East Asia|Southeast Asia|Australia East|Australia Southeast|Australia Central|
Australia Central 2|New Zealand North|Japan East|Japan West|Korea Central|Korea South|Central India|South India|West India|
Jio India West|Jio India Central|Indonesia Central|Malaysia West|Taiwan North|East US 2 EUAP|Central US EUAP|
US Gov Virginia|US Gov Texas|US Gov Arizona|China East 2|China East 3|China North 2|China North 3`
  .split('|')
  .map(name => name.trim())

export const shortLocation = (location: string): string => location.replaceAll(' ', '').toLowerCase()

const byShort = new Map(displayNames.map(name => [shortLocation(name), name]))

/** The short form itself for a region that is not known here. */
export const displayLocation = (location: string): string => byShort.get(shortLocation(location)) ?? location

/** Regions with the ones that Azure has paired them with [DOC: list of regions]. East US has two in what was recorded of it (CORPUS). */
const paired: Readonly<Record<string, string>> = Object.fromEntries(
  `eastus:westus,westus3|eastus2:centralus|westus:eastus|westus2:westcentralus|westus3:eastus|centralus:eastus2|
northcentralus:southcentralus|southcentralus:northcentralus|westcentralus:westus2|canadacentral:canadaeast|canadaeast:canadacentral|
brazilsouth:southcentralus|brazilsoutheast:brazilsouth|northeurope:westeurope|westeurope:northeurope|uksouth:ukwest|ukwest:uksouth|
francecentral:francesouth|francesouth:francecentral|germanywestcentral:germanynorth|germanynorth:germanywestcentral|
switzerlandnorth:switzerlandwest|switzerlandwest:switzerlandnorth|norwayeast:norwaywest|norwaywest:norwayeast|
swedencentral:swedensouth|swedensouth:swedencentral|uaenorth:uaecentral|uaecentral:uaenorth|southafricanorth:southafricawest|
southafricawest:southafricanorth|eastasia:southeastasia|southeastasia:eastasia|australiaeast:australiasoutheast|
australiasoutheast:australiaeast|australiacentral:australiacentral2|australiacentral2:australiacentral|japaneast:japanwest|
japanwest:japaneast|koreacentral:koreasouth|koreasouth:koreacentral|centralindia:southindia|southindia:centralindia|
westindia:southindia|jioindiawest:jioindiacentral|jioindiacentral:jioindiawest|eastus2euap:centraluseuap|centraluseuap:eastus2euap`
    .split('|')
    .map(one => one.trim().split(':'))
)

/** In their short form; none for a region that stands alone. */
export const pairedWith = (location: string): readonly string[] => paired[shortLocation(location)]?.split(',') ?? []

/** Where resources of a type can be: nowhere in particular, in no region, or in any of them. */
export function regionsOf({ location = 'none' }: { readonly location?: 'short' | 'display' | 'global' | 'none' }): readonly string[] {
  if (location === 'none') return []
  return location === 'global' ? ['global'] : [...byShort.keys()]
}

export const locations: readonly { readonly name: string; readonly displayName: string }[] = displayNames.map(displayName => ({
  name: shortLocation(displayName),
  displayName
}))
