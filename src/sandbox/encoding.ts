import { gunzipSync, gzipSync } from 'node:zlib'

/** Below this a body is not worth compressing. */
const leastBytes = 1024

/** The body and the headers that say how it is written: compressed for who takes that, as ARM does. */
export function encodedFor(
  accept: string | undefined,
  body: Buffer
): { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> } {
  if (body.length < leastBytes || !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accept ?? '')) return { body, headers: lengthOf(body) }
  // The fastest level: the sandbox stands on the machine of whoever waits for the answer.
  const zipped = gzipSync(body, { level: 1 })
  return { body: zipped, headers: { 'content-encoding': 'gzip', vary: 'Accept-Encoding', ...lengthOf(zipped) } }
}

const lengthOf = (body: Buffer): Readonly<Record<string, string>> => ({ 'content-length': `${body.length}` })

/** The body before it was compressed; undefined when it is not as its header says, or larger than `bytesMax`. */
export function decoded(encoding: string | undefined, body: Buffer, bytesMax: number): Buffer | undefined {
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return body
  if (encoding.toLowerCase() !== 'gzip') return undefined
  try {
    return gunzipSync(body, { maxOutputLength: bytesMax })
  } catch {
    return undefined
  }
}
