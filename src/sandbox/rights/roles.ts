/** The actions that a role allows: each that one of `actions` means and none of `notActions`. */
export interface Role {
  /** A guid, the same in every tenant for a built-in role. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly builtIn: boolean
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
}

const builtIn = (id: string, name: string, description: string, actions: readonly string[], notActions: readonly string[] = []): Role => ({
  id,
  name,
  description,
  builtIn: true,
  actions,
  notActions
})

/** The roles with which the duties of a private network are shared out, with Azure's own actions [DOC-ROLES]. */
export const builtInRoles: readonly Role[] = [
  builtIn('8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner', 'Manages everything, who may do what included.', ['*']),
  builtIn(
    'b24988ac-6180-42a0-ab88-20f7382dd24c',
    'Contributor',
    'Manages everything but who may do what, and locks.',
    ['*'],
    [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete'
    ]
  ),
  builtIn('acdd72a7-3385-48ef-bd42-f606fba81ae7', 'Reader', 'Reads everything and changes nothing.', ['*/read']),
  builtIn('18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'User Access Administrator', 'Manages who may do what, and locks.', [
    '*/read',
    'Microsoft.Authorization/*',
    'Microsoft.Support/*'
  ]),
  builtIn('4d97b98b-1d4f-4787-a291-c67834d212e7', 'Network Contributor', 'Manages networks, and nothing of what is reached through them.', [
    'Microsoft.Authorization/*/read',
    'Microsoft.Insights/alertRules/*',
    'Microsoft.Network/*',
    'Microsoft.ResourceHealth/availabilityStatuses/read',
    'Microsoft.Resources/deployments/*',
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Support/*'
  ]),
  builtIn(
    'b12aa53e-6015-4669-85d0-8515ebb3ae7f',
    'Private DNS Zone Contributor',
    'Manages private DNS zones, not the networks they are linked to.',
    [
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
      'Microsoft.Network/privateDnsZones/*',
      'Microsoft.Network/privateDnsOperationResults/*',
      'Microsoft.Network/privateDnsOperationStatuses/*',
      'Microsoft.Network/virtualNetworks/read',
      'Microsoft.Network/virtualNetworks/join/action',
      'Microsoft.Authorization/*/read'
    ]
  ),
  builtIn('673868aa-7521-48a0-acc6-0f60742d39f5', 'Data Factory Contributor', 'Manages data factories and what is in them.', [
    'Microsoft.Authorization/*/read',
    'Microsoft.DataFactory/dataFactories/*',
    'Microsoft.DataFactory/factories/*',
    'Microsoft.Insights/alertRules/*',
    'Microsoft.ResourceHealth/availabilityStatuses/read',
    'Microsoft.Resources/deployments/*',
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Support/*',
    'Microsoft.EventGrid/eventSubscriptions/write'
  ])
]

/** By its name, whatever its case, or by its guid. */
export function builtInRole(nameOrId: string): Role | undefined {
  const wanted = nameOrId.toLowerCase()
  return builtInRoles.find(one => one.name.toLowerCase() === wanted || one.id === wanted)
}

const patterns = new Map<string, RegExp>()

/** Whether a pattern of a role, in which `*` is any text, means this action; case does not count [DOC-OPS]. */
function means(pattern: string, action: string): boolean {
  if (pattern === '*') return true
  const known = patterns.get(pattern)
  if (known) return known.test(action)
  const text = pattern
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const made = new RegExp(`^${text}$`, 'i')
  patterns.set(pattern, made)
  return made.test(action)
}

export const allows = ({ actions, notActions }: Pick<Role, 'actions' | 'notActions'>, action: string): boolean =>
  actions.some(one => means(one, action)) && !notActions.some(one => means(one, action))
