import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { option } from '../model/option.ts'
import { codeOf, type DialedHop, type HostPort, patienceMs, since, type Ways } from './way.ts'

/** Where a server is to be met. */
export interface Door {
  readonly fqdn: string
  readonly address: string
  readonly port: number
  readonly hops: { readonly tcp: DialedHop['hop']; readonly tls: DialedHop['hop'] }
}

type Judged = Omit<DialedHop, 'hop'>

/** The place that is connected to for an address, and whether it was given in its stead. */
export function placeOf(
  { address, port }: Pick<Door, 'address' | 'port'>,
  { dial }: Ways
): { readonly at: HostPort; readonly through?: string } {
  const given = dial.get(`${address}:${port}`)
  return given === undefined ? { at: { host: address, port } } : { at: given, through: `${given.host}:${given.port}` }
}

/** A connection, and PostgreSQL's handshake of TLS on it with the server's name checked. It signs in nowhere. */
export async function reachHops(door: Door, ways: Ways): Promise<readonly DialedHop[]> {
  const { at, through } = placeOf(door, ways)
  const dialed = through === undefined ? {} : { through }
  const [start, socket] = [performance.now(), await connected(at)]
  const where = `${door.address}:${door.port}`
  const how = through === undefined ? '' : `, through ${option(ways, 'dial')} ${through}`
  if (typeof socket === 'string') {
    const tls: Judged = { as: 'unknown', message: 'TLS was not tried', why: 'there is no connection' }
    return [
      { hop: door.hops.tcp, ...withoutConnection(`${where} takes no connection${how}`, socket), ...dialed, ms: since(start) },
      { hop: door.hops.tls, ...tls }
    ]
  }
  const tcp: DialedHop = { hop: door.hops.tcp, as: 'holds', message: `${where} takes connections${how}`, ...dialed, ms: since(start) }
  const greeted = performance.now()
  try {
    const tls = await shaken(socket, door, ways.ca)
    return [tcp, { hop: door.hops.tls, ...tls, ...dialed, ms: since(greeted) }]
  } catch (error) {
    return [tcp, { hop: door.hops.tls, ...withoutTls(door, codeOf(error), ways), ...dialed, ms: since(greeted) }]
  } finally {
    socket.destroy()
  }
}

/** The connection; the code of what is in its way. */
const connected = ({ host, port }: HostPort): Promise<Socket | string> =>
  new Promise(resolve => {
    const socket = connectTcp({ host, port })
    const end = (code: string): void => {
      socket.destroy()
      resolve(code)
    }
    socket.setTimeout(patienceMs, () => end('ETIMEDOUT'))
    socket.once('error', error => end(codeOf(error)))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeAllListeners('error')
      // Whoever waits on it hears of it then.
      socket.on('error', () => {})
      resolve(socket)
    })
  })

/** These say that the way is closed; all others say that this machine could not try. */
const closed = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EPIPE'])

function withoutConnection(message: string, code: string): Judged {
  const said = `${message} (${code})`
  if (!closed.has(code)) return { as: 'unknown', message: said, why: 'this machine could not try it' }
  return {
    as: 'broken',
    message: said,
    fix:
      code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
        ? 'Run this on a machine in the network of the endpoint, or in one peered with it. There, mend what is ✗ above, and look for a security group, a route or a firewall that drops it.'
        : 'Mend what is ✗ or ? above: only an approved connection to a server that is ready lets a client through.'
  }
}

/** The request for TLS that PostgreSQL's protocol begins with: its length, and the number 80877103 [PostgreSQL, "SSLRequest"]. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** @throws an Error with the code of what is wrong */
async function shaken(socket: Socket, { fqdn }: Door, ca: string | undefined): Promise<Judged> {
  const answer = await firstByte(socket)
  if (answer !== 'S') throw Object.assign(new Error(), { code: answer === 'N' ? 'ENOTLS' : 'ENOTPOSTGRES' })
  const secure = connectTls({ socket, servername: fqdn, ...(ca !== undefined && { ca }) })
  await new Promise<void>((resolve, reject) => {
    secure.setTimeout(patienceMs, () => reject(timedOut()))
    secure.once('secureConnect', resolve)
    secure.once('error', reject)
    secure.once('close', () => reject(Object.assign(new Error(), { code: 'ECONNRESET' })))
  })
  const protocol = (secure as TLSSocket).getProtocol()
  secure.destroy()
  return { as: 'holds', message: `PostgreSQL answers with ${protocol ?? 'TLS'}, under a certificate for ${fqdn}` }
}

const timedOut = (): Error => Object.assign(new Error(), { code: 'ETIMEDOUT' })

const firstByte = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.setTimeout(patienceMs, () => reject(timedOut()))
    socket.once('error', reject)
    socket.once('close', () => reject(Object.assign(new Error(), { code: 'ECONNRESET' })))
    socket.once('readable', () => {
      const byte: unknown = socket.read(1)
      socket.setTimeout(0)
      if (Buffer.isBuffer(byte)) resolve(byte.toString('latin1'))
      else reject(Object.assign(new Error(), { code: 'ECONNRESET' }))
    })
    socket.write(sslRequest)
  })

function withoutTls({ fqdn }: Door, code: string, ways: Ways): Judged {
  const say = (message: string, fix: string): Judged => ({ as: 'broken', message: `${message} (${code})`, fix })
  const ca = option(ways, 'ca')
  switch (code) {
    case 'ENOTLS':
      return {
        as: 'broken',
        message: 'the server refuses TLS',
        fix: 'Set the parameter require_secure_transport to on, and look for a proxy in between.'
      }
    case 'ENOTPOSTGRES':
      return {
        as: 'broken',
        message: 'no PostgreSQL answers there',
        fix: 'Another service listens at that address: look at where the connection leads.'
      }
    case 'ECONNRESET':
    case 'ETIMEDOUT':
    case 'EPIPE':
      return say(
        `the connection ${code === 'ETIMEDOUT' ? 'stays silent' : 'is cut'} before PostgreSQL answers`,
        'Mend what is ✗ or ? above: only an approved connection to a server that is ready lets a client through.'
      )
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say(
        `the certificate is not for ${fqdn}`,
        'Another server answers at that address: look at where the name and the connection lead.'
      )
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return say(
        `the certificate for ${fqdn} is not valid today`,
        "Set this machine's clock, or look for a proxy that answers in the server's place."
      )
    default:
      return say(
        `the certificate for ${fqdn} is not trusted`,
        ways.ca === undefined
          ? `Azure's certificates are of public authorities: look for a proxy that opens TLS, and give its authority by ${ca} where that is meant to be.`
          : `The authority that ${ca} names has not issued it: give the one that has.`
      )
  }
}
