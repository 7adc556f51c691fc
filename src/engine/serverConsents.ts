import { kindOf } from '../kinds/index.ts'
import { type Consents, eachConsent, serverConsents } from '../model/consents.ts'
import { option } from '../model/option.ts'
import { names } from '../model/planOptions.ts'
import type { Resource } from '../model/resource.ts'
import { didYouMean } from '../model/suggest.ts'
import type { Resolved } from '../topology/resolve.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './stop.ts'

/** The servers of the file that a consent can be about. */
const serversIn = ({ desired }: Resolved): Resource[] => [...desired.values()].filter(one => one.managed && kindOf(one).calls !== undefined)

const isMeant = (given: string, one: Resource): boolean => names([given], one) || one.address.split('/').at(-1) === given

/** The consents; those that name servers by the addresses of these. Given are addresses, ARM ids, or keys alone. One of another topology stays as it is given. */
export function consentsOf(settings: Settings, resolved: Resolved): Consents {
  const servers = serverConsents.some(name => settings[name].length > 0) ? serversIn(resolved) : []
  const addressOf = (one: string): string => servers.find(server => isMeant(one, server))?.address ?? one
  return eachConsent(name => (serverConsents.includes(name) ? settings[name].map(addressOf) : settings[name]))
}

/** A consent that names no server was meant for another: nothing is planned with it. @throws UsageError */
export function mustNameServers(settings: Settings, topologies: readonly Resolved[]): void {
  const given = serverConsents.filter(name => settings[name].length > 0)
  if (given.length === 0) return
  const servers = topologies.flatMap(serversIn)
  for (const name of given)
    for (const one of settings[name]) {
      if (servers.some(server => isMeant(one, server))) continue
      const known = servers.map(({ address }) => address)
      const hint = didYouMean(one, known) ?? (known.length === 0 ? 'it has no server of its own' : `it has ${known.join(', ')}`)
      throw new UsageError(`${option(settings, name, one)} names no server of the topology: ${hint}.`)
    }
}
