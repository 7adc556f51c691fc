import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Io, Kind } from '../../src/kinds/kind.ts'
import type { Body } from '../../src/model/json.ts'
import type { Topology } from '../../src/model/topology.generated.ts'

/* A kind that this file alone defines. Nothing in src/ has heard of it: what a new kind needs there is its file and its registry line. */

interface Entry {
  readonly idleMinutes: number
}

interface Props {
  readonly location: string
  readonly idleMinutes: number | undefined
}

interface Gateway {
  readonly id?: string
  readonly location: string
  readonly tags?: Readonly<Record<string, string>>
  readonly properties: { readonly idleTimeoutInMinutes?: number | undefined }
}

const send = ({ send, path }: Pick<Io, 'send' | 'path'>, method: 'GET' | 'PUT' | 'DELETE', body?: object): Promise<unknown> =>
  send({ method, path, apiVersion: '2024-05-01', ...(body && { body: body as Body }) })

async function* listed(io: Io): AsyncGenerator<Gateway> {
  yield* (
    (await send({ ...io, path: `${io.path}/providers/Microsoft.Network/natGateways` }, 'GET')) as { readonly value: readonly Gateway[] }
  ).value
}

async function throwaway(): Promise<Kind> {
  const { defineKind } = await import('../../src/kinds/define.ts')
  const { networkName } = await import('../../src/kinds/names.ts')
  const { replace, sameText, update } = await import('../../src/kinds/rule.ts')
  return defineKind({
    name: 'natGateway',
    title: 'NAT gateway',
    duty: 'network',
    seconds: { create: 5, update: 5, remove: 5 },
    type: 'Microsoft.Network/natGateways',
    inFile: { at: 'natGateways/*', names: networkName, inRegion: true },
    client: 'resources',
    oneWriteAtATime: false,
    drawn: { shape: 'hexagon', icon: 'M2 2h12v12H2z' },
    taggable: true,

    desired: ({ idleMinutes }: Entry, ctx): Props => ({ location: ctx.location, idleMinutes }),
    refs: () => [],
    fields: { location: replace({ at: 'location', equal: sameText }), idleMinutes: update({ at: 'idleMinutes' }) },
    toArm: ({ location, idleMinutes }): Gateway => ({ location, properties: { idleTimeoutInMinutes: idleMinutes } }),
    fromArm: ({ location, properties }) => ({ location, idleMinutes: properties.idleTimeoutInMinutes }),

    read: async (_, __, io) => (await send(io, 'GET')) as Gateway,
    list: (_, __, io) => listed(io),
    put: (_, __, body, ___, io) => send(io, 'PUT', body),
    remove: (_, __, ___, io) => send(io, 'DELETE')
  })
}

const registry = '../../src/kinds/index.ts'

/** Everything that knows kinds, as it is with one more line in the registry. */
async function withThrowaway() {
  vi.resetModules()
  vi.doMock(registry, async original => {
    const kinds = [...((await original()) as { readonly kinds: readonly Kind[] }).kinds, await throwaway()]
    const kindNamed = new Map(kinds.map(kind => [kind.name, kind]))
    const kindOfType = new Map(kinds.map(kind => [kind.type.toLowerCase(), kind]))
    return { kinds, kindNamed, kindOfType, kindOf: ({ kind }: { readonly kind: string }) => kindNamed.get(kind) }
  })
  return {
    ...(await import('../support/estate.ts')),
    ...(await import('../support/print.ts')),
    ...(await import('../../src/drift/compare.ts')),
    ...(await import('../../src/document/graph.ts')),
    ...(await import('../../src/report/dot.ts')),
    ...(await import('../../src/topology/settings.ts'))
  }
}

let pglink: Awaited<ReturnType<typeof withThrowaway>>
beforeAll(async () => {
  pglink = await withThrowaway()
})

// The other files of this worker share its modules.
afterAll(() => {
  vi.doUnmock(registry)
  vi.resetModules()
})

const subscription = '11111111-1111-4111-8111-111111111111'

const file = (idleMinutes: number) =>
  ({
    version: 1,
    name: 'throwaway',
    subscription,
    resourceGroup: 'net',
    location: 'westeurope',
    natGateways: { out: { idleMinutes } }
  }) as unknown as Topology

/** The sandbox, and beside it the one type that it does not know. */
function azure() {
  const gateways = new Map<string, Gateway>()
  const on = pglink.estate({}, {}, async (request, sandbox) => {
    const path = decodeURI(new URL(request.url).pathname)
    if (!/\/natGateways(\/[^/]+)?$/i.test(path)) return sandbox.handle(request)
    if (/\/natGateways$/i.test(path)) return Response.json({ value: [...gateways.values()] })
    if (request.method === 'PUT') gateways.set(path, { ...((await request.json()) as Gateway), id: path })
    if (request.method === 'DELETE') return new Response(null, { status: gateways.delete(path) ? 200 : 204 })
    const found = gateways.get(path)
    return found ? Response.json(found) : Response.json({ error: { code: 'ResourceNotFound', message: path } }, { status: 404 })
  })
  return { on, gateways }
}

const path = `/subscriptions/${subscription}/resourceGroups/net/providers/Microsoft.Network/natGateways/out`

test('a kind is walked, planned and applied by its own file and its line in the registry', async () => {
  const { plan, reconcile, resolved, failures, printPlan } = pglink
  const { on, gateways } = azure()
  expect([...resolved(file(4)).desired.values()].map(({ kind, address, path }) => ({ kind, address, path }))).toContainEqual({
    kind: 'natGateway',
    address: 'natGateways/out',
    path
  })
  const planned = await plan(on, file(4))
  expect(printPlan(planned.plan, planned.wanted.desired, planned.live)).toContain('natGateways/out')
  expect(failures(await reconcile(on, file(4)))).toEqual([])
  expect(gateways.get(path)?.properties).toEqual({ idleTimeoutInMinutes: 4 })
  expect((await plan(on, file(4))).plan.steps).toEqual([])
  expect(failures(await reconcile(on, file(9)))).toEqual([])
  expect(gateways.get(path)?.properties).toEqual({ idleTimeoutInMinutes: 9 })
})

test('it is drawn as its file says', () => {
  const graph = pglink.graphOf(pglink.resolved(file(4)).desired)
  expect(graph.nodes.map(({ kind, name }) => [kind, name])).toEqual([['natGateway', 'out']])
  expect(pglink.dotOf(graph)).toContain('shape=hexagon')
})

test('a difference of it is drift, at the setting of the file that it comes from', async () => {
  const { plan, reconcile, driftOf, addressOfField, settingOf } = pglink
  const { on, gateways } = azure()
  await reconcile(on, file(4))
  gateways.set(path, { ...(gateways.get(path) as Gateway), properties: { idleTimeoutInMinutes: 30 } })
  const { live, plan: there, wanted } = await plan(on, file(4))
  const drift = driftOf({ desired: wanted.desired, baseline: undefined, live, endpoints: [], plan: there })
  expect(drift.map(one => [addressOfField(one), one.live])).toEqual([['natGateways/out/idleMinutes', 30]])
  expect(settingOf('natGateway', 'idleMinutes')?.writes(30, id => id)).toEqual([{ path: ['idleMinutes'], value: 30 }])
})

test('it is deleted where the file asks for that', async () => {
  const { reconcile, failures } = pglink
  const { on, gateways } = azure()
  await reconcile(on, file(4))
  const { natGateways: _, ...rest } = file(4) as Topology & { readonly natGateways: object }
  expect(failures(await reconcile(on, { ...rest, removed: ['natGateways/out'] }))).toEqual([])
  expect([...gateways.keys()]).toEqual([])
})
