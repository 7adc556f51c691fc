import { gzipSync } from 'node:zlib'
import { type Answer, isObject, type Kind, type Meddling, passed } from './proxy.ts'

/** The sandbox's deed stands; the body, or the headers, are others. */
const saying =
  (body: (answer: Answer) => string | Buffer, headers: Readonly<Record<string, string>> = {}, status?: number): Kind =>
  async ({ forward, response }) => {
    const answer = await forward()
    response.writeHead(status ?? answer.status, { ...passed(answer.headers), ...headers })
    response.end(answer.status === 204 && status === undefined ? undefined : body(answer))
  }

/** The sandbox is not asked at all. */
const instead =
  (status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Kind =>
  async ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }

/** JSON of the answer, changed; an answer without any goes through. */
const changing = (change: (body: Record<string, unknown>) => unknown): Kind =>
  saying(({ text }) => {
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    return isObject(body) ? JSON.stringify(change(body)) : text
  })

const items = (change: (value: readonly unknown[]) => readonly unknown[]): Kind =>
  changing(body => (Array.isArray(body['value']) ? { ...body, value: change(body['value']) } : body))

const without = (name: string): Kind =>
  changing(({ [name]: dropped, value, ...body }) =>
    dropped === undefined && Array.isArray(value)
      ? { ...body, value: value.map(one => (isObject(one) ? { ...one, [name]: undefined } : one)) }
      : { ...body, ...(name !== 'value' && value !== undefined && { value }) }
  )

/** An address in the headers of a write or a poll, in the body of a list, and in a redirect of what is only read. */
const leading =
  (to: (meddling: Meddling) => string): Kind =>
  async meddling => {
    const { forward, response, method } = meddling
    const answer = await forward()
    const body: unknown = answer.text === '' ? undefined : JSON.parse(answer.text)
    const isList = isObject(body) && Array.isArray(body['value'])
    const address = to(meddling)
    const named = method !== 'GET' || answer.headers['azure-asyncoperation'] !== undefined || answer.status === 202
    if (named) {
      response.writeHead(answer.status, { ...passed(answer.headers), 'azure-asyncoperation': address, location: address })
      response.end(answer.text)
    } else if (isList) {
      response.writeHead(answer.status, passed(answer.headers))
      response.end(JSON.stringify({ ...body, nextLink: address }))
    } else {
      response.writeHead(302, { location: address })
      response.end()
    }
  }

const redirecting =
  (status: number, to: (meddling: Meddling) => string): Kind =>
  async meddling => {
    meddling.response.writeHead(status, { location: to(meddling) })
    meddling.response.end()
  }

const html = '<!doctype html><html><body>Sign in to the network</body></html>'
const farOff = 'Fri, 01 Jan 2100 00:00:00 GMT'

/** A body that never ends: headers and its beginning, and then a byte now and then, or nothing. */
const unending =
  (everyMs: number | undefined): Kind =>
  async ({ forward, response }) => {
    const { status, headers, text } = await forward()
    response.writeHead(status, { ...passed(headers), 'content-length': '1000000' })
    response.write(text.slice(0, 1) || ' ')
    if (everyMs === undefined) return
    const timer = setInterval(() => response.write(' '), everyMs)
    response.once('close', () => clearInterval(timer))
  }

const slow: Kind = async ({ forward, response }) => {
  const { status, headers, text } = await forward()
  response.writeHead(status, passed(headers))
  const parts = [0, 1, 2, 3].map(part => text.slice((part * text.length) / 4, ((part + 1) * text.length) / 4))
  const next = (): void => {
    const part = parts.shift()
    if (part === undefined) return void response.end()
    response.write(part)
    setTimeout(next, 30)
  }
  next()
}

const cutOff =
  (compressed: boolean): Kind =>
  async ({ forward, response, socket }) => {
    const { status, headers, text } = await forward()
    const body = compressed ? gzipSync(text.padEnd(4_000)) : Buffer.from(text.padEnd(4))
    const said = { ...passed(headers), 'content-length': `${body.length}`, ...(compressed && { 'content-encoding': 'gzip' }) }
    response.writeHead(status, said)
    response.write(body.subarray(0, body.length >> 1), () => setTimeout(() => socket.destroy(), 20))
  }

const twice: Kind = async ({ forward, response }) => {
  await forward()
  const { status, headers, text } = await forward()
  response.writeHead(status, passed(headers))
  response.end(status === 204 ? undefined : text)
}

const bomb = (): Buffer => gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20), { level: 1 })
const nested = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
const hang: Kind = async () => undefined

/** Whatever may become of an answer between Azure and us. */
export const proxyKinds: Readonly<Record<string, Kind>> = {
  html: saying(() => html, { 'content-type': 'text/html' }, 200),
  'html that says it is JSON': saying(() => html),
  'html in place of a request': instead(200, html, { 'content-type': 'text/html' }),
  nothing: saying(() => ''),
  'half of it': saying(({ text }) => text.slice(0, text.length >> 1)),
  null: saying(() => 'null'),
  'a list': saying(() => '[]'),
  'an empty object': saying(() => '{}'),
  'another object': saying(() => '{"value":{"id":5},"id":5,"name":[],"properties":"x","status":7}'),
  nested: saying(() => nested),
  'no value': without('value'),
  'no id': without('id'),
  'no name': without('name'),
  'no properties': without('properties'),
  'a lost item': items(value => value.slice(1)),
  'a doubled item': items(value => [...value, ...value]),
  'an odd refusal': instead(500, '{"error":{"code":5,"message":{"a":[]},"details":{"b":null}}}'),
  'a refusal in HTML': instead(503, html, { 'content-type': 'text/html', 'retry-after': '1' }),
  'a refusal that is null': instead(409, 'null'),
  'a bomb': saying(bomb, { 'content-encoding': 'gzip' }),
  'no gzip': saying(({ text }) => text, { 'content-encoding': 'gzip' }),
  'too much': saying(() => Buffer.alloc(40 * 1024 * 1024, 0x20)),
  'an address elsewhere': leading(({ elsewhere }) => `${elsewhere}/op/1`),
  'an address that is none': leading(() => 'https://[::'),
  'an address in clear': leading(({ url }) => url.replace('https:', 'http:')),
  'an address again': leading(({ url }) => url),
  'a redirect elsewhere': redirecting(307, ({ elsewhere }) => `${elsewhere}/there`),
  'a redirect in a circle': redirecting(307, ({ url }) => url),
  'a redirect to nowhere': redirecting(302, () => 'https://[::'),
  'TLS that breaks': async ({ breakTls, socket }) => {
    breakTls(2)
    socket.destroy()
  },
  'a date far off': saying(({ text }) => text, { date: farOff }),
  'a wait until long ago': instead(429, '{}', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
  'a wait of no time': instead(429, '{}', { 'retry-after': '0' }),
  'a wait that is none': instead(503, '{}', { 'retry-after': '-1e99' }),
  twice,
  'cut off': cutOff(false),
  'cut off and compressed': cutOff(true),
  slow,
  silence: hang,
  'a body that stops': unending(undefined),
  'a body in trickles': unending(200)
}
