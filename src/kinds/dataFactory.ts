import type { Factory } from '@azure/arm-datafactory'
import { given } from '../model/given.ts'
import type { DataFactory } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import { type Identities, identity } from './identity.ts'
import { type Kind, location } from './kind.ts'
import { factoryName } from './names.ts'
import { fixed, sameText, update } from './rule.ts'

interface Props extends Identities {
  readonly location: string
  readonly publicNetworkAccess: string | undefined
}

/** An Azure Data Factory. Its children are resources of their own. */
export const dataFactory: Kind = defineKind({
  name: 'dataFactory',
  title: 'data factory',
  duty: 'data',
  inChangeHistory: true,
  seconds: { create: 2, update: 2, remove: 2 },
  oneWriteAtATime: true,
  drawn: { shape: 'box', icon: 'M2 13.5V7l4 2.6V7l4 2.6V3h4v10.5z' },
  type: 'Microsoft.DataFactory/factories',
  inFile: { at: 'dataFactories/*', names: { ...factoryName, isGlobal: true }, inRegion: true },
  client: 'factories',
  carriesMarkers: { rank: 2, onlyOurs: false },
  taggable: true,
  precious: true,

  desired: (entry: DataFactory, ctx): Props => ({
    location: ctx.location,
    publicNetworkAccess: entry.publicNetworkAccess,
    ...identity.desired(entry, ctx)
  }),
  // Azure has no question for it: a name that is taken is refused [learn.microsoft.com/azure/data-factory/naming-rules: unique across Azure].
  needs: (_, fields) => (fields === undefined ? [{ need: 'name', ask: false }] : []),
  ...(identity.linkedRights && { linkedRights: identity.linkedRights }),
  fields: {
    ...identity.fields,
    systemIdentity: { ...identity.fields.systemIdentity, usual: true },
    location: fixed('A factory cannot move to another region: make one of another name there.', { at: 'location' }),
    // Enabled is not in the body until a write has set it [TF-ADF].
    publicNetworkAccess: update<string | undefined>({
      at: 'publicNetworkAccess',
      usual: 'Enabled',
      equal: (live, desired) => sameText(live ?? 'Enabled', desired)
    })
  },

  // Without an identity no secret of a key vault can be read: it has one of its own unless the file says otherwise, as in the portal.
  toArm: ({ location, publicNetworkAccess, systemIdentity = true, userAssigned }): Factory => ({
    ...given({ location, publicNetworkAccess }),
    ...identity.toArm({ systemIdentity, userAssigned })
  }),
  fromArm: body => ({
    location: location(body.location),
    publicNetworkAccess: body.publicNetworkAccess,
    ...identity.fromArm(given({ identity: body.identity }))
  }),
  facts: ({ provisioningState: state, location: where, repoConfiguration: from }) =>
    given({
      location: location(where),
      // A factory in Git mode is edited in the repository, and a publish from there writes over what was written live [GH MicrosoftDocs/azure-docs#73611].
      repository: from && `${from.accountName ?? ''}/${from.repositoryName ?? ''}`,
      state
    }),

  read: (client, at) => client.factories.get(...at),
  list: client => client.factories.list(),
  listGroup: (client, group) => client.factories.listByResourceGroup(group),
  put: (client, at, body, call) => client.factories.createOrUpdate(...at, body, call),
  toPatch: (props, fields) => ({
    ...(fields.has('publicNetworkAccess') && given({ publicNetworkAccess: props.publicNetworkAccess })),
    ...((fields.has('systemIdentity') || fields.has('userAssigned')) && identity.toPatch?.(props, fields))
  }),
  // A PATCH gives no identity to a factory that has none [CORPUS]: with one it is a PUT, laid over what is there.
  patch: (client, at, { tags, publicNetworkAccess, identity: own }, call) =>
    own === undefined
      ? client.factories.update(...at, given({ tags, publicNetworkAccess }), call)
      : client.factories.createOrUpdate(...at, given({ tags, publicNetworkAccess, identity: own }), call),
  remove: (client, at, call) => client.factories.delete(...at, call)
})
