import type { PrivateDnsZoneGroup } from '@azure/arm-network'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import { recordIn } from '../model/paths.ts'
import type { PrivateEndpoint } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Written } from './inFile.ts'
import { idOf, isOpen, type Kind } from './kind.ts'
import { fixed, replace, sameText, update } from './rule.ts'
import { single } from './setting.ts'

type PrivateDns = NonNullable<PrivateEndpoint['privateDns']>

interface Spec {
  readonly zones: readonly ResourceId[]
  readonly server: ResourceId
  readonly name: string | undefined
}

interface Props {
  readonly zones: readonly ResourceId[]
  /** The name of its record in them; Azure says none before the connection is approved. */
  readonly label: string | undefined
  /** Only as far as the file says it. */
  readonly name: string | undefined
}

const recordsInTheZone = "hashicorp/terraform-provider-azurerm#30720: the endpoint's record lies in the zone"

/** The zones in which Azure keeps the record of an endpoint. An endpoint has one group at most, whatever its name, so that is how it is found. */
export const privateDnsZoneGroup: Kind = defineKind({
  name: 'privateDnsZoneGroup',
  title: 'private DNS zone group',
  duty: 'network',
  seconds: { create: 10, update: 10, remove: 10 },
  oneWriteAtATime: false,
  alsoReads: ['Microsoft.Network/privateDnsZones/A/read'],
  drawn: 'between nodes',
  type: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
  inFile: {
    at: 'servers/*/privateEndpoints/*/privateDns',
    isNeverReferred: true,
    none: 'none',
    usualName: 'default',
    settingsAbove: ['adopt'],
    emptiest: () => ({ zone: '' }),
    isMeant: (dns: PrivateDns | undefined) => dns !== undefined && dns !== 'none' && dns.managedBy !== 'policy',
    spec: ({ entry: { zone, name }, above }: Written<Exclude<PrivateDns, 'none'>>, ctx) => ({
      zones: [ctx.ref('privateDnsZone', zone)],
      server: ctx.canonical(above.above.path),
      name
    })
  },
  client: 'network',
  path: {
    part: 'record',
    // A record leads nowhere where its endpoint lets no client through.
    leads: (_, endpoint) => endpoint?.state !== 'present' || isOpen(endpoint.facts),
    // Two endpoints of one server on one zone remove each other's record [DOC-PEDNS].
    excludes: (old, made) => old.refs.some(zone => made.refs.includes(zone)) && old.servers.some(server => made.servers.includes(server))
  },

  desired: ({ zones, server, name }: Spec): Props => ({ zones: [...zones].sort(), label: nameOf(server), name }),
  refs: props => props.zones,
  // The right to join a zone is none to read it.
  unseen: props => props.zones,
  // The join is what ARM asks for [GH data-landing-zone#203]; the record is written with the caller's right as well [GH azure-cli#17883].
  linkedRights: ({ zones }) =>
    zones.flatMap(scope => [
      { action: 'Microsoft.Network/privateDnsZones/join/action', scope },
      { action: 'Microsoft.Network/privateDnsZones/A/write', scope }
    ]),
  reach: ({ zones, label }, as) =>
    zones
      .flatMap(zone => (label === undefined ? [zone] : [zone, recordIn(zone, label)]))
      .map(scope => ({ scope, as, source: recordsInTheZone })),
  joins: ({ zones = [] }, own) => zones.map(to => ({ from: parentOf(own), to, label: 'DNS zone group' })),
  fields: {
    // Azure refuses another zone in a config that is there; the group is made again [TF-PE, GH hashicorp/terraform-provider-azurerm#27559].
    zones: replace({
      at: { path: ['zone'], writes: single('zones', (value, referring) => referring(value as ResourceId), 'zone') },
      givesPath: true,
      leadsTo: ['Microsoft.Network/privateDnsZones']
    }),
    label: update({ equal: () => true, internal: true }),
    name: fixed<string | undefined, Props>(
      ({ name }) =>
        `Azure renames no zone group, and the record would go with it: write name: ${name}, or leave it out to have the group whatever it is called.`,
      { at: 'name', equal: sameText }
    )
  },

  toArm: ({ name, zones }): PrivateDnsZoneGroup =>
    given({ name, privateDnsZoneConfigs: zones.map(zone => ({ name: nameOf(zone).replaceAll('.', '-'), privateDnsZoneId: zone })) }),
  fromArm: ({ name, privateDnsZoneConfigs: configs = [] }) => ({
    name,
    zones: configs.flatMap(({ privateDnsZoneId }) => idOf(privateDnsZoneId) ?? []).sort(),
    label: configs.flatMap(({ recordSets = [] }) => recordSets.flatMap(({ recordSetName }) => recordSetName ?? [])).at(0)
  }),
  facts: ({ provisioningState: state, privateDnsZoneConfigs: configs = [] }) => {
    const zones = configs.flatMap(({ privateDnsZoneId, recordSets = [] }) => {
      const zone = idOf(privateDnsZoneId)
      return zone === undefined ? [] : [{ zone, addresses: recordSets.flatMap(({ ipAddresses = [] }) => ipAddresses) }]
    })
    return given({ state, zones })
  },

  read: (network, at) => network.privateDnsZoneGroups.get(...at),
  // This one operation of the SDK takes the endpoint before the group.
  list: (network, [group, endpoint]) => network.privateDnsZoneGroups.list(endpoint, group),
  put: (network, at, body, call) => network.privateDnsZoneGroups.beginCreateOrUpdateAndWait(...at, body, call),
  remove: (network, at, call) => network.privateDnsZoneGroups.beginDeleteAndWait(...at, call),

  match: (_, among) => among[0]?.path,
  answersTo: () => true,

  authored: {
    instead: ['name'],
    entry: ({ name }) => ({
      // Microsoft's own policies call it deployedByPolicy [GH aztfmod/terraform-azurerm-caf#1030]; Azure does not say which login made one.
      says: /policy/i.test(name ?? '') ? { managedBy: 'policy' } : name === undefined || sameText(name, 'default') ? {} : { name }
    })
  }
})

/** The body of a zone group, as far as the record that it keeps in one zone tells it: not its name, its other zones, or how its last write ended. */
export const groupOfRecord = (zone: ResourceId, label: string, addresses: readonly string[]): PrivateDnsZoneGroup => ({
  privateDnsZoneConfigs: [{ privateDnsZoneId: zone, recordSets: [{ recordSetName: label, ipAddresses: [...addresses] }] }]
})
