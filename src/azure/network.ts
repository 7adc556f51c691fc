import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createGunzip, createInflate } from 'node:zlib'
import { createDefaultHttpClient, type HttpClient, type PipelineRequest, RestError } from '@azure/core-rest-pipeline'
import { placeOf } from './address.ts'
import { type Deadline, spoken } from './deadline.ts'
import { UnusableAnswer } from './error.ts'

/** More than any answer of Azure, and no more than a machine has room for. */
const answerBytesMax = 32 * 1024 * 1024

const anyStatus = new Set([Number.POSITIVE_INFINITY])

/**
 * The SDKs' client over the network, but for how it reads a body: that one goes on for as long as bytes come, however many, waits
 * for ever where what it unpacks breaks off, and is not told when its time is over.
 */
export function networkClient(): HttpClient {
  const client = createDefaultHttpClient()
  return {
    async sendRequest(request) {
      request.streamResponseStatusCodes = anyStatus
      // Said at the wire and not to the client, which would unpack it itself.
      request.requestOverrides = { headers: { ...request.headers.toJSON({ preserveCase: true }), 'Accept-Encoding': 'gzip, deflate' } }
      try {
        const { readableStreamBody, ...response } = await client.sendRequest(request)
        const encoding = response.headers.get('content-encoding')
        return { ...response, bodyAsText: await textOf(readableStreamBody as Readable | undefined, encoding, request) }
      } finally {
        delete request.streamResponseStatusCodes
        delete request.requestOverrides
      }
    }
  }
}

/** @throws RestError where it breaks off, UnusableAnswer where it is too long */
async function textOf(stream: Readable | undefined, encoding: string | undefined, request: PipelineRequest): Promise<string> {
  if (stream === undefined) return ''
  const unpack = encoding === 'gzip' ? [createGunzip()] : encoding === 'deflate' ? [createInflate()] : []
  const end = async (source: AsyncIterable<Uint8Array>): Promise<string> => wholeText(source, request.url)
  try {
    // The types know of no list of steps.
    return await (pipeline as (...steps: readonly unknown[]) => Promise<string>)(stream, ...unpack, end)
  } catch (error) {
    if (error instanceof UnusableAnswer || request.abortSignal?.aborted) throw error
    throw new RestError(`The answer broke off: ${error instanceof Error ? error.message : String(error)}`, { code: 'ECONNRESET', request })
  }
}

/** All of a body. @throws UnusableAnswer where it is longer than {@link answerBytesMax} */
export async function wholeText(body: AsyncIterable<Uint8Array>, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > answerBytesMax) throw new UnusableAnswer(`more than ${answerBytesMax / 1024 ** 2} MiB, to ${placeOf(url)}`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A reason that exists: without one, each abort makes an error with a stack. */
const answered = 'answered'

/**
 * Every answer comes whole, or is given up when its time is over: the time of one answer, what is left of the step, and less once the
 * run is interrupted. On the wall's clock, which is the network's.
 */
export const bounded = (client: HttpClient, deadline: Deadline): HttpClient => ({
  async sendRequest(request) {
    const ended = new AbortController()
    const given = new AbortController()
    const { ms, cut } = deadline.answerLimit(request.timeout)
    const over = (after: number): Promise<never> =>
      // The connection keeps the process alive, and this only watches it.
      wait(after, undefined, { signal: ended.signal, ref: false }).then(() => {
        const error = new RestError(`No answer after ${spoken(after)}`, { code: 'ETIMEDOUT', request })
        given.abort(error)
        throw error
      })
    const own = request.abortSignal as AbortSignal | undefined
    request.abortSignal = own ? AbortSignal.any([own, given.signal]) : given.signal
    const limits = [over(ms), cut(ended.signal).then(after => over(after))]
    try {
      return await Promise.race([client.sendRequest(request), ...limits])
    } finally {
      ended.abort(answered)
      for (const limit of limits) limit.catch(() => undefined)
      if (own) request.abortSignal = own
      else delete request.abortSignal
    }
  }
})
