import type { ResourceGroup } from '@azure/arm-resources'
import type { Azure } from '../azure/azure.ts'
import { given } from '../model/given.ts'
import { resourceId, typeOf, within } from '../model/id.ts'
import { isProtected, ownerIn } from '../model/owner.ts'
import type { ResourceGroupSettings } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { type Kind, location } from './kind.ts'
import { matching } from './names.ts'
import { fixed, sameText } from './rule.ts'
import { contents, type Ours, ownIds } from './undeclared.ts'

interface Props {
  readonly location: string
}

/** The group itself: a name, tags, and the region in which Azure keeps the list of what is in it. */
export const resourceGroup: Kind = defineKind({
  name: 'resourceGroup',
  title: 'resource group',
  duty: 'network',
  seconds: { create: 1, update: 1, remove: 60 },
  oneWriteAtATime: false,
  drawn: 'on its parent',
  type: 'Microsoft.Resources/resourceGroups',
  inFile: {
    at: '**/resourceGroup',
    names: matching(
      /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u,
      '1 to 90 letters, digits, dots, hyphens, underscores and brackets, not ending in a dot'
    ),
    inRegion: true
  },
  client: 'resources',
  actions: 'Microsoft.Resources/subscriptions/resourceGroups',
  carriesMarkers: { rank: 4, onlyOurs: false },
  taggable: true,
  precious: true,
  undeclaredInside,
  leftAlone: 'write the group as `{ name: NAME, existing: true }`',

  desired: (_: Partial<ResourceGroupSettings>, ctx): Props => ({ location: ctx.location }),
  fields: {
    location: fixed<string>(
      'A resource group cannot be moved, and what lies in it may be in any region: declare the location the group has, or use another group.',
      { at: 'location', equal: sameText }
    )
  },

  toArm: (props): ResourceGroup => ({ location: props.location }),
  fromArm: body => ({ location: location(body.location) }),
  facts: body => given({ location: location(body.location), state: body.properties?.provisioningState }),

  // The group is the whole address: nothing follows it in the path.
  read: (resources, [group]) => resources.resourceGroups.get(group),
  list: resources => resources.resourceGroups.list(),
  put: (resources, [group], body, call) => resources.resourceGroups.createOrUpdate(group, body, call),
  remove: (resources, [group], call) => resources.resourceGroups.beginDeleteAndWait(group, call)
})

async function undeclaredInside(azure: Azure, group: string, ours: Ours): Promise<string[]> {
  const resources = await contents(azure, `${group}/resources`, '2021-04-01')
  // Lying in the group is no kinship: everything here does.
  const known = [...ownIds(ours)].filter(id => typeOf(id) !== resourceGroup.type.toLowerCase())
  return resources
    .filter(({ id = '', tags, managedBy }) => {
      const own = resourceId(id)
      // A network interface is its endpoint's [CORPUS], and a child its parent's.
      const kin = known.some(one => within(own, one) || (managedBy !== undefined && one === resourceId(managedBy)))
      const endpointOf = /\/networkinterfaces\/(.+)\.nic\./.exec(own)?.[1]
      const nic = endpointOf !== undefined && known.some(one => one.endsWith(`/privateendpoints/${endpointOf}`))
      return isProtected(tags ?? {}) || (!kin && !nic && ownerIn(tags ?? {}) !== ours.topology)
    })
    .map(({ id = '' }) => id)
}
