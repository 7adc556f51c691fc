import { loginHop } from './login.ts'
import { findName, type NameWanted } from './name.ts'
import { reachHops } from './reach.ts'
import type { DialedHop, Ways } from './way.ts'

/** A path to be looked at from this machine. */
export interface DialWanted extends NameWanted {
  /** Whether PgBouncer is on at the server. */
  readonly bouncer: boolean
}

const postgresPort = 5432
const bouncerPort = 6432

/**
 * Meets a server as a client on this machine would: looks its name up, connects to the address of its endpoint whatever the name says, shakes
 * hands by TLS, and signs in where a login is given. Waits at most {@link patienceMs} for each.
 */
export async function dial(wanted: DialWanted, ways: Ways): Promise<readonly DialedHop[]> {
  const { hop: name, address } = await findName(wanted, ways)
  if (address === undefined) return [name]
  const { fqdn } = wanted
  const [direct, bouncer] = await Promise.all([
    reachHops({ fqdn, address, port: postgresPort, hops: { tcp: 'tcp', tls: 'tls' } }, ways),
    wanted.bouncer ? reachHops({ fqdn, address, port: bouncerPort, hops: { tcp: 'bouncerTcp', tls: 'bouncerTls' } }, ways) : []
  ])
  const isSafe = direct.every(({ as }) => as === 'holds')
  const login = ways.login === undefined ? [] : isSafe ? [await loginHop(fqdn, address, ways.login, ways)] : [notTried]
  return [name, ...direct, ...login, ...bouncer]
}

const notTried: DialedHop = {
  hop: 'login',
  as: 'unknown',
  message: 'no login was tried',
  why: 'a password is sent only to the server whose certificate was checked'
}
