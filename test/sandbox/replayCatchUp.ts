import { at, type Exchange, errorOf, isList, membersOf, pathOf, textAt, versionOf } from './recording.ts'
import { isPoll, isRunning, isSettled, type Journey, pollHere, renamed, untilEnded } from './replay.ts'

/** Makes up for the time between two exchanges that was not recorded: time passed, or somebody else did something. */
export async function catchUp(journey: Journey, exchange: Exchange, index: number): Promise<void> {
  const { request, response } = exchange
  if (/^(PUT|PATCH|DELETE|POST)$/.test(request.method) && response.status < 400) await othersEnd(journey, index)
  if (request.method === 'GET' && !isPoll(exchange) && response.status === 200 && isSettled(response.body))
    await unwatchedEnd(journey, exchange, index)
  if (isGeoRestore(exchange) && response.status < 400) await journey.client.wait(3600)
  const { code, message } = errorOf(response.body)
  const path = renamed(journey, pathOf(request.url))
  const group = path.split('/').slice(0, 5).join('/')
  const { client } = journey
  switch (code) {
    case 'ResourceGroupNotFound':
      await client.done('DELETE', group)
      return
    case 'ResourceGroupBeingDeleted':
      await client.send('DELETE', group)
      return
    case 'CannotDeleteResource':
      return await nest(
        journey,
        `${path.split('/providers/')[0]}/providers/${/include: '([^']+)'/.exec(message)?.[1]}`,
        versionOf(request.url)
      )
    default:
      if (response.status === 404) return await gone(journey, exchange, path, message)
      if (request.method === 'GET' && isList(at(response.body, 'value'))) return await listed(journey, exchange, path)
      if (request.method === 'DELETE' && response.status < 300) return await afterNested(journey, path, index)
  }
}

/** A backup in another region takes its time. */
export const isGeoRestore = ({ request }: Exchange): boolean => /^georestore$/i.test(textAt(request.body, 'properties', 'createMode'))

/** A resource that was just written is read by a client that has waited, though its polls were not recorded. */
async function unwatchedEnd(journey: Journey, { request }: Exchange, index: number): Promise<void> {
  const last = journey.exchanges[index - 1]
  if (last?.response.status !== 202 || pathOf(last.request.url) !== pathOf(request.url)) return
  const polls = Object.values(last.response.headers).flatMap(value => (/^https:/.test(value) ? [pathOf(value)] : []))
  const watched = journey.exchanges.slice(index).some(one => polls.includes(pathOf(one.request.url)))
  if (!watched) await othersEnd(journey, index)
}

/** All operations but those that are still to be seen running. */
async function othersEnd(journey: Journey, index: number): Promise<void> {
  const running = journey.exchanges.slice(index).filter(one => isPoll(one) && isRunning(one.response))
  const seenLater = new Set(running.map(one => pollHere(journey, one)))
  for (const url of journey.open) if (!seenLater.has(url)) await untilEnded(journey, url)
}

async function gone({ client }: Journey, { request }: Exchange, path: string, message: string): Promise<void> {
  if (/^(PUT|POST)$/.test(request.method) || !path.includes('/providers/')) return
  const named = /Resource '([^']+)'/.exec(message)?.[1]
  const parent = /parent resource '([^']+)'/i.exec(message)?.[1]
  const id = parent ?? (named === undefined ? path : `${path.split('/').slice(0, 5).join('/')}/providers/${named}`)
  const there = await client.send('GET', id, undefined, versionOf(request.url))
  if (there.status === 200) await client.done('DELETE', id, undefined, versionOf(request.url))
}

/** A link of a zone to a network, which keeps the zone. */
async function nest({ client }: Journey, link: string, version: string): Promise<void> {
  if ((await client.send('GET', link, undefined, version)).status === 200) return
  const network = `${link.split('/').slice(0, 5).join('/')}/providers/Microsoft.Network/virtualNetworks/nested`
  await client.done('PUT', network, { location: 'eastus', properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } } })
  await client.done(
    'PUT',
    link,
    { location: 'global', properties: { virtualNetwork: { id: network }, registrationEnabled: false } },
    version
  )
}

/** A delete that was refused for what was nested, and then was not: somebody had taken that away. */
async function afterNested({ client, exchanges }: Journey, path: string, index: number): Promise<void> {
  const url = exchanges[index]?.request.url ?? ''
  const refused = exchanges.slice(0, index).findLast(one => pathOf(one.request.url) === pathOf(url) && one.response.status === 409)
  const nested = /include: '([^']+)'/.exec(errorOf(refused?.response.body).message)?.[1]
  if (nested !== undefined) await client.done('DELETE', `${path.split('/providers/')[0]}/providers/${nested}`, undefined, versionOf(url))
}

/** Made by Azure itself when something else is written. */
const byAzure = /\/(privateEndpointConnections|networkInterfaces|configurations|privateLinkResources|capabilities)$/i

/** Another user deleted a resource that is missing in its list, and made one that is in the list alone. */
async function listed({ client }: Journey, { request, response }: Exchange, path: string): Promise<void> {
  if (path.split('/').length < 10 || byAzure.test(path)) return
  const here = membersOf((await client.send('GET', path, undefined, versionOf(request.url))).body)
  const idOf = (one: Parameters<typeof textAt>[0]): string => textAt(one, 'id')
  const ids = (all: readonly Parameters<typeof textAt>[0][]): Set<string> => new Set(all.map(one => idOf(one).toLowerCase()))
  const there = membersOf(response.body)
  for (const one of here)
    if (!ids(there).has(idOf(one).toLowerCase())) await client.done('DELETE', idOf(one), undefined, versionOf(request.url))
  for (const one of there) {
    const { id: _id, name: _name, type: _type, systemData: _systemData, etag: _etag, ...body } = one
    if (!ids(here).has(idOf(one).toLowerCase())) await client.control('POST', 'seed', { [idOf(one)]: body })
  }
}
