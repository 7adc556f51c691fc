/** IPv4 addresses as whole numbers: 32 bits fit, but only without the signed operators. */
export function ipv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

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
  const [, address = '', length = ''] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? []
  const within = ipv4(address)
  if (within === undefined) return undefined
  const prefix = Number(length)
  const size = 2 ** (32 - prefix)
  const first = Math.floor(within / size) * size
  return { first, last: first + size - 1, prefix }
}

export const rangeText = ({ first, prefix }: AddressRange): string => `${ipv4Text(first)}/${prefix}`

export const overlaps = (a: AddressRange, b: AddressRange): boolean => a.first <= b.last && b.first <= a.last

export const contains = (outer: AddressRange, inner: AddressRange): boolean => outer.first <= inner.first && inner.last <= outer.last

/** The network, the gateway, two for DNS and the broadcast address: Azure hands out none of them. */
const reservedBySubnet = 5

export const usableAddresses = ({ prefix }: AddressRange): number => 2 ** (32 - prefix) - reservedBySubnet

/** Whether Azure keeps the address for itself in a subnet of this range. */
export const isReserved = (address: number, { first, last }: AddressRange): boolean => address < first + 4 || address === last
