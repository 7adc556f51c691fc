import { stringify } from 'yaml'
import { formatted } from './format.ts'
import { type AddressRange, addressRange, overlaps, rangeText } from './rules/ipv4.ts'

/** The answers that a first topology is written from. */
export interface Answers {
  readonly name: string
  readonly location: string
  readonly subscription: string
  readonly server: string
  /** With a data factory that reaches the server, and not with clients in a network. */
  readonly dataFactory: boolean
  /** Ranges of addresses that the network does not overlap. */
  readonly avoid: readonly AddressRange[]
}

/** A first topology, and the variables that its passwords come from. */
export interface Starter {
  readonly text: string
  readonly variables: readonly string[]
}

/** The variable of a password: `orders-pg` becomes `ORDERS_PG_PASSWORD`. */
const variableOf = (name: string): string =>
  `${name
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_')
    .toUpperCase()}_PASSWORD`

/** A text as YAML has it on a line. */
const word = (text: string): string => stringify(text, { lineWidth: 0 }).trim()

/** @returns `undefined` where no private range is left for the network */
export function starterOf(answers: Answers, schema: string): Starter | undefined {
  const { name, location, subscription, server, dataFactory } = answers
  const network = dataFactory ? undefined : networkOf(answers.avoid)
  if (!dataFactory && network === undefined) return undefined
  const password = variableOf(server)
  const head = `# yaml-language-server: $schema=${schema}
#
# ${dataFactory ? dataFactoryHead : endpointHead}
version: 1
name: ${word(name)}
subscription: ${word(subscription)}
location: ${word(location)}
resourceGroup: ${word(`rg-${name}`)}
`
  const declared = `servers:
  ${word(server)}:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128, autoGrow: true }
    administrator: { login: pgadmin, password: "\${env:${password}}", passwordVersion: 1 } # a higher version sends the password again
    networking:
      publicAccess: { enabled: false }
    databases:
      app: {}
`
  const reader = variableOf(`${name}-adf`)
  const text =
    network === undefined
      ? `${head}\n${declared}${factoryPart(answers, reader)}`
      : `${head}\n${network}\n${declared}${endpointPart(server)}`
  const form = formatted(text, false)
  return { text: form.ok ? form.text : text, variables: network === undefined ? [password, reader] : [password] }
}

const endpointHead =
  'A PostgreSQL flexible server that clients in one network reach over Private Link, and nobody else: the network, the zone of its\n# private names, the server and its private endpoint.'
const dataFactoryHead =
  'A PostgreSQL flexible server, and a data factory that reaches it over a managed private endpoint. The endpoint arrives Pending on the\n# server, and the decision below approves it.'

const endpointPart = (server: string): string => `    privateEndpoints:
      ${word(`${server}-pe`)}: { subnet: vnet/endpoints, privateDns: { zone: link }, approval: automatic }
`

const factoryPart = ({ name, server }: Answers, password: string): string => `    connections:
      - { from: ${word(`dataFactories/${name}-adf/managedPrivateEndpoints/to-server`)}, decision: approve, response: declared in the topology }

dataFactories:
  ${word(`${name}-adf`)}:
    managedVirtualNetwork: true
    integrationRuntimes:
      managed: { type: Azure, managedVirtualNetwork: true }
    managedPrivateEndpoints:
      to-server: { server: ${word(server)} }
    linkedServices:
      app:
        type: AzurePostgreSql
        server: ${word(server)}
        database: app
        username: adf_reader # a role of the database, which you make
        password: "\${env:${password}}"
        encryption: SSL
        integrationRuntime: managed
`

/** The blocks of private addresses [RFC 1918], the least used in Azure's samples first. */
const blocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as const

/** Sizes of a network that are tried, the largest first, each with that of its subnets. */
const sizes = [
  [16, 24],
  [20, 24],
  [24, 27]
] as const

/** `undefined` where no range is left. */
function networkOf(avoid: readonly AddressRange[]): string | undefined {
  for (const [prefix, subnet] of sizes) {
    const free = blocks.flatMap(block => within(block, prefix)).find(range => !avoid.some(other => overlaps(range, other)))
    if (free === undefined) continue
    const [first, second] = [0, 1].map(index => rangeText({ ...free, first: free.first + index * 2 ** (32 - subnet), prefix: subnet }))
    return `networks:
  vnet:
    addressSpace: [${rangeText(free)}]
    subnets:
      endpoints: { addressPrefix: ${first} }
      clients: { addressPrefix: ${second} } # for machines and apps that connect to the server

privateDnsZones:
  link:
    name: privatelink.postgres.database.azure.com
    links: { vnet: {} }
`
  }
  return undefined
}

/** All ranges of a size within a block, those behind the tenth first in the largest: the first ones are in use nearly everywhere. */
function within(block: string, prefix: number): readonly AddressRange[] {
  const outer = addressRange(block)
  if (outer === undefined || outer.prefix > prefix) return []
  const size = 2 ** (32 - prefix)
  const all = Array.from({ length: 2 ** (prefix - outer.prefix) }, (_, index) => {
    const first = outer.first + index * size
    return { first, last: first + size - 1, prefix }
  })
  return prefix === 16 ? [...all.slice(20), ...all.slice(0, 20)] : all
}
