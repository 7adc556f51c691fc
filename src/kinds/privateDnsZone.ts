import type { PrivateZone } from '@azure/arm-privatedns'
import { given } from '../model/given.ts'
import type { PrivateDnsZone } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import type { NameLimit } from './names.ts'
import { whenFree } from './removal.ts'
import { undeclaredInZone } from './zoneContents.ts'

const zoneName: NameLimit = {
  fits: name => {
    const labels = name.split('.')
    return (
      labels.length >= 2 && labels.length <= 34 && labels.every(label => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
    )
  },
  words: '2 to 34 labels with dots between them, each 1 to 63 letters, digits, underscores and hyphens'
}

/** A zone is only its name; its records belong to the endpoints and servers that register in it. */
export const privateDnsZone: Kind = defineKind({
  name: 'privateDnsZone',
  title: 'private DNS zone',
  duty: 'network',
  inChangeHistory: true,
  seconds: { create: 31, update: 31, remove: 31 },
  // Deletes in one collide [TF#28715].
  oneWriteAtATime: true,
  drawn: { shape: 'hexagon', icon: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c-2.4 2.6-2.4 9.4 0 12M8 2c2.4 2.6 2.4 9.4 0 12' },
  type: 'Microsoft.Network/privateDnsZones',
  inFile: { at: 'privateDnsZones/*', names: zoneName },
  client: 'privateDns',
  // The owner of an endpoint or a server with a record in a zone removes it some day: a Delete lock would refuse that [azurerm#30720].
  shared: true,
  taggable: true,
  precious: true,
  undeclaredInside: undeclaredInZone,

  desired: (_: PrivateDnsZone) => ({}),
  fields: {},

  toArm: (): PrivateZone => ({ location: 'global' }),
  fromArm: () => ({}),
  facts: ({ provisioningState: state, numberOfRecordSets: recordSets, numberOfVirtualNetworkLinks: links }) =>
    given({ location: 'global', state, recordSets, links }),

  read: (dns, at) => dns.privateZones.get(...at),
  list: dns => dns.privateZones.list(),
  listGroup: (dns, group) => dns.privateZones.listByResourceGroup(group),
  put: (dns, at, body, call) => dns.privateZones.beginCreateOrUpdateAndWait(...at, body, call),
  // Azure can refuse to delete a zone for links that it has reported as deleted, or no longer counts [GH Azure/azure-cli#15010].
  remove: (dns, at, call, io) =>
    whenFree(
      io,
      {
        limitMs: 2 * 60_000,
        what: 'the zone to notice that its links are gone',
        leaving: ({ code }) => code === 'CannotDeleteResource'
      },
      () => dns.privateZones.beginDeleteAndWait(...at, call)
    )
})
