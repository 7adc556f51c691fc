import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { makeCertificate } from './certificate.ts'
import { ConnectionDropped, type Sandbox } from './sandbox.ts'
import { signIn } from './signIn.ts'

export interface ServeOptions {
  readonly sandbox: Sandbox
  /** 0 for any that is free. */
  readonly port: number
  /** Loopback only; 127.0.0.1 when absent. */
  readonly host?: '127.0.0.1' | '::1' | 'localhost'
  /** Where the authority's certificate goes, for clients to trust. Not with `tls`. */
  readonly caOut?: string
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

/** The greatest body that ARM takes. */
const bodyBytesMax = 4 * 1024 * 1024

/** The sandbox for clients in other processes. Clients refuse to send a token over plain http, so it is https. */
export async function startSandboxServer(options: ServeOptions): Promise<SandboxServer> {
  const made = options.tls ? undefined : await makeCertificate()
  const tls = options.tls ?? { cert: made?.chain ?? '', key: made?.key ?? '' }
  const server = createServer(tls, (request, response) => {
    serve(options.sandbox, request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  if (options.caOut !== undefined && made) writeFileSync(options.caOut, made.authority)
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

async function serve(sandbox: Sandbox, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const host = incoming.headers.host ?? ''
  // A page in a browser can make a name of its own lead here; nobody else has a reason to use one.
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) return refuse(outgoing, 421, 'The sandbox answers to localhost only.')
  const body = await bodyOf(incoming)
  if (body === undefined) return refuse(outgoing, 413, 'The body is larger than 4 MB.')
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
    const response = (await signIn(request)) ?? (await sandbox.handle(request))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  } catch (error) {
    if (!(error instanceof ConnectionDropped)) throw error
    incoming.socket.destroy()
  }
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
