import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Agent, request as ask, createServer } from 'node:https'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { proxyKinds } from './proxyKinds.ts'

/** An answer of the sandbox, as it is before anybody meddles with it. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Meddling {
  readonly method: string
  readonly url: string
  readonly response: ServerResponse
  readonly socket: Socket
  /** An origin that no token may go to. */
  readonly elsewhere: string
  /** Sends the request on; each time anew. */
  forward(): Promise<Answer>
  /** Connections from now on break while they are secured, so many times. */
  breakTls(times: number): void
}

export type Kind = (meddling: Meddling) => Promise<void>

/** Every request that reached the proxy, as `METHOD /path`. */
export interface Heard {
  readonly method: string
  readonly path: string
}

/** The one request that is answered otherwise: the nth of its method and path. */
export interface Aim {
  readonly kind: string
  readonly method: string
  readonly path: string
  readonly nth: number
}

export interface ProxyServer {
  readonly url: string
  readonly authority: string
  readonly heard: readonly Heard[]
  /** Requests that came to the origin that no token may go to. */
  readonly strayed: readonly string[]
  /** Whether the aim was met. */
  aim(at: Aim | undefined): void
  met(): boolean
  stop(): Promise<void>
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Hop by hop, or of the body as it was. */
const own = new Set(['content-length', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive', 'date'])

export const passed = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (own.has(name) || value === undefined ? [] : [[name, String(value)]]))
  )

/** @param to where the sandbox is, and the authority of its certificate */
export async function proxyTo(to: { readonly url: string; readonly ca: string }): Promise<ProxyServer> {
  const { chain, key, authority } = await makeCertificate()
  const target = new URL(to.url)
  const agent = new Agent({ keepAlive: true, ca: to.ca })
  const heard: Heard[] = []
  const strayed: string[] = []
  const seen = new Map<string, number>()
  const sockets = new Set<Socket>()
  let aim: Aim | undefined
  let met = false
  let tlsToBreak = 0

  const away = createServer({ cert: chain, key }, (incoming, response) => {
    strayed.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization === undefined ? '' : 'with a token'}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"Succeeded","value":[]}')
  })
  const elsewhere = `https://localhost:${await listening(away)}`

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const { method = 'GET', url: path = '/' } = incoming
    const forward = (): Promise<Answer> => forwarded(incoming, body, { target, agent })
    const plain = named(path)
    if (plain.startsWith('/metadata/')) return pass(await forward(), response)
    heard.push({ method, path: plain })
    const count = (seen.get(`${method} ${plain}`) ?? 0) + 1
    seen.set(`${method} ${plain}`, count)
    if (aim === undefined || met || aim.method !== method || aim.path !== plain || aim.nth !== count) return pass(await forward(), response)
    met = true
    const url = `https://${incoming.headers.host}${path}`
    const breakTls = (times: number): void => {
      tlsToBreak = times
      for (const socket of sockets) socket.destroy()
    }
    await proxyKinds[aim.kind]?.({ method, url, response, socket: incoming.socket, elsewhere, forward, breakTls })
  }
  const secure = createServer({ cert: chain, key, keepAliveTimeout: 120_000 }, (incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy())
  })
  secure.on('tlsClientError', () => undefined)
  const front = createTcpServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    if (tlsToBreak > 0) {
      tlsToBreak -= 1
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    } else secure.emit('connection', socket)
  })
  const port = await listening(front)
  return {
    url: `https://localhost:${port}`,
    authority,
    heard,
    strayed,
    aim(at) {
      aim = at
      met = false
      heard.length = 0
      strayed.length = 0
      seen.clear()
      tlsToBreak = 0
    },
    met: () => met,
    async stop() {
      agent.destroy()
      for (const socket of sockets) socket.destroy()
      away.closeAllConnections()
      await Promise.all([front, away].map(one => new Promise(resolve => one.close(resolve))))
    }
  }
}

/** The path, with `*` for a name that Azure draws: it is another one in each run. */
const named = (path: string): string =>
  path.replace(/\?.*$/s, '').replace(/\/(\w*operation\w*|privateEndpointConnections)\/[^/]+$/i, '/$1/*')

const listening = (server: ReturnType<typeof createTcpServer>): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })

function pass({ status, headers, text }: Answer, response: ServerResponse): void {
  response.writeHead(status, passed(headers))
  response.end(status === 204 ? undefined : text)
}

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** With the host that it came to, so that addresses in the answer lead back through here. */
function forwarded(incoming: IncomingMessage, body: Buffer, to: { readonly target: URL; readonly agent: Agent }): Promise<Answer> {
  const { target, agent } = to
  const headers = { ...incoming.headers, 'accept-encoding': 'identity' }
  return new Promise((resolve, reject) => {
    const asking = ask(
      { host: '127.0.0.1', servername: 'localhost', port: target.port, method: incoming.method, path: incoming.url, headers, agent },
      answer => {
        bodyOf(answer).then(
          bytes => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, text: bytes.toString('utf8') }),
          reject
        )
      }
    )
    asking.on('error', reject)
    asking.end(body)
  })
}
