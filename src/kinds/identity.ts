import type { ResourceId } from '../model/id.ts'
import { resourceId } from '../model/id.ts'
import type { DataFactory } from '../model/topology.generated.ts'
import type { Aspect } from './aspect.ts'
import { update } from './rule.ts'

export interface Identities {
  /** The one that Azure makes and deletes with the resource. */
  readonly systemIdentity: boolean | undefined
  readonly userAssigned: readonly ResourceId[] | undefined
}

interface WithIdentity {
  identity?: { type: string; userAssignedIdentities?: Record<string, object> }
}

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/**
 * The managed identities of a resource. Those that are there and not in the file are kept: a PATCH adds to them [CORPUS], and another tool
 * may have given them.
 */
export const identity: Aspect<Pick<DataFactory, 'identity'>, Identities, WithIdentity> = {
  desired: ({ identity: says }, ctx) => ({
    systemIdentity: says?.system,
    userAssigned: says?.userAssigned?.map(id => ctx.canonical(id)).sort()
  }),
  // Whoever gives an identity to a resource needs a right on the identity [DOC-OPS].
  linkedRights: ({ userAssigned = [] }, fields) =>
    fields === undefined || fields.has('userAssigned') ? userAssigned.map(scope => ({ action: `${type}/assign/action`, scope })) : [],
  fields: {
    systemIdentity: update({ at: 'identity/system', usual: false, equal: (live, desired) => (live ?? false) === desired }),
    userAssigned: update<readonly ResourceId[] | undefined>({
      at: 'identity/userAssigned',
      leadsTo: [type],
      isUsual: live => (live ?? []).length === 0,
      equal: (live = [], desired = []) => desired.every(id => live.includes(id))
    })
  },
  toArm: props => (props.systemIdentity === undefined && props.userAssigned === undefined ? {} : bodyOf(props, props.userAssigned ?? [])),
  // An update names none but those that it adds, or that the file has.
  toPatch: (props, fields) => bodyOf(props, fields.has('userAssigned') ? (props.userAssigned ?? []) : []),
  fromArm: ({ identity: has }) => ({
    systemIdentity: has && /SystemAssigned/i.test(has.type),
    userAssigned:
      has &&
      Object.keys(has.userAssignedIdentities ?? {})
        .map(id => resourceId(id))
        .sort()
  })
}

function bodyOf({ systemIdentity, userAssigned = [] }: Identities, named: readonly ResourceId[]): WithIdentity {
  const types = [...(systemIdentity ? ['SystemAssigned'] : []), ...(userAssigned.length > 0 ? ['UserAssigned'] : [])]
  return {
    identity: {
      type: types.join(',') || 'None',
      ...(named.length > 0 && { userAssignedIdentities: Object.fromEntries(named.map(id => [id, {}])) })
    }
  }
}
