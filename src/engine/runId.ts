import { randomBytes } from 'node:crypto'

/**
 * Names a run: a UUID of version 7 [RFC 9562], so that of two runs the one that began first has the smaller one.
 *
 * @param now milliseconds since 1970
 */
export function runId(now = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
