import type { RuleText } from './rule.ts'

const network = 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found'

/** Only Azure can tell: `plan` and `apply` look at what they would write. The checks are in src/live/preflight. */
const texts: readonly RuleText[] = [
  {
    id: 'PGL070',
    name: 'reference-target',
    source: `${network}, https://github.com/Azure/azure-cli/issues/23351`,
    summary: 'An id in the file leads to something that is there, and is of the type that is meant.',
    why: 'Azure refuses the write with InvalidResourceReference, when half of the others are done.',
    fix: 'correct the id; what is still to be made is declared in this file, or made first'
  },
  {
    id: 'PGL071',
    name: 'reference-region',
    source:
      'the message of InvalidResourceReference, as recorded: "Please make sure that the referenced resource exists, and that both resources are in the same region."',
    summary: 'A security group or route table is in the region of the network whose subnet has it.',
    why: 'To Azure one in another region is not there.',
    fix: 'use one in the region of the network'
  },
  {
    id: 'PGL072',
    name: 'network-linked-elsewhere',
    source:
      'https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links (Restrictions), https://github.com/jenkins-infra/azure/issues/1171',
    summary: 'A network that the file links to a zone is linked to no other zone of that name.',
    why: 'Azure refuses the second link, and the names resolve by the zone that was linked first: the records would stand where no client looks.',
    fix: 'declare the zone that is linked already by its id, and let the endpoints use it'
  },
  {
    id: 'PGL073',
    name: 'network-registers-elsewhere',
    source: 'https://learn.microsoft.com/azure/dns/private-dns-autoregistration (Restrictions)',
    summary: 'A network that is to register its machines in a zone registers them in no other.',
    why: 'Azure refuses the second link with registration.',
    fix: 'take registration: true out'
  },
  {
    id: 'PGL074',
    name: 'server-name-free',
    source: 'https://learn.microsoft.com/rest/api/postgresql/name-availability/check-with-location',
    summary: 'The name of a new server is free.',
    why: 'A server has its name alone in all of Azure, since it is a name in DNS.',
    fix: 'give the server another name'
  },
  {
    id: 'PGL075',
    name: 'factory-name-free',
    source: 'https://learn.microsoft.com/azure/data-factory/naming-rules (unique across Azure)',
    summary: 'The name of a new factory is that of no factory which the login can see.',
    why: 'A factory has its name alone in all of Azure.',
    fix: 'give the factory another name'
  },
  {
    id: 'PGL076',
    name: 'moved-resource',
    source:
      'https://learn.microsoft.com/azure/azure-resource-manager/management/move-resource-group-and-subscription, https://learn.microsoft.com/azure/data-factory/naming-rules',
    summary: 'A server or factory of ours lies where the file has it.',
    why: 'One that was moved to another group keeps its name and our tag: a second one cannot be made, and the first has not left the file.',
    fix: 'write the group it lies in on its entry, or move it back'
  },
  {
    id: 'PGL077',
    name: 'server-offer',
    lowerable: true,
    source: 'https://learn.microsoft.com/rest/api/postgresql/capabilities-by-location/list',
    summary: 'The region offers the version, the size, the zones, the high availability and the Premium SSD v2 of a server.',
    why: 'Azure refuses the server, some of it only after minutes.',
    fix: 'use one of those that the region offers'
  },
  {
    id: 'PGL083',
    name: 'region-restricted',
    lowerable: true,
    source:
      'https://github.com/Azure-Samples/msdocs-flask-postgresql-sample-app/issues/35, https://github.com/hashicorp/terraform-provider-azurerm/issues/21306',
    summary: 'The subscription may make servers in the region.',
    why: 'Azure closes regions to new servers, subscription by subscription. Its refusal names the version, and an empty list.',
    fix: 'use another location, or ask for a quota: https://aka.ms/postgres-request-quota-increase'
  },
  {
    id: 'PGL079',
    name: 'parameter-value',
    lowerable: true,
    source: 'https://learn.microsoft.com/rest/api/postgresql/configurations/get (allowedValues)',
    summary: 'A server parameter takes the value that is declared.',
    why: 'Azure refuses the write.',
    fix: 'use a value that the server lists'
  },
  {
    id: 'PGL080',
    name: 'parameter-unknown',
    severity: 'warning',
    lowerable: true,
    source: 'https://learn.microsoft.com/rest/api/postgresql/configurations/list-by-server',
    summary: 'A server has the parameters that are declared for it.',
    why: 'Azure refuses the write. A server of another version, or after an update, may have others.',
    fix: 'correct the name; az postgres flexible-server parameter list shows what there is'
  },
  {
    id: 'PGL081',
    name: 'subnet-room',
    source:
      'https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (five addresses of each range are reserved), https://learn.microsoft.com/azure/private-link/private-endpoint-overview',
    summary: 'A subnet has a free address for each endpoint that is made in it.',
    why: 'Azure refuses the endpoint (SubnetIsFull).',
    fix: 'use another subnet, or one with a larger range'
  },
  {
    id: 'PGL082',
    name: 'subnet-for-servers',
    source: 'https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private (delegated subnet)',
    summary: 'A subnet that is referred to for VNet integration is delegated to flexible servers.',
    why: 'Azure refuses the server: nothing else lies in the subnet of servers.',
    fix: 'use a subnet that is delegated to Microsoft.DBforPostgreSQL/flexibleServers'
  },
  {
    id: 'PGL084',
    name: 'replica-settings',
    source:
      'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-read-replicas (Considerations), https://github.com/hashicorp/terraform-provider-azurerm/issues/30688',
    summary: 'A read replica declares no databases and no high availability of its own.',
    why: 'A replica is read-only, and its high availability is not supported: Azure refuses both, the database in its operation.',
    fix: 'take them out of the file, or promote the replica first'
  },
  {
    id: 'PGL136',
    name: 'replica-source',
    source: 'https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas',
    summary: 'The server that a read replica is made of is no replica, not Burstable, and has no more storage.',
    why: 'Azure refuses the replica.',
    fix: 'write another source, or give the replica more storage'
  },
  {
    id: 'PGL137',
    name: 'replica-capacity',
    source: 'https://learn.microsoft.com/rest/api/postgresql/servers/get (replica.capacity)',
    summary: 'A server has no more read replicas than its capacity.',
    why: 'Azure refuses the replica.',
    fix: 'take replicas out of the file'
  },
  {
    id: 'PGL138',
    name: 'upgrade-with-replicas',
    source: 'https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-major-version-upgrade (Limitations)',
    summary: 'A server whose major version is raised has no read replicas.',
    why: 'Azure refuses the upgrade.',
    fix: 'delete the replicas, upgrade, and make them again'
  },
  {
    id: 'PGL139',
    name: 'promotion',
    source: 'https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote',
    summary:
      'A read replica that is promoted replicates, and one that takes the place of its source has its size, storage and shared memory, and is what a virtual endpoint is read through.',
    why: 'Azure refuses the promotion, or the replication breaks.',
    fix: 'mend what the message names in a plan of its own first; in an outage of the source, force it'
  },
  {
    id: 'PGL085',
    name: 'fixed-address',
    source:
      'https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (five addresses of each range are reserved), PrivateIPAddressIsAllocated as in https://github.com/hashicorp/terraform-provider-azurerm/issues/28831',
    summary: 'A fixed address of an endpoint is one of its subnet, and no other network interface has it.',
    why: 'Azure refuses the endpoint. The steps that wait for it are then left half done.',
    fix: 'use another address, or leave ipAddress out'
  },
  {
    id: 'PGL115',
    name: 'encryption-vault',
    lowerable: true,
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-data-encryption (Requirements)',
    summary: 'The vault of a key of yours is protected against purging.',
    why: 'Azure asks for it, since a key that is purged takes the data with it. A vault that this login does not see is unknown.',
    fix: 'turn purge protection on in the vault'
  },
  {
    id: 'PGL100',
    name: 'migration-version',
    source: 'https://learn.microsoft.com/rest/api/postgresql/servers/migrate-network-mode',
    summary: 'A server that is to leave its virtual network is in a cloud that has an API version for that.',
    why: 'Azure migrates one from 2026-01-01-preview on, and does not know the call in an earlier version. Its own list says which versions it has.',
    fix: 'ask Microsoft when the cloud has it, or make a new server with public access and move the data'
  },
  {
    id: 'PGL101',
    name: 'migration-path',
    source:
      'https://learn.microsoft.com/azure/postgresql/network/how-to-migrate-vnet-private-endpoint-capable-server (Restore connectivity)',
    summary:
      'A server that is to leave its virtual network has a private endpoint that is sure to come: its rights, free address, zone and network are read.',
    why: 'After the migration no client reaches the server before its private endpoint is there, and there is no way back. A question that cannot be answered counts as no.',
    fix: 'mend what the plan names, and use a login that may make the endpoint and approve its connection'
  },
  {
    id: 'PGL102',
    name: 'migration-replicas',
    source:
      'https://learn.microsoft.com/azure/postgresql/network/how-to-migrate-vnet-private-endpoint-capable-server (it says nothing of replicas)',
    summary: 'No read replica follows a server that is to leave its virtual network.',
    why: 'No documentation says that Azure migrates such a server, or what becomes of its replicas.',
    fix: 'delete or promote the replicas first, or agree to have it tried all the same: the plan says how'
  }
]

export const preflightRules = texts.map(text => ({ ...text, seenBy: 'plan' as const }))
