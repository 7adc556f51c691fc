import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressRange,
  contains,
  ipv4,
  ipv4Text,
  isReserved,
  overlaps,
  rangeText,
  usableAddresses
} from '../../../src/topology/rules/ipv4.ts'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const range = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([within, prefix]) => addressRange(`${ipv4Text(within)}/${prefix}`))
  .filter(found => found !== undefined)

describe('addresses', () => {
  test('are read back as they are written', () => {
    fc.assert(
      fc.property(address, number => ipv4(ipv4Text(number)) === number),
      { seed: 20261122 }
    )
  })

  test.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '0x1.2.3.4'])('%j is none', text => {
    expect(ipv4(text)).toBeUndefined()
  })
})

describe('ranges', () => {
  test('hold the address they were written with, and begin where their text says', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 32 }), (within, prefix) => {
        const found = addressRange(`${ipv4Text(within)}/${prefix}`)
        expect(found && found.first <= within && within <= found.last).toBe(true)
        expect(found && addressRange(rangeText(found))).toEqual(found)
      }),
      { seed: 20261122 }
    )
  })

  test('overlap only when one holds the other', () => {
    fc.assert(
      fc.property(range, range, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a))),
      { seed: 20261122 }
    )
  })

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', '/8', '10.0.0/8', '10.0.0.0/8/8'])('%j is none', text => {
    expect(addressRange(text)).toBeUndefined()
  })

  test('keep as many addresses for Azure as are not usable', () => {
    const small = addressRange('10.20.1.16/28')
    const all = Array.from({ length: 16 }, (_, index) => (ipv4('10.20.1.16') ?? 0) + index)
    expect(small && all.filter(one => !isReserved(one, small)).length).toBe(small && usableAddresses(small))
  })
})
