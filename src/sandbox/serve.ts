import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { type Authority, makeCertificate } from './certificate.ts'
import type { Control } from './control.ts'
import { decoded, encodedFor } from './encoding.ts'
import type { Answered } from './response.ts'
import { ConnectionDropped, type Sandbox } from './sandbox.ts'
import { signIn } from './signIn.ts'

export interface ServeOptions {
  readonly sandbox: Sandbox
  /** Answers below `/_sandbox/`; nothing does when absent. */
  readonly control?: Control
  /** 0 for any that is free. */
  readonly port: number
  /** Loopback only; 127.0.0.1 when absent. */
  readonly host?: '127.0.0.1' | '::1' | 'localhost'
  /** Where the authority's certificate goes, for clients to trust. Not with `tls`. */
  readonly caOut?: string
  /** The authority of the certificate that is made; one that nothing else knows when absent. */
  readonly issuer?: Authority
  /** Told of each request that was answered as Azure would; the answer waits for it. */
  readonly answered?: (request: {
    readonly method: string
    readonly path: string
    readonly body: string
    readonly status: number
  }) => Promise<void>
  /** PEM, of one's own, in place of a certificate that is made. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface SandboxServer {
  readonly port: number
  /** `https://localhost:PORT`, without a slash at the end. */
  readonly url: string
  /** PEM of the authority to trust; undefined with a certificate of one's own. */
  readonly authority: string | undefined
  close(): Promise<void>
}

/** Longer than clients keep a connection themselves: one that is closed just as they write to it would look like a fault. */
const keptAliveMs = 120_000

/** Time for the beginning of an answer to reach the client, since a reset overtakes what is still on its way. */
const breakOffMs = 50

/** The greatest body that ARM takes. */
const bodyBytesMax = 4 * 1024 * 1024

/** The sandbox for clients in other processes. Clients refuse to send a token over plain http, so it is https. */
export async function startSandboxServer(options: ServeOptions): Promise<SandboxServer> {
  const made = options.tls ? undefined : await makeCertificate(undefined, options.issuer)
  const tls = options.tls ?? { cert: made?.chain ?? '', key: made?.key ?? '' }
  /** Beneath TLS, by the client's port: a connection can be reset only there. */
  const sockets = new Map<number, Socket>()
  const server = createServer({ ...tls, keepAliveTimeout: keptAliveMs }, (request, response) => {
    const reset = (): void => void sockets.get(request.socket.remotePort ?? 0)?.resetAndDestroy()
    serve(options, request, response, reset).catch(() => request.socket.destroy())
  })
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0
    sockets.set(port, socket)
    socket.once('close', () => {
      if (sockets.get(port) === socket) sockets.delete(port)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  if (options.caOut !== undefined && made) {
    // The state may lie elsewhere, so that nothing else has made the folder.
    mkdirSync(dirname(options.caOut), { recursive: true })
    writeFileSync(options.caOut, made.authority)
  }
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    port,
    url: `https://localhost:${port}`,
    authority: made?.authority,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
  }
}

async function serve(
  { sandbox, control, answered: told }: ServeOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  reset: () => void
): Promise<void> {
  const host = incoming.headers.host ?? ''
  // A page in a browser can make a name of its own lead here; nobody else has a reason to use one.
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) return refuse(outgoing, 421, 'The sandbox answers to localhost only.')
  const sent = await bodyOf(incoming)
  if (sent === undefined) return refuse(outgoing, 413, 'The body is larger than 4 MB.')
  const body = decoded(incoming.headers['content-encoding'], sent, bodyBytesMax)
  if (body === undefined) return refuse(outgoing, 400, 'The body is not gzip, or larger than 4 MB without it.')
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined && !name.startsWith(':')) headers.set(name, `${value}`)
  const method = incoming.method ?? 'GET'
  const request = new Request(`https://${host}${incoming.url ?? '/'}`, {
    method,
    headers,
    ...(body.length > 0 && { body: new Uint8Array(body) })
  })
  try {
    const response = (await control?.handle(request)) ?? (await asAzure(sandbox, request))
    await told?.({ method, path: new URL(request.url).pathname, body: body.toString('utf8'), status: response.status })
    const encoded = encodedFor(incoming.headers['accept-encoding']?.toString(), Buffer.from(await response.arrayBuffer()))
    const answered = Object.fromEntries(response.headers)
    outgoing.writeHead(response.status, response.status === 204 ? answered : { ...answered, ...encoded.headers })
    outgoing.end(encoded.body)
  } catch (error) {
    if (!(error instanceof ConnectionDropped)) throw error
    if (error.begun) breakOff(error.begun, outgoing, reset)
    else incoming.socket.destroy()
  }
}

/** While nobody is answered, a token is not given either. */
async function asAzure(sandbox: Sandbox, request: Request): Promise<Response> {
  await sandbox.awake()
  return (await signIn(request, sandbox.settings)) ?? (await sandbox.handle(request))
}

/** The headers and half of the body, and then nothing more: the client has to hear of it as of a network that breaks. */
function breakOff(begun: Answered, outgoing: ServerResponse, reset: () => void): void {
  const body = Buffer.from(begun.body ?? '')
  outgoing.writeHead(begun.status, { ...begun.headers, 'content-length': `${Math.max(2, body.length)}` })
  outgoing.write(body.length > 1 ? body.subarray(0, body.length >> 1) : ' ', () => setTimeout(reset, breakOffMs))
}

function refuse(outgoing: ServerResponse, status: number, why: string): void {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  outgoing.end(why)
}

/** Undefined when it is too large. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
    length += bytes.length
    if (length > bodyBytesMax) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
