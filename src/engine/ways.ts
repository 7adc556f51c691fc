import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { HostPort, Ways } from '../dial/way.ts'
import { option } from '../model/option.ts'
import type { Settings } from './settings.ts'
import { Stop, UsageError } from './stop.ts'

/**
 * How a look from this machine gets to servers, with the login of PostgreSQL's own variables where both are set. `undefined` where none is
 * asked for.
 *
 * @throws UsageError naming a value that is none; Stop where a file cannot be read
 */
export function waysOf(settings: Settings): Ways | undefined {
  const { live, probe, resolver, ca, words, environment } = settings
  if (live && probe)
    throw new UsageError(`${option(settings, 'live')} looks from here, and ${option(settings, 'probe')} from elsewhere: give one.`)
  for (const [name, given] of [
    ['resolver', resolver],
    ['ca', ca],
    ['dial', settings.dial.length > 0 && !probe ? settings.dial : undefined]
  ] as const)
    if (given !== undefined && !live)
      throw new UsageError(`${option(settings, name)} is for a look from this machine: give ${option(settings, 'live')}.`)
  const dial = dialsOf(settings)
  if (!live) return probe ? { resolver: undefined, dial, ca: undefined, login: undefined, words } : undefined
  const { PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = environment
  return {
    resolver: resolver === undefined ? undefined : (hostPort(resolver) ?? refused(settings, 'resolver', resolver, 'HOST:PORT')),
    dial,
    ca: ca === undefined ? undefined : authoritiesIn(ca, settings),
    login: user && password ? { user, password, database: database || 'postgres' } : undefined,
    words
  }
}

function dialsOf(settings: Settings): Ways['dial'] {
  const dials = new Map<string, HostPort>()
  for (const given of settings.dial) {
    const [from = '', to = '', ...more] = given.split('=')
    const [address, place] = [hostPort(from), hostPort(to)]
    if (address === undefined || isIP(address.host) === 0 || place === undefined || more.length > 0)
      return refused(settings, 'dial', given, 'ADDRESS:PORT=HOST:PORT')
    const key = `${address.host}:${address.port}`
    if (dials.has(key)) throw new UsageError(`${option(settings, 'dial')} names ${key} twice.`)
    dials.set(key, place)
  }
  return dials
}

function refused(settings: Settings, name: 'resolver' | 'dial', given: string, wanted: string): never {
  throw new UsageError(`${option(settings, name)} takes ${wanted}, not ${JSON.stringify(given)}.`)
}

const portMax = 65_535

/** An IPv6 address stands in brackets. */
function hostPort(text: string): HostPort | undefined {
  const [, six, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? []
  const [host, port] = [six ?? name ?? '', Number(digits)]
  if (host === '' || !(port > 0 && port <= portMax) || (six !== undefined && isIP(six) !== 6)) return undefined
  return { host, port }
}

/** PEM of one certificate or more. */
function authoritiesIn(file: string, settings: Settings): string {
  let text: string
  try {
    text = readFileSync(resolve(settings.cwd, file), 'utf8')
  } catch (error) {
    throw new Stop('error', `The file that ${option(settings, 'ca')} names cannot be read`, [], error)
  }
  try {
    new X509Certificate(text)
  } catch {
    throw new UsageError(`${option(settings, 'ca')} takes a file of certificates (PEM), which ${file} is not.`)
  }
  return text
}
