import ipaddr from 'ipaddr.js'

/** IPv4 addresses as whole numbers: 32 bits fit, but only without the signed operators. Four decimal parts and no other notation. */
export const ipv4 = (text: string): number | undefined =>
  ipaddr.IPv4.isValidFourPartDecimal(text) ? numberOf(ipaddr.IPv4.parse(text)) : undefined

const numberOf = (address: ipaddr.IPv4): number => address.toByteArray().reduce((sum, octet) => sum * 256 + octet, 0)

export const ipv4Text = (address: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map(weight => Math.floor(address / weight) % 256).join('.')

/** Every address from `first` to `last`, both included. */
export interface AddressRange {
  readonly first: number
  readonly last: number
  readonly prefix: number
}

/** The range around an address in CIDR form, whether or not the text names its first address; undefined when it is none. */
export function addressRange(text: string): AddressRange | undefined {
  const [address = '', length = '', ...more] = text.split('/')
  const prefix = Number(length)
  const inside = ipv4(address)
  // Azure takes no `/08`.
  if (more.length > 0 || inside === undefined || !/^(?:[12]?\d|3[012])$/.test(length)) return undefined
  const size = 2 ** (32 - prefix)
  const first = inside - (inside % size)
  return { first, last: first + size - 1, prefix }
}

export const rangeText = ({ first, prefix }: AddressRange): string => `${ipv4Text(first)}/${prefix}`

export const overlaps = (a: AddressRange, b: AddressRange): boolean => a.first <= b.last && b.first <= a.last

export const contains = (outer: AddressRange, inner: AddressRange): boolean => outer.first <= inner.first && inner.last <= outer.last

/**
 * A number for each block of CIDR that holds the range, itself and the largest included. Where two ranges overlap, one holds the other, so
 * that a look-up tells what comparing each with each would.
 */
export function blocksAround({ first, prefix }: AddressRange): readonly number[] {
  return Array.from({ length: prefix + 1 }, (_, bits) => {
    const size = 2 ** (32 - bits)
    return bits * 2 ** 32 + Math.floor(first / size) * size
  })
}

/** The range's own number among those. */
export const blockOf = ({ first, prefix }: AddressRange): number => prefix * 2 ** 32 + first

/** The network, the gateway, two for DNS and the broadcast address: Azure hands out none of them. */
const reservedBySubnet = 5

export const usableAddresses = ({ prefix }: AddressRange): number => 2 ** (32 - prefix) - reservedBySubnet

/** Whether Azure keeps the address for itself in a subnet of this range. */
export const isReserved = (address: number, { first, last }: AddressRange): boolean => address < first + 4 || address === last
