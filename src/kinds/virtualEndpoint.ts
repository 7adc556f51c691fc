import type { VirtualEndpoint as EndpointBody } from '@azure/arm-postgresql-flexible'
import type { ArmError } from '../azure/error.ts'
import { given } from '../model/given.ts'
import { nameOf, parentOf, type ResourceId } from '../model/id.ts'
import type { VirtualEndpoint } from '../model/topology.generated.ts'
import { defineKind } from './define.ts'
import type { Context, Kind } from './kind.ts'
import { matching } from './names.ts'
import { type Patience, whenFree } from './removal.ts'
import { sameText, update } from './rule.ts'
import { ref, type Setting } from './setting.ts'

interface Props {
  /** The name of the server that the reader leads to. Azure says no more of it than that. */
  readonly reader: string | undefined
  /** The server that the writer leads to: the primary, in which it lies. */
  readonly writer?: string | undefined
  /** The reader's id, which the file alone knows. */
  readonly server?: ResourceId | undefined
}

/** `[primary, reader]`, or one name where both lead to the primary [TF-PG: virtual endpoint, read]. */
function fromArm({ id = '', members = [] }: EndpointBody): Props {
  const writer = id === '' ? undefined : nameOf(parentOf(id as ResourceId) ?? '')
  return { reader: members.find(name => !sameText(name, writer)) ?? members[0], writer }
}

/** The reader's own name in DNS. Azure gives no id of it, and the suffix in the names of the pair. */
function hostOf(body: EndpointBody): string | undefined {
  const [, , ...suffix] = body.virtualEndpoints?.[0]?.split('.') ?? []
  const { reader } = fromArm(body)
  return reader === undefined || suffix.length === 0 ? undefined : [reader, ...suffix].join('.')
}

/**
 * A name that was freed a minute or two ago is still refused [GH hashicorp/terraform-provider-azurerm#26708]. No recording has the code: we take
 * for it each refusal that says of a virtual endpoint that its name is in use.
 */
const nameLeaving: Patience = {
  limitMs: 5 * 60_000,
  what: 'the name of a virtual endpoint that was deleted to be free again',
  leaving: ({ code, message }: ArmError) =>
    /AlreadyExists|NotAvailable|InUse|Conflict/i.test(code) && /virtual ?endpoint/i.test(code + message)
}

/** Where the two servers have changed their roles, the names have followed them: the pair is the same. */
const isAsWanted = (have: Props, want: Props): boolean =>
  sameText(have.reader, want.reader) || (sameText(have.writer, want.reader) && sameText(have.reader, want.writer))

/** The file's word for the reader is the address of a server: a name alone leads to none. */
const reader: Setting = { ...ref('reader'), writes: () => 'Azure says the name of the reader alone: write its server by hand' }

/**
 * A pair of names of a server and its replica, `NAME.writer` and `NAME.reader`, which follow their roles. It lies in the primary: after a
 * promotion in the one that took its place [GH hashicorp/terraform-provider-azurerm#27796].
 */
export const virtualEndpoint: Kind = defineKind({
  name: 'virtualEndpoint',
  title: 'virtual endpoint',
  duty: 'dba',
  seconds: { create: 61, update: 61, remove: 61 },
  oneWriteAtATime: false,
  drawn: 'between nodes',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints',
  inFile: {
    at: 'servers/*/virtualEndpoint',
    isNeverReferred: true,
    isOptional: true,
    names: {
      ...matching(
        /^(?=.{3,63}$)[a-z0-9][a-z0-9-]*[a-z0-9]$/,
        '3 to 63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen'
      ),
      isGlobal: true
    }
  },
  client: 'postgres',
  fallsWithParent: true,
  // One pair a server [learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-virtual-endpoints].
  isAlone: true,

  desired: ({ reader }: VirtualEndpoint, ctx: Context): Props => {
    const server = ctx.ref('flexibleServer', reader)
    return { reader: nameOf(server), writer: nameOf(parentOf(ctx.id) ?? ctx.id), server }
  },
  refs: ({ server }) => (server === undefined ? [] : [server]),
  unseen: ({ server }) => (server === undefined ? [] : [server]),
  needs: (_, fields) => (fields === undefined ? [{ need: 'name', ask: true }] : []),
  joins: ({ server }, own) => [{ from: parentOf(own), to: server, label: `virtual endpoint ${nameOf(own)}` }],
  fields: {
    reader: update({
      at: reader,
      equal: (_live, _desired, have: Props, want: Props) => isAsWanted(have, want)
    }),
    writer: update({ internal: true, equal: () => true }),
    server: update({ internal: true, equal: () => true })
  },

  // The only type there is [SDK-PG: VirtualEndpointType].
  toArm: ({ reader }): EndpointBody => given({ endpointType: 'ReadWrite', members: reader === undefined ? undefined : [reader] }),
  fromArm,
  facts: body => given({ host: hostOf(body) }),

  elsewhere: ({ server }, path, above) =>
    [server, above?.facts.source].flatMap(id => (id === undefined ? [] : [`${id}/virtualendpoints/${nameOf(path)}`])),

  read: (postgres, at) => postgres.virtualEndpoints.get(...at),
  list: (postgres, under) => postgres.virtualEndpoints.listByServer(...under),
  put: (postgres, at, body, call, io) => whenFree(io, nameLeaving, () => postgres.virtualEndpoints.beginCreateAndWait(...at, body, call)),
  patch: (postgres, at, { endpointType, members }, call) =>
    postgres.virtualEndpoints.beginUpdateAndWait(...at, given({ endpointType, members }), call),
  toPatch: ({ reader }) => given({ endpointType: 'ReadWrite', members: reader === undefined ? undefined : [reader] }),
  remove: (postgres, at, call) => postgres.virtualEndpoints.beginDeleteAndWait(...at, call),

  authored: {
    instead: ['reader'],
    entry: ({ reader, writer }, body, { refer, serverAt, id }) => {
      const server = sameText(reader, writer) ? parentOf(id) : serverAt(hostOf(body) ?? '')
      if (server === undefined) return { cannot: `its reader is ${reader ?? 'no server'}, which was not read` }
      return { says: { name: nameOf(id), reader: refer(server) } }
    }
  }
})
