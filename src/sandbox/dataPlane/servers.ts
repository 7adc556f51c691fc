import { chownSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import type { Authority } from '../certificate.ts'
import { guardedFolder } from './guard.ts'
import { type Owner, ran, started } from './programs.ts'

/** A server as ARM knows it by now. */
export interface ServerWanted {
  readonly id: string
  /** The names that its certificate is for. */
  readonly names: readonly string[]
  /** The administrator, where ARM was told the password since the sandbox was started. */
  readonly login: { readonly name: string; readonly password: string } | undefined
  readonly databases: readonly string[]
}

/** One PostgreSQL for each server: the first few are started ahead, every other when the first client is let through to it. */
export interface Servers {
  /** Starts that of a server ahead of its first client, where few run yet: a start may take as long as a client waits. */
  warm(server: ServerWanted): void
  /** The port on loopback on which this server listens, with the login and the databases that it is to have. */
  portOf(server: ServerWanted): Promise<number>
  /** Ends those whose servers are gone. */
  keepOnly(ids: ReadonlySet<string>): void
  close(): Promise<void>
}

interface Running {
  readonly port: number
  readonly process: ReturnType<typeof started>
  readonly socketFolder: string
  /** The login and the databases that it was last made to have. */
  readonly settled: string
}

const superuser = 'pglink'

/** Only over TLS, as a server that requires secure transport has it; over the socket only this program and its user come. */
const hostBasedAccess = `local all all trust
hostssl all all 127.0.0.1/32 scram-sha-256
`

/** So many are started ahead: each takes some 20 MB. */
const aheadMax = 4

const startsWithinMs = 20_000

/** @throws an Error with the words of `initdb` where it cannot make a cluster */
export async function openServers(programs: string, owner: Owner | undefined, authority: Authority): Promise<Servers> {
  const folder = guardedFolder(owner)
  const template = join(folder.path, 'template')
  try {
    // A small log: the data lives for minutes.
    const args = ['--pgdata', template, '--username', superuser, '--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync']
    await ran(join(programs, 'initdb'), [...args, '--wal-segsize', '1'], folder.path, owner)
  } catch (error) {
    await folder.close()
    throw error
  }
  const running = new Map<string, Promise<Running>>()
  let count = 0
  const made = async ({ names }: ServerWanted): Promise<Running> => {
    count += 1
    const data = join(folder.path, `${count}`)
    await ran('cp', ['-a', template, data], folder.path, owner)
    const { key, chain } = await authority.issue({ subject: names[0] ?? '', dns: names })
    for (const [name, text] of [
      ['server.key', key],
      ['server.crt', chain],
      ['pg_hba.conf', hostBasedAccess]
    ] as const) {
      writeFileSync(join(data, name), text, { mode: 0o600 })
      if (owner) chownSync(join(data, name), owner.uid, owner.gid)
    }
    return launched(join(programs, 'postgres'), data, owner)
  }
  const servers: Servers = {
    warm(server) {
      if (running.has(server.id) || running.size >= aheadMax) return
      // A client that comes tries again, and hears of it then.
      servers.portOf(server).catch(() => {})
    },
    portOf(server) {
      const before = running.get(server.id)
      const alive = before === undefined ? made(server) : before.then(one => (runs(one) ? one : made(server))).catch(() => made(server))
      // One client after the other: each may be the first to bring a login or a database.
      const next = alive.then(one => settled(one, server))
      running.set(server.id, next)
      return next.then(({ port }) => port)
    },
    keepOnly(ids) {
      for (const [id, one] of running) {
        if (ids.has(id)) continue
        running.delete(id)
        one.then(({ process }) => process.kill('SIGQUIT')).catch(() => {})
      }
    },
    close: () => folder.close()
  }
  return servers
}

async function launched(postgres: string, data: string, owner: Owner | undefined): Promise<Running> {
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port: `${port}`,
    unix_socket_directories: data,
    ssl: 'on',
    fsync: 'off',
    max_connections: '20',
    shared_buffers: '16MB'
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = started(postgres, ['-D', data, ...args], owner)
  const one: Running = { port, process: child, socketFolder: data, settled: '' }
  const until = Date.now() + startsWithinMs
  for (;;) {
    try {
      await asSuperuser(one, async () => {})
      return one
    } catch (error) {
      if (Date.now() > until || child.exitCode !== null) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

async function asSuperuser(one: Running, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host: one.socketFolder, port: one.port, user: superuser, database: 'postgres', ssl: false })
  // A connection that breaks while it is idle is told by the next query.
  client.on('error', () => {})
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const runs = ({ process }: Running): boolean => process.exitCode === null && process.signalCode === null

/** One that cannot be brought there is ended, and the next client gets a new one. */
async function settled(one: Running, server: ServerWanted): Promise<Running> {
  try {
    return { ...one, settled: await settle(one, server) }
  } catch (error) {
    one.process.kill('SIGQUIT')
    throw error
  }
}

/** Gives it the login and the databases that ARM shows by now. @returns what it has */
async function settle(one: Running, { login, databases }: ServerWanted): Promise<string> {
  const wanted = JSON.stringify([login, databases])
  if (one.settled === wanted) return wanted
  await asSuperuser(one, async client => {
    if (login) {
      const role = pg.escapeIdentifier(login.name)
      const known = await client.query('select from pg_roles where rolname = $1', [login.name])
      const verb = known.rowCount === 0 ? 'create' : 'alter'
      await client.query(`${verb} role ${role} login createdb createrole password ${pg.escapeLiteral(login.password)}`)
    }
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database where not datistemplate')
    const there = rows.map(({ datname }) => datname)
    for (const name of databases.filter(name => !there.includes(name))) await client.query(`create database ${pg.escapeIdentifier(name)}`)
    for (const name of there.filter(name => name !== 'postgres' && !databases.includes(name)))
      await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
  })
  return wanted
}
