import type { Worded } from '../model/option.ts'

/** A host, or its address, and a port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** How a client on this machine gets to a server: as every client here does, but for what is given. */
export interface Ways extends Worded {
  /** The DNS server that is asked, in place of the machine's own ways to find a name. */
  readonly resolver: HostPort | undefined
  /** Places to connect to in the stead of an address, by `ADDRESS:PORT`. */
  readonly dial: ReadonlyMap<string, HostPort>
  /** PEM: the authorities that are trusted in place of those that Node knows. */
  readonly ca: string | undefined
  /** Only this login is ever tried. */
  readonly login: { readonly user: string; readonly password: string; readonly database: string } | undefined
}

/** One thing that was tried from this machine. */
export interface DialedHop {
  readonly hop: 'dns' | 'tcp' | 'tls' | 'login' | 'bouncerTcp' | 'bouncerTls'
  /** `unknown`: it could not be tried here. */
  readonly as: 'holds' | 'broken' | 'unknown'
  /** A sentence of its own: the fact, or the fault. */
  readonly message: string
  readonly fix?: string
  readonly why?: string
  /** How long it took, in milliseconds to a tenth; of what was not tried, nothing. */
  readonly ms?: number
  /** The place that was connected to in the stead of the address. */
  readonly through?: string
}

/** A client waits no longer than this for each of: the name, the connection, the handshake, the login. */
export const patienceMs = 5_000

/** Milliseconds to a tenth since `start`, which `performance.now()` gave. */
export const since = (start: number): number => Math.round((performance.now() - start) * 10) / 10

/** The code of an error of Node's, or its message. */
export const codeOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
