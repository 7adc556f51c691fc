import { nameOf } from './armPath.ts'
import { timings } from './durations.ts'
import { textAt } from './json.ts'
import { locations, shortLocation } from './locations.ts'
import { gatewayErrors, type Refusal } from './refusal.ts'
import { plain } from './show.ts'
import type { Provider, ResourceType, World, Write } from './type.ts'

export const groupType = 'Microsoft.Resources/resourceGroups'

const nameLengthMax = 90

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message, cause: 'gateway' })

function checkGroup(_world: World, { method, id, sent, body, live, seeded }: Write): Refusal | undefined {
  if (method === 'DELETE') return undefined
  const name = nameOf(id)
  if (live?.provisioning === 'Deleting') return gatewayErrors.groupBeingDeleted(name)
  const location = textAt(body, 'location') ?? ''
  if (live === undefined) return seeded ? undefined : (checkName(name) ?? checkRegion(textAt(sent, 'location') ?? ''))
  const before = textAt(live.body, 'location') ?? ''
  if (shortLocation(location) === before) return undefined
  return refusal(
    409,
    'InvalidResourceGroupLocation',
    `Invalid resource group location '${location}'. The Resource group already exists in location '${before}'. Resource group '${name}' cannot be moved.`
  )
}

/** Letters of any language, as the portal takes them too [GH MicrosoftDocs/feedback#1951, azure-cli#14481]. */
function checkName(name: string): Refusal | undefined {
  const invalid = [...name.matchAll(/[^\p{L}\p{N}\-.()_]/gu)].join('') || (name.endsWith('.') ? '.' : '')
  if (invalid !== '') {
    return refusal(
      400,
      'InvalidResourceGroup',
      `The provided resource group name '${name}' has these invalid characters: '${invalid}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.`
    )
  }
  if (name.length <= nameLengthMax) return undefined
  return refusal(
    400,
    'InvalidResourceGroup',
    `The provided resource group name '${name}' has a length of '${name.length}', which exceeds the maximum length of '${nameLengthMax}'.`
  )
}

function checkRegion(location: string): Refusal | undefined {
  const names = locations.map(one => one.name)
  if (names.includes(shortLocation(location))) return undefined
  return refusal(
    400,
    'LocationNotAvailableForResourceGroup',
    `The provided location '${location}' is not available for resource group. List of available regions is '${names.join(',')}'.`
  )
}

const resourceGroups: ResourceType = {
  type: groupType,
  apiVersions: ['2015-11-01', '2018-05-01', '2020-06-01', '2021-04-01', '2022-09-01', '2023-07-01', '2024-11-01', '2025-04-01'],
  style: 'resourceGroup',
  timing: timings.resourceGroup,
  methods: ['PUT', 'PATCH', 'DELETE'],
  location: 'short',
  // A group had no `type` in answers to the versions before this one (CORPUS).
  typeShownFrom: '2019-07-01',
  check: checkGroup,
  missing: (_world, id) => gatewayErrors.groupNotFound(nameOf(id)),
  show: (_world, resource) => plain(resource, resourceGroups)
}

export const resources: Provider = { namespace: 'Microsoft.Resources', types: [resourceGroups] }
