import { itemsOf } from '../azure/items.ts'
import { given } from '../model/given.ts'
import { nameOf, resourceId, typeOf } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import type { AzurePostgreSqlLinkedService, LinkedService } from '../model/topology.generated.ts'
import { testConnection } from './connectionTest.ts'
import { defineKind } from './define.ts'
import { integrationRuntime } from './integrationRuntime.ts'
import { offered } from './interactiveAuthoring.ts'
import type { Context, Kind } from './kind.ts'
import {
  type KeyVaultSecret,
  type LinkedServiceBody,
  type LinkedServiceProps,
  laidOver,
  passwordVersionIn,
  storedCredential,
  storesAlone,
  versionNote
} from './linkedServiceBody.ts'
import { linkedServiceEntry } from './linkedServiceEntry.ts'
import {
  authenticationOf,
  byManagedIdentity,
  byPassword,
  byServicePrincipal,
  roleToMake,
  signIn,
  waitsForRole
} from './linkedServiceSignIn.ts'
import { matching } from './names.ts'
import { replace, rises, sameText, secret, update, versionOfSecret } from './rule.ts'
import { below, members, oneOf, only } from './setting.ts'

const apiVersion = '2018-06-01'
const firstVersion = 1
const defaultPort = 5432

/** As Npgsql counts them: require, verify-ca, verify-full [DOC-ADFPG]. */
const sslModes: Readonly<Record<NonNullable<AzurePostgreSqlLinkedService['encryption']>, number>> = { SSL: 3, VerifyCA: 4, VerifyFull: 5 }

const encryptionOf = (mode: number | undefined): string | undefined =>
  mode === undefined ? undefined : (Object.entries(sslModes).find(([, number]) => number === mode)?.[0] ?? `sslMode ${mode}`)

const inFactory = (service: string, collection: string, name: string): string =>
  `${service.split('/').slice(0, -2).join('/')}/${collection}/${name}`

const withoutSlash = (url: string | undefined): string | undefined => url?.replace(/\/+$/, '')

function desired(spec: LinkedService, ctx: Context): LinkedServiceProps {
  if (!('type' in spec)) return { type: '', uses: [] }
  const runtime = spec.integrationRuntime
  const runs = {
    type: spec.type,
    integrationRuntime: runtime === undefined ? undefined : ctx.nameOf('integrationRuntime', runtime),
    uses: runtime === undefined ? [] : [ctx.ref('integrationRuntime', runtime)]
  }
  if (spec.type === 'AzureKeyVault') return { ...runs, baseUrl: withoutSlash(spec.baseUrl) }

  const {
    authentication = byPassword,
    port,
    database,
    username,
    tenant,
    servicePrincipalId,
    encryption,
    passwordVersion,
    testConnection
  } = spec
  const server = ctx.ref('flexibleServer', spec.server)
  const secret = spec.password
  const keyVault = secret !== undefined && 'keyVault' in secret ? secret.keyVault : undefined
  return {
    ...runs,
    version: '2.0',
    host: `${nameOf(server)}.${ctx.serverSuffix}`,
    port,
    database,
    authentication,
    username,
    tenant,
    servicePrincipalId,
    encryption,
    passwordType: keyVault ? 'AzureKeyVaultSecret' : secret && 'SecureString',
    keyVaultSecret: keyVault && secretIn(ctx.nameOf('linkedService', keyVault.linkedService), keyVault.secret, keyVault.version),
    password: secret === undefined || 'keyVault' in secret ? undefined : secret,
    passwordVersion,
    server,
    uses: [...runs.uses, ...(keyVault ? [ctx.ref('linkedService', keyVault.linkedService)] : [])],
    testConnection
  }
}

const secretIn = (linkedService: string, secret: string, version: string | undefined): KeyVaultSecret =>
  given({ linkedService, secret, version })

function toArm(props: LinkedServiceProps): LinkedServiceBody {
  const { type, version, baseUrl, host: server, port = defaultPort, database, encryption = 'SSL', passwordVersion } = props
  const sslMode = sslModes[encryption as keyof typeof sslModes] ?? sslModes.SSL
  const typeProperties: Body = type === 'AzureKeyVault' ? given({ baseUrl }) : given({ server, port, database, sslMode, ...signIn(props) })
  const runtime = props.integrationRuntime
  return {
    properties: given({
      type,
      version,
      annotations: passwordVersion === undefined ? undefined : [versionNote(passwordVersion)],
      connectVia: runtime === undefined ? undefined : { referenceName: runtime, type: 'IntegrationRuntimeReference' },
      typeProperties
    })
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
/** The port, and it alone, is answered as a number or as text [DOC-ADFPG]. */
const number = (value: unknown): number | undefined => (value === undefined || value === null ? undefined : Number(value))

function fromArm({ id = '', properties }: LinkedServiceBody): LinkedServiceProps {
  const its = properties.typeProperties ?? {}
  const secret = (its['password'] ?? its['servicePrincipalKey']) as
    | { type?: string; store?: { referenceName?: string }; secretName?: string; secretVersion?: string }
    | undefined
  const inVault = secret?.type === 'AzureKeyVaultSecret'
  const vault = inVault ? (secret.store?.referenceName ?? '') : undefined
  const runtime = properties.connectVia?.referenceName
  return {
    type: properties.type,
    version: properties.version,
    baseUrl: withoutSlash(text(its['baseUrl'])),
    host: text(its['server']),
    port: number(its['port']),
    database: text(its['database']),
    authentication: sameText(properties.type, 'AzurePostgreSql') ? authenticationOf(its) : undefined,
    username: text(its['username']),
    tenant: text(its['tenant']),
    servicePrincipalId: text(its['servicePrincipalId']),
    encryption: encryptionOf(number(its['sslMode'])),
    passwordType: secret?.type ?? (storesAlone(properties) ? 'SecureString' : undefined),
    keyVaultSecret: vault === undefined ? undefined : secretIn(vault, secret?.secretName ?? '', secret?.secretVersion || undefined),
    passwordVersion: passwordVersionIn(properties.annotations),
    integrationRuntime: runtime,
    uses: [
      ...(runtime ? [resourceId(inFactory(id, 'integrationRuntimes', runtime))] : []),
      ...(vault ? [resourceId(inFactory(id, 'linkedServices', vault))] : [])
    ]
  }
}

const sameVault = (a: KeyVaultSecret | undefined, b: KeyVaultSecret | undefined): boolean =>
  sameText(a?.linkedService, b?.linkedService) && a?.secret === b?.secret && (b?.version === undefined || a?.version === b.version)

/** A linked service to a server, as version 2.0 of its connector, or to a key vault that holds a password for one. */
export const linkedService: Kind = defineKind({
  name: 'linkedService',
  title: 'linked service',
  duty: 'data',
  seconds: { create: 2, update: 2, remove: 2 },
  oneWriteAtATime: false,
  drawn: {
    shape: 'parallelogram',
    icon: 'M6.4 9.6l3.2-3.2M7.3 4.7l1.3-1.3a2.83 2.83 0 0 1 4 4l-1.3 1.3M8.7 11.3l-1.3 1.3a2.83 2.83 0 0 1-4-4l1.3-1.3'
  },
  type: 'Microsoft.DataFactory/factories/linkedservices',
  inFile: {
    at: 'dataFactories/*/linkedServices/*',
    names: matching(
      /^\w[^<>*#.%&:\\+?/]{0,259}$/,
      '1 to 260 characters, none of them < > * # . % & : \\ + ? or /, beginning with a letter, digit or underscore'
    )
  },
  client: 'factories',
  carriesMarkers: { rank: 7, onlyOurs: true },
  publishedFromGit: true,
  fallsWithParent: true,
  // `The document cannot be deleted since it is referenced by …` [GH azure.datafactory.devops#12].
  remadeWithRef: true,
  path: { part: 'client', host: props => (props as LinkedServiceProps).host },

  desired,
  // The database too: a test of the connection fails while that is not there.
  // Data Factory looks at no server before the user tests the connection.
  unseen: ({ server }) => (server ? [server] : []),
  refs: ({ server, database, uses }) => [
    ...(server ? [server] : []),
    ...(server && database !== undefined ? [resourceId(`${server}/databases/${database}`)] : []),
    ...uses
  ],
  gates({ server }, ctx) {
    const endpoint = server && ctx.managedEndpointTo(server)
    return server && endpoint ? [{ endpoint, server }] : []
  },
  byHand: roleToMake,
  // A runtime in the managed network answers a test only while interactive authoring is on [AZAPI-ADF].
  storedCredential,
  invokes({ testConnection, integrationRuntime: runtime, server }, ctx) {
    if (server === undefined) return []
    const only = testConnection ? {} : { only: 'kept credential' as const }
    const path = inFactory(ctx.path, 'integrationRuntimes', runtime ?? '')
    const managed = runtime !== undefined && ctx.managedEndpointTo(server) !== undefined
    const authoring = {
      verb: 'enableInteractiveAuthoring',
      kind: 'integrationRuntime',
      id: resourceId(path),
      path,
      title: `enable interactive authoring on ${runtime}`,
      ...only
    }
    const title = `test the connection of ${ctx.name}`
    const test = { verb: 'testConnection', kind: 'linkedService', id: ctx.id, path: ctx.path, title, ...only }
    return managed ? [authoring, test] : [test]
  },
  joins: ({ server, host, uses = [] }, own) => [
    { from: own, to: server, host, label: 'connects to' },
    ...uses.map(to => ({ from: own, to, label: typeOf(to) === integrationRuntime.type.toLowerCase() ? 'runs on' : 'password from' }))
  ],
  fields: {
    type: replace({ at: only(['type'], 'a linked service of another type has other settings: write it by hand'), equal: sameText }),
    version: update(),
    baseUrl: update({ at: 'baseUrl', equal: sameText }),
    host: update({
      at: only(['server'], 'the file names a server and not its host: write the server by hand'),
      equal: sameText,
      givesPath: true
    }),
    port: update({ at: 'port', usual: defaultPort, equal: (live, wanted) => (live ?? defaultPort) === wanted }),
    database: update({ at: 'database' }),
    authentication: update<string | undefined, LinkedServiceProps>({
      usual: byPassword,
      at: oneOf(
        ['authentication'],
        { password: byPassword, managedidentity: byManagedIdentity, serviceprincipal: byServicePrincipal },
        'the way to sign in'
      ),
      equal: (live = byPassword, wanted) => sameText(live, wanted)
    }),
    username: update({ at: 'username' }),
    tenant: update({ at: 'tenant', equal: sameText }),
    servicePrincipalId: update({ at: 'servicePrincipalId', equal: sameText }),
    encryption: update({
      usual: 'SSL',
      at: oneOf(['encryption'], { ssl: 'SSL', verifyca: 'VerifyCA', verifyfull: 'VerifyFull' }, 'the encryption')
    }),
    passwordType: update({
      at: only(['password'], 'secrets are never written: where the password comes from is for a person to write'),
      equal: sameText
    }),
    keyVaultSecret: update({ at: below(['password', 'keyVault'], members('linkedService', 'secret', 'version')), equal: sameVault }),
    // A PUT replaces the whole of it, and Data Factory gives no password back to be sent again.
    password: secret(
      (have: LinkedServiceProps, want: LinkedServiceProps) =>
        rises(have.passwordVersion ?? firstVersion, want.passwordVersion) || !sameText(have.passwordType, want.passwordType),
      { everyWrite: true }
    ),
    // There is no writing the note alone: where it is missing, the password counts as the first, and the next write brings it along.
    passwordVersion: versionOfSecret({ at: 'passwordVersion', equal: (live = firstVersion, wanted) => live === wanted, sentAlong: true }),
    integrationRuntime: update({ at: 'integrationRuntime', equal: sameText, givesPath: true }),
    // Three that Data Factory does not hold: they say what this comes after, and what follows it.
    server: update({ equal: () => true, internal: true, leadsTo: ['Microsoft.DBforPostgreSQL/flexibleServers'] }),
    uses: update({
      equal: () => true,
      internal: true,
      leadsTo: ['Microsoft.DataFactory/factories/integrationRuntimes', 'Microsoft.DataFactory/factories/linkedservices']
    }),
    testConnection: update({ equal: () => true, internal: true })
  },

  toArm,
  fromArm,

  // All raw: the SDK knows version 1.0 alone, and drops server, port, user and database of what it reads.
  read: async (_client, _at, { path, send }) => (await send({ method: 'GET', path, apiVersion })) as LinkedServiceBody,
  list: (_client, _under, { path, send }) => itemsOf<LinkedServiceBody>(send, `${path}/linkedservices`, apiVersion),
  async put(_client, [, , name], body, call, { path, send }) {
    const there = call.requestOptions ? ((await send({ method: 'GET', path, apiVersion })) as LinkedServiceBody) : undefined
    return send({ method: 'PUT', path, apiVersion, body: laidOver(there, body, name) })
  },
  remove: (_client, _at, _call, { path, send }) => send({ method: 'DELETE', path, apiVersion }),

  verbs: {
    async testConnection(_client, [, , name], props, io) {
      const result = await offered(`Data Factory did not test the connection of ${name}`, () => testConnection(io, name))
      const waiting = result.outcome === 'failed' ? waitsForRole(props, io.path, result.message) : undefined
      return waiting === undefined ? result : { outcome: 'waiting', message: waiting }
    }
  },

  authored: linkedServiceEntry
})
