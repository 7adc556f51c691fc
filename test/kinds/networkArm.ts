import type { Azure } from '../../src/azure/azure.ts'
import type { Kind } from '../../src/kinds/kind.ts'
import { resourceId } from '../../src/model/id.ts'
import { type Body, overlay } from '../../src/model/json.ts'
import { clientsOn, usualRetries } from '../support/engine.ts'

interface Sent {
  readonly method: string
  readonly path: string
  readonly apiVersion: string
  readonly body: Body | undefined
}

type Answer = (sent: Sent) => Response | undefined

export interface NetworkArm {
  readonly azure: Azure
  readonly bodies: Map<string, Body>
  readonly requests: Sent[]
  readonly said: string[]
  /** Virtual milliseconds that somebody waited. */
  waited(): number
  say(what: string): void
}

export const json = (status: number, body: unknown): Response => Response.json(body, { status })
export const refused = (status: number, code: string, message: string): Response => json(status, { error: { code, message } })

/** An ARM that keeps bodies as they are put and answers at once, through the official clients. `first` may answer in its place. */
export function networkArm(bodies: Readonly<Record<string, Body>> = {}, first: Answer = () => undefined): NetworkArm {
  const held = new Map<string, Body>(Object.entries(bodies).map(([path, body]) => [resourceId(path), { id: path, ...body }]))
  const requests: Sent[] = []
  const said: string[] = []
  let now = 0
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
    }
  }
  const handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    const text = await request.text()
    const sent = {
      method: request.method,
      path: decodeURIComponent(url.pathname),
      apiVersion: url.searchParams.get('api-version') ?? '',
      body: text ? (JSON.parse(text) as Body) : undefined
    }
    requests.push(sent)
    return first(sent) ?? answer(held, sent)
  }
  const azure = clientsOn(handle, { clock, retriesMax: usualRetries })
  return { azure, bodies: held, requests, said, waited: () => now, say: what => void said.push(what) }
}

function answer(held: Map<string, Body>, { method, path, body }: Sent): Response {
  const key = resourceId(path)
  if (method === 'PUT') {
    held.set(key, overlay({ id: path, name: path.split('/').at(-1) ?? '' }, body ?? {}) as Body)
    return json(200, held.get(key))
  }
  if (method === 'DELETE') return new Response(null, { status: held.delete(key) ? 200 : 204 })
  const found = held.get(key)
  if (found !== undefined) return json(200, found)
  // An even number of segments below a provider is a collection.
  const names = path.slice(path.lastIndexOf('/providers/')).split('/').length
  if (names % 2 === 0) return json(200, { value: [...held].filter(([id]) => id.startsWith(`${key}/`)).map(([, one]) => one) })
  return refused(404, 'ResourceNotFound', `${path} was not found`)
}

/** The props that a read of one body gives. */
export async function propsOf(kind: Kind, path: string, body: Body): Promise<Record<string, unknown>> {
  const { observed } = await kind.observe(networkArm({ [path]: body }).azure, path)
  if (observed.state !== 'present') throw new Error(`${path} is ${observed.state}`)
  return observed.props as Record<string, unknown>
}
