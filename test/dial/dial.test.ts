import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { type DialWanted, dial } from '../../src/dial/dial.ts'
import type { Ways } from '../../src/dial/way.ts'
import { makeAuthority } from '../../src/sandbox/certificate.ts'
import type { NameAnswer } from '../../src/sandbox/dataPlane/names.ts'
import { startResponder } from '../../src/sandbox/dataPlane/responder.ts'

const fqdn = 'gold.postgres.database.azure.com'
const wanted: DialWanted = { fqdn, endpoint: 'servers/gold/privateEndpoints/pe', addresses: ['10.0.1.4'], others: [], bouncer: false }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A listener on loopback, for every connection of which `serve` is called. */
async function listener(serve: (socket: Socket) => void): Promise<{ readonly host: string; readonly port: number }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** As PostgreSQL begins: one byte says whether TLS follows. */
async function postgres(...names: readonly string[]) {
  const authority = await makeAuthority()
  const { key, chain } = await authority.issue({ subject: names[0] ?? '', dns: names })
  const context = createSecureContext({ key, cert: chain })
  const asked: string[] = []
  const at = await listener(socket =>
    socket.once('data', first => {
      asked.push(first.toString('hex'))
      socket.write('S')
      new TLSSocket(socket, { isServer: true, secureContext: context }).on('error', () => {})
    })
  )
  return { at, asked, ca: authority.certificate }
}

async function ways(more: Partial<Ways> = {}, answer: NameAnswer = resolving('10.0.1.4')): Promise<Ways> {
  const { port, close } = await startResponder(() => answer)
  closing.push(close)
  return { resolver: { host: '127.0.0.1', port }, dial: new Map(), ca: undefined, login: undefined, words: undefined, ...more }
}

const resolving = (data: string): NameAnswer => ({ code: 'NOERROR', records: [{ name: fqdn, type: 'A', data, ttl: 1 }] })
const to = (at: { readonly host: string; readonly port: number }, port = 5432): Ways['dial'] => new Map([[`10.0.1.4:${port}`, at]])
const states = (hops: Awaited<ReturnType<typeof dial>>): string[] => hops.map(({ hop, as }) => `${hop} ${as}`)
const messageOf = (hops: Awaited<ReturnType<typeof dial>>, hop: string): string | undefined => hops.find(one => one.hop === hop)?.message

test('a path is whole from the name to the certificate, each with its time, and what was connected to in its stead', async () => {
  const { at, asked, ca } = await postgres(fqdn)
  const hops = await dial(wanted, await ways({ dial: to(at), ca }))
  expect(states(hops)).toEqual(['dns holds', 'tcp holds', 'tls holds'])
  expect(hops.every(({ ms = -1 }) => ms >= 0 && ms < 5_000)).toBe(true)
  expect(hops.map(({ through }) => through)).toEqual([undefined, `127.0.0.1:${at.port}`, `127.0.0.1:${at.port}`])
  expect(messageOf(hops, 'tcp')).toContain('10.0.1.4:5432 takes connections, through dial')
  // 8 bytes, 1234 and 5679 [PostgreSQL's documentation, message formats, SSLRequest].
  expect(asked).toEqual(['0000000804d2162f'])
})

test('PgBouncer is met on a port of its own, where it is on', async () => {
  const { at, ca } = await postgres(fqdn)
  const both = new Map([...to(at), ...to(at, 6432)])
  const hops = await dial({ ...wanted, bouncer: true }, await ways({ dial: both, ca }))
  expect(states(hops)).toEqual(['dns holds', 'tcp holds', 'tls holds', 'bouncerTcp holds', 'bouncerTls holds'])
})

describe('the name', () => {
  const named = async (answer: NameAnswer, more: Partial<DialWanted> = {}) => {
    const { at, ca } = await postgres(fqdn)
    return dial({ ...wanted, ...more }, await ways({ dial: to(at), ca }, answer))
  }

  test('is broken where it leads nowhere, to the internet, or to another address; the address is tried all the same', async () => {
    for (const [answer, says] of [
      [{ code: 'NXDOMAIN', records: [] }, `${fqdn} leads nowhere`],
      [resolving('203.0.113.7'), 'the public address 203.0.113.7'],
      [resolving('10.0.1.9'), 'leads to 10.0.1.9, as']
    ] as const) {
      const hops = await named(answer)
      expect(states(hops)).toEqual(['dns broken', 'tcp holds', 'tls holds'])
      expect(hops[0]?.message).toContain(says)
      expect(hops[0]?.fix).toBeDefined()
    }
  })

  test('is not seen where the resolver refuses, or does not listen', async () => {
    expect((await named({ code: 'REFUSED', records: [] }))[0]).toMatchObject({ as: 'unknown', why: expect.stringContaining('EREFUSED') })
    const { port, close } = await startResponder(() => resolving('10.0.1.4'))
    await close()
    const hops = await dial(wanted, await ways({ resolver: { host: '127.0.0.1', port }, dial: to({ host: '127.0.0.1', port }) }))
    expect(states(hops)).toEqual(['dns unknown', 'tcp broken', 'tls unknown'])
  })

  test('leads a client in another network over another endpoint, which says nothing of this one', async () => {
    const others = [{ endpoint: 'servers/gold/privateEndpoints/other', addresses: ['10.7.0.4'] }]
    const hops = await named(resolving('10.7.0.4'), { others })
    expect(hops).toMatchObject([{ hop: 'dns', as: 'unknown', message: expect.stringContaining('privateEndpoints/other') }])
  })

  test('of a server in a network has to be private, and says where to connect', async () => {
    const inside = { addresses: undefined }
    expect(states(await named(resolving('10.0.1.4'), inside))).toEqual(['dns holds', 'tcp holds', 'tls holds'])
    expect(states(await named(resolving('203.0.113.7'), inside))).toEqual(['dns broken'])
  })
})

describe('the handshake', () => {
  const shaken = async (at: { readonly host: string; readonly port: number }, ca?: string) =>
    (await dial(wanted, await ways({ dial: to(at), ca }))).find(({ hop }) => hop === 'tls')

  test('is broken by another authority, another name, a server without TLS, and one that is no PostgreSQL', async () => {
    const [good, other] = [await postgres(fqdn), await postgres('silver.postgres.database.azure.com')]
    expect(await shaken(good.at)).toMatchObject({ as: 'broken', message: expect.stringContaining('is not trusted') })
    expect(await shaken(good.at, other.ca)).toMatchObject({ as: 'broken', message: expect.stringContaining('is not trusted') })
    expect(await shaken(other.at, other.ca)).toMatchObject({ as: 'broken', message: expect.stringContaining(`is not for ${fqdn}`) })
    const answering = (text: string) => listener(socket => socket.once('data', () => socket.end(text)))
    expect(await shaken(await answering('N'))).toMatchObject({ as: 'broken', message: 'the server refuses TLS' })
    expect(await shaken(await answering('HTTP/1.1 400'))).toMatchObject({ as: 'broken', message: 'no PostgreSQL answers there' })
    expect(await shaken(await answering(''))).toMatchObject({ as: 'broken', message: expect.stringContaining('is cut') })
  })

  test('comes before a login: no password goes to a server whose certificate is not trusted', async () => {
    const { at } = await postgres(fqdn)
    const login = { user: 'dba', password: 'Never-Sent-1', database: 'postgres' }
    const hops = await dial(wanted, await ways({ dial: to(at), login }))
    expect(states(hops)).toEqual(['dns holds', 'tcp holds', 'tls broken', 'login unknown'])
    expect(JSON.stringify(hops)).not.toContain('Never-Sent-1')
  })
})
