import pg from 'pg'
import { keepHidden } from '../model/redact.ts'
import { placeOf } from './reach.ts'
import { codeOf, type DialedHop, patienceMs, since, type Ways } from './way.ts'

/** Signs in with the login that the environment gives, and leaves again: no statement is sent. */
export async function loginHop(fqdn: string, address: string, login: NonNullable<Ways['login']>, ways: Ways): Promise<DialedHop> {
  const { user, password, database } = login
  keepHidden(password)
  const { at, through } = placeOf({ address, port: 5432 }, ways)
  const client = new pg.Client({
    ...at,
    user,
    password,
    database,
    connectionTimeoutMillis: patienceMs,
    ssl: { servername: fqdn, ...(ways.ca !== undefined && { ca: ways.ca }) }
  })
  // An error after the login is of no interest any more.
  client.on('error', () => {})
  const start = performance.now()
  const dialed = through === undefined ? {} : { through }
  try {
    await client.connect()
    return { hop: 'login', as: 'holds', message: `${user} signs in to the database ${database}`, ...dialed, ms: since(start) }
  } catch (error) {
    const message = `${user} cannot sign in to the database ${database}: ${error instanceof Error ? error.message : String(error)}`
    return { hop: 'login', as: 'broken', message, fix: fixOf(codeOf(error)), ...dialed, ms: since(start) }
  } finally {
    await client.end().catch(() => {})
  }
}

/** By the class of PostgreSQL's error [PostgreSQL, appendix A]. */
function fixOf(code: string): string {
  if (code === '3D000') return 'Name a database that is there in PGDATABASE, or declare it.'
  if (code.startsWith('28')) return 'Set PGUSER and PGPASSWORD to a login of this server, and look whether it takes passwords.'
  return 'The network is in order up to here: look at the log of the server.'
}
