import { type Arm, arm, type Json, type Reply, setBack } from './arm.ts'
import { Comparison, compare, formOf } from './comparing.ts'
import { type Exchange, errorOf, isList, isObject, lineage, pathOf, restored, textAt, versionOf } from './recording.ts'
import { catchUp } from './replayCatchUp.ts'
import { leftOut, type Reason } from './replayLeftOut.ts'
import { surroundings } from './replaySurroundings.ts'

/** The fate of one recorded exchange: it was left out for a reason, or sent and answered. */
export interface Replayed {
  readonly exchange: Exchange
  readonly outcome: { readonly leftOut: Reason } | Answered
}

/** How an answer stands beside the recorded one. */
export interface Answered {
  readonly sameStatus: boolean
  /** Whether an error has the same code; true for an answer that is none. */
  readonly sameCode: boolean
  readonly comparison: Comparison
  readonly differences: readonly string[]
}

/** A server is not made without one that is strong. */
const password = 'correct-Horse-7'

/** From what was recorded to what is so here: guids, etags and the addresses of operations. */
export interface Journey {
  readonly client: Arm
  readonly exchanges: readonly Exchange[]
  readonly renamed: Map<string, string>
  readonly polls: Map<string, string>
  /** Operations begun here and not yet seen to end. */
  readonly open: Set<string>
}

/**
 * Sends the requests of a recording in their order to an estate in which there is what they need, and compares the answers.
 * Time passes as it did: an operation that was seen running is asked at once, one that was seen to have ended when it has.
 * @param day of the recording, where Azure has answered otherwise since
 */
export async function replay(recorded: readonly Exchange[], day?: string): Promise<readonly Replayed[]> {
  const exchanges = restored(recorded)
  const reasons = exchanges.map(one => leftOut(one, exchanges))
  const client = await arm({ seed: surroundings(exchanges.filter((_, index) => reasons[index] === undefined)), random: 7 })
  const today = day === undefined ? undefined : await setBack(client, day)
  const journey: Journey = { client, exchanges, renamed: new Map(), polls: new Map(), open: new Set() }
  const outcomes: Replayed[] = []
  for (const [index, exchange] of exchanges.entries()) {
    const unknown = isPoll(exchange) && pollHere(journey, exchange) === undefined
    const leftOutFor = reasons[index] ?? (unknown ? ('unknownPoll' as const) : undefined)
    outcomes.push({ exchange, outcome: leftOutFor ? { leftOut: leftOutFor } : await replayOne(journey, exchange, index) })
  }
  if (today !== undefined) await client.control('POST', 'clock', { advanceTo: today })
  return outcomes
}

export const isPoll = ({ request }: Exchange): boolean =>
  request.method === 'GET' &&
  /\/(operations|operationResults|azureAsyncOperation|privateDnsOperationStatuses)\/[^/]+$/i.test(pathOf(request.url))

export const pollHere = ({ polls }: Journey, { request }: Exchange): string | undefined => polls.get(pathOf(request.url).toLowerCase())

export const isRunning = ({ status, body }: { readonly status: number; readonly body?: unknown }): boolean =>
  status === 202 || (isObject(body as Json) && /^(InProgress|Updating|Running|Accepted)$/.test(textAt(body as Json, 'status')))

async function replayOne(journey: Journey, exchange: Exchange, index: number): Promise<Answered> {
  await catchUp(journey, exchange, index)
  const reply = isPoll(exchange) ? await poll(journey, exchange) : await ask(journey, exchange)
  learn(journey, exchange.response.body, reply.body as unknown as Json)
  learnPolls(journey, exchange, reply)
  return compared(exchange, reply)
}

/** Asks until it has ended, with the time put forward as it is told. */
export async function untilEnded({ client, open }: Journey, url: string): Promise<Reply> {
  let reply = await client.send('GET', url)
  for (let polls = 0; isRunning(reply) && polls < 200; polls += 1) {
    await client.wait(Number(reply.headers.get('retry-after') ?? 5))
    reply = await client.send('GET', url)
  }
  open.delete(url)
  return reply
}

async function poll(journey: Journey, exchange: Exchange): Promise<Reply> {
  const url = pollHere(journey, exchange) ?? ''
  // Asked for again on another day, when it was forgotten.
  if (exchange.response.status === 404) await journey.client.wait(11 * 3600)
  return isRunning(exchange.response) ? journey.client.send('GET', url) : await untilEnded(journey, url)
}

export const isSettled = (body: Json): boolean =>
  !/"(Updating|Provisioning|Creating|Deleting|Dropping|InProgress|Starting)"/.test(JSON.stringify(body ?? null))

async function ask(journey: Journey, { request, response }: Exchange): Promise<Reply> {
  const { client } = journey
  const url = new URL(request.url)
  const path = `${renamed(journey, url.pathname)}${url.search}`
  const body = request.body === undefined || request.body === null ? undefined : withPassword(sent(journey, request.body))
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).flatMap(([name, value]) => (/^if-/i.test(name) ? [[name, renamed(journey, value)]] : []))
  )
  const once = (): Promise<Reply> => client.send(request.method, path, body, { headers })
  let reply = await once()
  // A resource that was recorded at rest had been given its time.
  if (request.method === 'GET' && isSettled(response.body))
    for (
      let waits = 0;
      waits < 30 && stateOf(reply.status, reply.body as unknown as Json) !== stateOf(response.status, response.body);
      waits += 1
    ) {
      await client.wait(5 + waits * 5)
      reply = await once()
    }
  return reply
}

/** The parts of an answer that say how far something has come. */
export function stateOf(status: number, body: Json): string {
  const found: string[] = []
  const walk = (value: Json): void => {
    if (isList(value)) value.forEach(walk)
    if (isObject(value))
      for (const [key, each] of Object.entries(value))
        if (typeof each === 'string') {
          if (/^(provisioningState|state|status|virtualNetworkLinkState|primaryEncryptionKeyStatus)$/.test(key)) found.push(each)
        } else walk(each)
  }
  walk(body)
  return `${status} ${found.sort().join()}`
}

/** Recorders blank passwords out. */
export function withPassword(value: Json, key = ''): Json {
  if (isList(value)) return value.map(each => withPassword(each, key))
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withPassword(each, name)]))
  return /^administratorLoginPassword$/i.test(key) ? password : value
}

function sent(journey: Journey, value: Json): Json {
  if (typeof value === 'string') return renamed(journey, value)
  if (isList(value)) return value.map(each => sent(journey, each))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, sent(journey, each)])) : value
}

/** With the guids and etags that are here. */
export const renamed = ({ renamed: names }: Journey, text: string): string =>
  text.replace(/"?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"?/gi, one => {
    const bare = one.replaceAll('"', '')
    return one.replace(bare, names.get(bare.toLowerCase()) ?? bare)
  })

/** Each guid and etag of the recorded answer stands for the one in its place here. */
function learn(journey: Journey, recorded: Json, given: Json): void {
  if (typeof recorded === 'string' && typeof given === 'string') {
    if (formOf(recorded) !== formOf(given)) return
    const pattern = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
    const here = given.match(pattern) ?? []
    // Recorders put zeros in the place of subscriptions, tenants and principals alike.
    for (const [index, one] of (recorded.match(pattern) ?? []).entries())
      if (!/^[0-]+$/.test(one)) journey.renamed.set(one.toLowerCase(), here[index] ?? one)
  } else if (isList(recorded) && isList(given)) {
    if (recorded.length === given.length) for (const [index, one] of recorded.entries()) learn(journey, one, given[index])
  } else if (isObject(recorded) && isObject(given)) for (const key of Object.keys(recorded)) learn(journey, recorded[key], given[key])
}

function learnPolls({ polls, open }: Journey, { response }: Exchange, { headers }: Reply): void {
  for (const name of ['azure-asyncoperation', 'location']) {
    const [there, here] = [response.headers[name], headers.get(name)]
    if (there !== undefined && here !== null) polls.set(pathOf(there).toLowerCase(), here)
    if (here !== null && name === 'azure-asyncoperation') open.add(here)
  }
}

/** Headers whose value says something that the body does not. */
const telling = ['retry-after', 'x-ms-failure-cause', 'azure-asyncnotification']

/** We compare that these are there, and in which form. */
const addresses = ['azure-asyncoperation', 'location', 'etag']

/** Without what the signature of an address and the id of its operation make of it. */
const placeOf = (address: string): string => {
  if (!address.startsWith('http')) return formOf(address)
  const path = pathOf(address).split('/')
  return [...path.slice(0, -1), '<id>']
    .join('/')
    .toLowerCase()
    .replace(/\/subscriptions\/[^/]+/, '')
}

function compared(exchange: Exchange, reply: Reply): Answered {
  const { status, body } = exchange.response
  const comparison = new Comparison()
  const here = reply.body as unknown as Json
  if (reply.status !== status) {
    const differences = [`status: recorded ${status}, here ${reply.status} ${reply.text.slice(0, 600)}`]
    return { sameStatus: false, sameCode: errorOf(body).code === errorOf(here).code, comparison, differences }
  }
  compare(comparison, body === '' ? null : (body ?? null), here)
  const headers = [...tellingHeaders(comparison, exchange, reply), ...addressHeaders(comparison, exchange, reply)]
  const sameCode = status < 400 || errorOf(body).code === errorOf(here).code
  return { sameStatus: true, sameCode, comparison, differences: [...comparison.found.map(({ text }) => text), ...headers] }
}

function tellingHeaders(comparison: Comparison, exchange: Exchange, reply: Reply): string[] {
  return telling.flatMap(name => {
    const [there, here] = [exchange.response.headers[name], reply.headers.get(name) ?? undefined]
    if (there === here) return []
    if (there === undefined) comparison.forgive('headerTaken')
    else if (name === 'retry-after' && isPoll(exchange) && here !== undefined) comparison.forgive('pollWait')
    else return [`header ${name}: recorded ${there}, here ${here}`]
    return []
  })
}

function addressHeaders(comparison: Comparison, { request, response }: Exchange, reply: Reply): string[] {
  return addresses.flatMap(name => {
    const [there, here] = [response.headers[name], reply.headers.get(name) ?? undefined]
    if (there === here) return []
    if (name === 'etag' && there === undefined && /\/virtualNetworks\/[^/]+$/i.test(pathOf(request.url))) {
      comparison.forgive('networkEtag')
      return []
    }
    if (there === undefined || here === undefined || placeOf(there) !== placeOf(here))
      return [`header ${name}: recorded ${there && placeOf(there)}, here ${here && placeOf(here)}`]
    comparison.forgive('addressId')
    return []
  })
}

/** For a title: what was asked, shortly. */
export const titleOf = ({ request, response }: Exchange): string =>
  `${request.method} ${lineage(pathOf(request.url)).at(-1)?.split('/').slice(-2).join('/') ?? pathOf(request.url).split('/').slice(-2).join('/')} ${versionOf(request.url)} ${response.status}`
