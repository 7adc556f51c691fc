import { createHash, randomBytes } from 'node:crypto'

const checked = 10

/** The end of a run's id, made of what stands before it: by it our own requests are told in Azure's logs, where nothing else is kept of a run. */
const endOf = (bytes: Buffer): Buffer =>
  createHash('sha256')
    .update('pglink run')
    .update(bytes.subarray(0, checked))
    .digest()
    .subarray(0, 16 - checked)

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
  endOf(bytes).copy(bytes, checked)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Whether an id was made by {@link runId}, here or elsewhere. It tells who wrote what, and proves nothing: everybody can make one. */
export function isRunId(id: string): boolean {
  const hex = id.replaceAll('-', '')
  const bytes = Buffer.from(hex, 'hex')
  return /^[0-9a-f]{32}$/i.test(hex) && endOf(bytes).equals(bytes.subarray(checked))
}
