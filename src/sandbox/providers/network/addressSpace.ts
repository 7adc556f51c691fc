import { isIPv4 } from 'node:net'

interface Block {
  readonly first: number
  readonly last: number
}

/** An IPv4 block in CIDR notation; undefined when it is none, or when bits are set beyond its mask. */
export function blockOf(prefix: string): Block | undefined {
  const [, address = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(prefix) ?? []
  const length = Number(bits)
  if (!isIPv4(address) || bits === '' || length > 32) return undefined
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  const size = 2 ** (32 - length)
  return first % size === 0 ? { first, last: first + size - 1 } : undefined
}

export function isInside(inner: string, outer: string): boolean {
  const [one, other] = [blockOf(inner), blockOf(outer)]
  return one !== undefined && other !== undefined && one.first >= other.first && one.last <= other.last
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [blockOf(one), blockOf(other)]
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last
}

/** Addresses of a block that a resource can have: Azure keeps the first four and the last one of every subnet. */
export function* usableAddresses(prefix: string): Generator<string> {
  const block = blockOf(prefix)
  if (block === undefined) return
  for (let at = block.first + 4; at < block.last; at += 1) yield `${at >>> 24}.${(at >>> 16) & 255}.${(at >>> 8) & 255}.${at & 255}`
}

/** How many those are. */
export function usableCount(prefix: string): number {
  const block = blockOf(prefix)
  return block === undefined ? 0 : Math.max(0, block.last - block.first - 4)
}
