import { arm, type Json } from './arm.ts'
import { Comparison, compare } from './comparing.ts'
import { type Exchange, type Members, restored } from './recording.ts'
import { type Answered, stateOf, withPassword } from './replay.ts'
import { isGeoRestore } from './replayCatchUp.ts'
import { surroundings } from './replaySurroundings.ts'

/** A write that somebody recorded against Azure, and what a GET answered when it was done. */
export interface Recording {
  readonly method: 'PUT' | 'PATCH'
  readonly path: string
  readonly apiVersion: string
  /** The body that a GET answered before; absent where the write created. */
  readonly before?: Members
  readonly sent: Members
  readonly settled: Members
  /** Set where no client asked again, and `settled` is what the write itself answered. */
  readonly answered?: true
}

/** As the exchanges that they were, from which it can be told what else was there. */
function exchangesOf({ method, path, apiVersion, before, sent, settled }: Recording): Exchange[] {
  const url = `https://management.azure.com${path}?api-version=${apiVersion}`
  const write: Exchange = { request: { method, url, body: sent }, response: { status: before ? 200 : 201, headers: {}, body: settled } }
  if (before === undefined) return [write]
  return [{ request: { method: 'GET', url }, response: { status: 200, headers: {}, body: { ...before, id: path } } }, write]
}

/** Sends it to an estate in which there is what it needs, and says how what it has become stands beside what it became on Azure. */
export async function settledHere(recording: Recording): Promise<Answered> {
  const { method, path, apiVersion } = recording
  const exchanges = restored(exchangesOf(recording))
  const { request, response } = exchanges.at(-1) ?? {}
  const settled = response?.body
  const { send, done, wait } = await arm({ seed: surroundings(exchanges), random: 7 })
  const body = withPassword(request?.body)
  if (exchanges.some(isGeoRestore)) await wait(3600)
  if (recording.answered) return answered(settled, (await send(method, path, body, apiVersion)).body as unknown as Json)
  const written = await done(method, path, body, apiVersion)
  if (written.status >= 300)
    return { sameStatus: false, sameCode: false, comparison: new Comparison(), differences: [`${written.status} ${written.text}`] }
  let got = (await send('GET', path, undefined, apiVersion)).body as unknown as Json
  for (let waits = 0; waits < 30 && stateOf(200, got) !== stateOf(200, settled); waits += 1) {
    await wait(10)
    got = (await send('GET', path, undefined, apiVersion)).body as unknown as Json
  }
  return answered(settled, got)
}

function answered(recorded: Json, given: Json): Answered {
  const comparison = compare(new Comparison(), recorded, given)
  return { sameStatus: true, sameCode: true, comparison, differences: comparison.found.map(({ text }) => text) }
}
