import { kindOf } from '../kinds/index.ts'
import { option } from '../model/option.ts'
import { names } from '../model/planOptions.ts'
import type { Resource } from '../model/resource.ts'
import { didYouMean } from '../model/suggest.ts'
import type { Resolved } from '../topology/resolve.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './stop.ts'

/** The servers of the file that a consent to a migration can be about. */
const serversIn = ({ desired }: Resolved): Resource[] => [...desired.values()].filter(one => one.managed && kindOf(one).calls !== undefined)

const isMeant = (given: string, one: Resource): boolean => names([given], one) || one.address.split('/').at(-1) === given

/** The addresses of the servers that a consent names: by address, ARM id, or their key alone. One of another topology stays as it is given. */
export const serversNamed = (given: readonly string[], resolved: Resolved): readonly string[] =>
  given.map(one => serversIn(resolved).find(server => isMeant(one, server))?.address ?? one)

/** A consent that names no server was meant for another: nothing is planned with it. @throws UsageError */
export function mustNameServers(settings: Settings, topologies: readonly Resolved[]): void {
  const servers = topologies.flatMap(serversIn)
  for (const name of ['allowMigrate', 'allowMigrateUnproven'] as const)
    for (const given of settings[name]) {
      if (servers.some(one => isMeant(given, one))) continue
      const known = servers.map(({ address }) => address)
      const hint = didYouMean(given, known) ?? (known.length === 0 ? 'it has no server of its own' : `it has ${known.join(', ')}`)
      throw new UsageError(`${option(settings, name, given)} names no server of the topology: ${hint}.`)
    }
}
