import { shortLocation } from '../../locations.ts'

/** Regions without availability zones, where a server shows none (CORPUS of West US, where both recorded servers were restored from elsewhere; the others are known from the list of regions). */
const withoutZones = new Set(
  `West US|North Central US|West Central US|Canada East|UK West|Australia Southeast|Australia Central|Australia Central 2|Korea South|
South India|West India|Jio India West|France South|Germany North|Switzerland West|Norway West|Sweden South|South Africa West|UAE Central|
Brazil Southeast`
    .split('|')
    .map(name => shortLocation(name.trim()))
)

export const hasZones = (location: string): boolean => !withoutZones.has(shortLocation(location))
