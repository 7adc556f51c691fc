import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyOf, nameOf } from '../armPath.ts'
import type { Authority } from '../certificate.ts'
import { type Json, jsonIn, textAt } from '../json.ts'
import { fqdnOf } from '../providers/postgres/privateEndpointConnections.ts'
import { serverType } from '../providers/postgres/server.ts'
import type { Sandbox } from '../sandbox.ts'
import type { World } from '../type.ts'
import { type Front, makeFront } from './front.ts'
import { resolveName } from './names.ts'
import { postgresFolder, unprivileged } from './programs.ts'
import { type Responder, startResponder } from './responder.ts'
import { openServers, type Servers, type ServerWanted } from './servers.ts'
import { isReached, type Place, placesIn, type Way, waysIn } from './ways.ts'

export interface DataPlane {
  /** Takes an answered request into account: the password of a server, which ARM shows nobody, and what has changed. */
  answered(request: { readonly method: string; readonly path: string; readonly body: string; readonly status: number }): Promise<void>
  close(): Promise<void>
}

export interface DataPlaneOptions {
  readonly sandbox: Sandbox
  readonly authority: Authority
  /** The certificate of the authority, as the flags name it. */
  readonly caFile: string
  /** The folder for a file of flags for each network, named like it; made here, and taken away at the end. */
  readonly flagsFolder: string
  /** Told a line when an address or a network has come. */
  readonly say: (line: string) => void
}

/** None of Debian's PostgreSQL is here. */
export class NoPostgres extends Error {}

/** How often the estate is looked at for what time alone has changed. */
const lookEveryMs = 100

/** The resolver of a client outside all networks. */
const internet: Place = { network: '', name: 'internet', reaches: [] }

/**
 * A network around the estate, on loopback: a resolver for each network and for the internet, and behind the address of each endpoint, and of
 * each server in a network, a PostgreSQL, as long as its path is open.
 *
 * @throws NoPostgres; an Error where PostgreSQL cannot be set up
 */
export async function startDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const programs = postgresFolder()
  if (programs === undefined)
    throw new NoPostgres(
      'The data plane needs PostgreSQL in /usr/lib/postgresql, where Debian and Ubuntu have it: install the package postgresql.'
    )
  const plane = new RunningDataPlane(options, await openServers(programs, unprivileged(), options.authority))
  await plane.begin()
  return plane
}

class RunningDataPlane implements DataPlane {
  readonly #options: DataPlaneOptions
  readonly #servers: Servers
  /** In memory alone, as ARM was told them. */
  readonly #passwords = new Map<string, string>()
  readonly #resolvers = new Map<string, Responder>()
  readonly #fronts = new Map<string, Front>()
  readonly #written = new Map<string, string>()
  #turn: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: DataPlaneOptions, servers: Servers) {
    this.#options = options
    this.#servers = servers
  }

  async begin(): Promise<void> {
    // A sandbox that was killed has left files there that lead nowhere.
    rmSync(this.#options.flagsFolder, { recursive: true, force: true })
    mkdirSync(this.#options.flagsFolder, { recursive: true })
    await this.#refresh()
    this.#timer = setInterval(() => void this.#refresh(), lookEveryMs)
  }

  /** A function of its own, since it is handed on as such. */
  readonly answered: DataPlane['answered'] = async ({ method, path, body, status }) => {
    if (method === 'GET' || status >= 300) return
    const [, id] = /^(\/subscriptions\/[^?]*\/flexibleServers\/[^/?]+)\/?$/i.exec(path) ?? []
    const password = id === undefined ? undefined : passwordIn(body)
    if (id !== undefined && password !== undefined) this.#passwords.set(keyOf(decodeURIComponent(id)), password)
    await this.#refresh()
  }

  /** One after the other: each opens and closes what the one before may be about to. */
  #refresh(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look()).catch(error => this.#options.say(`The data plane is behind: ${String(error)}`))
    return this.#turn
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return
    const { sandbox } = this.#options
    const { ways, places, servers } = sandbox.look(world => ({
      ways: waysIn(world),
      places: [internet, ...placesIn(world)],
      servers: new Set(world.store.ofType(serverType).map(({ id }) => keyOf(id)))
    }))
    this.#servers.keepOnly(servers)
    for (const id of this.#passwords.keys()) if (!servers.has(id)) this.#passwords.delete(id)
    for (const place of places) await this.#resolverFor(place)
    for (const way of ways) await (await this.#frontFor(way)).set(way.open)
    for (const server of new Set(ways.filter(({ open }) => open).map(way => way.server)))
      this.#servers.warm(sandbox.look(world => this.#wanted(world, server)))
    await this.#forget(ways, places)
    for (const place of places) this.#writeFlags(place, ways)
  }

  async #resolverFor({ network, name }: Place): Promise<void> {
    if (this.#resolvers.has(keyOf(network))) return
    const { sandbox, say } = this.#options
    const responder = await startResponder(asked => sandbox.look(world => resolveName(world, network || undefined, asked)))
    this.#resolvers.set(keyOf(network), responder)
    say(`DNS as ${network === '' ? 'the internet sees it' : `the network ${name} sees it`}: --resolver 127.0.0.1:${responder.port}`)
  }

  async #frontFor(way: Way): Promise<Front> {
    const known = this.#fronts.get(keyOfWay(way))
    if (known) return known
    const front = await makeFront(async () => {
      const wanted = this.#options.sandbox.look(world =>
        waysIn(world).some(one => keyOfWay(one) === keyOfWay(way) && one.open) ? this.#wanted(world, way.server) : undefined
      )
      return wanted && this.#servers.portOf(wanted)
    })
    this.#fronts.set(keyOfWay(way), front)
    const of = way.id === way.server ? `the server ${nameOf(way.id)}` : `the endpoint ${nameOf(way.id)}`
    this.#options.say(`${way.address} in ${nameOf(way.network)} is ${of}: ${dial(way, front)}`)
    return front
  }

  #wanted(world: World, id: string): ServerWanted {
    const name = nameOf(id).toLowerCase()
    const login = textAt(world.store.get(id)?.body, 'properties', 'administratorLogin')
    const password = this.#passwords.get(keyOf(id))
    return {
      id: keyOf(id),
      names: [fqdnOf(id), `${name}.privatelink.postgres.database.azure.com`],
      login: login === undefined || password === undefined ? undefined : { name: login, password },
      databases: world.store.ofType(`${serverType}/databases`, id).map(one => nameOf(one.id))
    }
  }

  async #forget(ways: readonly Way[], places: readonly Place[]): Promise<void> {
    const [goesOn, stands] = [new Set(ways.map(keyOfWay)), new Set(places.map(({ network }) => keyOf(network)))]
    for (const [key, front] of this.#fronts) {
      if (goesOn.has(key)) continue
      this.#fronts.delete(key)
      await front.close()
    }
    for (const [key, responder] of this.#resolvers) {
      if (stands.has(key)) continue
      this.#resolvers.delete(key)
      await responder.close()
    }
    const names = new Set(places.map(({ name }) => name))
    for (const name of this.#written.keys()) {
      if (names.has(name)) continue
      this.#written.delete(name)
      rmSync(join(this.#options.flagsFolder, name), { force: true })
    }
  }

  /** From a network one dials the addresses in it and in those it is peered with; from the internet none. */
  #writeFlags(place: Place, ways: readonly Way[]): void {
    const { flagsFolder, caFile } = this.#options
    const dials = ways.filter(way => isReached(place, way)).map(way => dial(way, this.#fronts.get(keyOfWay(way))))
    const resolver = `--resolver 127.0.0.1:${this.#resolvers.get(keyOf(place.network))?.port}`
    const text = `${[resolver, `--ca ${caFile}`, ...dials].join('\n')}\n`
    if (this.#written.get(place.name) === text) return
    this.#written.set(place.name, text)
    writeFileSync(join(flagsFolder, place.name), text)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#isClosed = true
    await this.#turn
    rmSync(this.#options.flagsFolder, { recursive: true, force: true })
    await Promise.all([...this.#fronts.values(), ...this.#resolvers.values()].map(one => one.close()))
    await this.#servers.close()
  }
}

const keyOfWay = ({ id, address, port }: Way): string => `${keyOf(id)} ${address}:${port}`

const dial = ({ address, port }: Way, front: Front | undefined): string => `--dial ${address}:${port}=127.0.0.1:${front?.port}`

function passwordIn(body: string): string | undefined {
  try {
    return textAt(jsonIn(body) as Json, 'properties', 'administratorLoginPassword')
  } catch {
    return undefined
  }
}
