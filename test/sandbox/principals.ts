import { type Arm, arm, type Beginning, group, type Json, networks, type Reply, type Sent, subscription } from './arm.ts'

export const tenant = '72f988bf-0000-4000-8000-2d7cd011db47'

/** A client id for everybody, in which the number can be told again. */
export const clientId = (number: number): string => `0000000${number}-aaaa-4bbb-8ccc-dddddddddddd`
export const objectId = (number: number): string => `0000000${number}-0b1e-4c70-8000-dddddddddddd`

export interface Grant {
  readonly scope: string
  readonly role?: string
  readonly actions?: readonly string[]
  readonly notActions?: readonly string[]
}

export interface Somebody {
  readonly name: string
  readonly clientId: string
  readonly objectId: string
  readonly secret: string
  readonly roles: readonly Grant[]
}

export const somebody = (number: number, name: string, ...roles: readonly Grant[]): Somebody => ({
  name,
  clientId: clientId(number),
  objectId: objectId(number),
  secret: `secret of ${name}`,
  roles
})

const owner = somebody(9, 'owner', { scope: '/', role: 'Owner' })

export const vnet = `${networks}/hub`
export const subnet = `${vnet}/subnets/endpoints`
export const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders`
export const zone = `${group}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
export const factory = `${group}/providers/Microsoft.DataFactory/factories/sales-factory`
export const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe-orders`
export const securityGroup = `${group}/providers/Microsoft.Network/networkSecurityGroups/nsg`
export const delegated = `${vnet}/subnets/servers`

/** The resources that the network, the database and the data factory people share. */
const estate: Readonly<Record<string, Json>> = {
  [vnet]: { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } },
  [subnet]: { properties: { addressPrefix: '10.0.1.0/24' } },
  [delegated]: {
    properties: {
      addressPrefix: '10.0.2.0/24',
      delegations: [{ name: 'pg', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
    }
  },
  [securityGroup]: { location: 'eastus2', properties: {} },
  [server]: serverBody(),
  [zone]: { location: 'global', properties: {} },
  [factory]: { location: 'eastus2', properties: {} },
  [`${factory}/managedVirtualNetworks/default`]: { properties: {} }
}

export function serverBody(properties: Readonly<Record<string, Json>> = {}): Json {
  return {
    location: 'eastus2',
    sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
    properties: {
      version: '17',
      administratorLogin: 'dba',
      administratorLoginPassword: 'correct-Horse-7',
      storage: { storageSizeGB: 128 },
      createMode: 'Create',
      ...properties
    }
  }
}

export const endpointBody = (list: 'privateLinkServiceConnections' | 'manualPrivateLinkServiceConnections'): Json => ({
  location: 'eastus2',
  properties: {
    subnet: { id: subnet },
    [list]: [{ name: 'to-orders', properties: { privateLinkServiceId: server, groupIds: ['postgresqlServer'] } }]
  }
})

/** An estate with people in it, and a way to speak to it in the name of each. */
export interface Office extends Arm {
  /** The token endpoint, asked with whatever is given. */
  signIn(form: Readonly<Record<string, string>>): Promise<Reply>
  as(who: Somebody): Promise<Pick<Arm, 'send' | 'done'>>
  readonly boss: Pick<Arm, 'send' | 'done'>
}

export async function office(people: readonly Somebody[], beginning: Beginning = {}): Promise<Office> {
  const client = await arm({
    seed: estate,
    ...beginning,
    principals: [...people, owner].map(one => ({ ...one, roles: one.roles.map(role => ({ ...role })) }))
  })
  const signIn = (form: Readonly<Record<string, string>>): Promise<Reply> =>
    client.send('POST', `/${tenant}/oauth2/v2.0/token`, new URLSearchParams(form).toString(), {
      token: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
  async function as(who: Somebody): Promise<Pick<Arm, 'send' | 'done'>> {
    const answer = await signIn(formOf(who))
    const token = String(answer.body['access_token'])
    const mine = (more: string | Sent = {}): Sent => ({ token, ...(typeof more === 'string' ? { apiVersion: more } : more) })
    return {
      send: (method, path, body, more) => client.send(method, path, body, mine(more)),
      done: (method, path, body, more) => client.done(method, path, body, mine(more))
    }
  }
  return { ...client, signIn, as, boss: await as(owner) }
}

export const formOf = ({ clientId, secret }: Pick<Somebody, 'clientId' | 'secret'>): Record<string, string> => ({
  client_id: clientId,
  client_secret: secret,
  grant_type: 'client_credentials',
  scope: 'https://management.azure.com/.default'
})

export const everywhere = subscription

export const said = ({ status, body }: Reply): unknown[] => [status, body?.['error']?.['code']]
export const words = ({ body }: Reply): string => String(body?.['error']?.['message'])

export const refusal = (number: number, action: string, scope: string): string =>
  `The client '${clientId(number)}' with object id '${objectId(number)}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`

export const locks = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks`

export const vnetBody = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
export const reader = somebody(1, 'reader', { scope: everywhere, role: 'Reader' })
export const nobody = somebody(2, 'nobody')
