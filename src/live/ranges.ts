import ipaddr from 'ipaddr.js'

type Range = [ipaddr.IPv4, number]

/** An address alone is a range of one; `undefined` for what is no IPv4: a tag of a service, an IPv6 prefix. */
const rangeOf = (text: string): Range | undefined => {
  const whole = text.includes('/') ? text : `${text}/32`
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(whole) ? ipaddr.IPv4.parseCIDR(whole) : undefined
}

/** Whether a range, such as 10.0.0.0/16, holds all of another, or an address. */
export function holds(range: string, other: string): boolean {
  const [outer, inner] = [rangeOf(range), rangeOf(other)]
  return outer !== undefined && inner !== undefined && outer[1] <= inner[1] && inner[0].match(outer)
}

/** Whether it is an IPv4 range or address at all. */
export const isRange = (text: string): boolean => rangeOf(text) !== undefined

/** The length of the prefix of a range, 32 of an address; 0 of what is none. */
export const prefixOf = (range: string): number => rangeOf(range)?.[1] ?? 0
