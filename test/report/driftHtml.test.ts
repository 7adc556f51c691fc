import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../src/model/printable.ts'
import { driftHtmlOf } from '../../src/report/driftHtml.ts'
import { documentWith, driftDocuments } from './driftDocuments.ts'
import { expectSound } from './htmlSound.ts'

/** A text of a document as a reader meets it, whatever the white space in it. */
const words = (text: string): string => printable(text).replace(/\s+/g, ' ').trim()

test('no text of a document becomes more than text, and every entry is in the page', () => {
  fc.assert(
    fc.property(driftDocuments, documents => {
      const text = words(expectSound(driftHtmlOf(documents)).text)
      for (const { entries, topology } of documents) {
        expect(text).toContain(words(topology.name))
        for (const { address, ignored } of entries) {
          expect(text).toContain(words(address))
          if (ignored !== undefined) expect(text).toContain(words(ignored.reason))
        }
      }
    }),
    { numRuns: 60, seed: 5 }
  )
})

const base = {
  id: '/subscriptions/1/resourceGroups/RG/providers/Microsoft.DBforPostgreSQL/flexibleServers/Orders-PG',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  class: 'drifted',
  counts: true,
  message: 'it was changed in Azure'
} as const

test('a page says what drifted, from what to what, what agrees to it, and the ways out', () => {
  const address = 'servers/orders-pg'
  const changed = { ...base, address, field: 'publicAccess', baseline: false, desired: false, live: true, ignore: `{ path: ${address} }` }
  const { text } = expectSound(
    driftHtmlOf([documentWith([{ ...changed, source: { file: 'topology.yaml', line: 7, column: 3 } }], 'orders', 'HEAD~1')])
  )
  const order = [
    'compared with the file and with HEAD~1',
    'Changed in Azure since the last apply',
    address,
    'topology.yaml:7',
    'publicAccess',
    'false',
    'true',
    'Next steps',
    '--baseline',
    'driftIgnore:'
  ]
  const places = order.map(one => text.indexOf(one))
  expect(places).not.toContain(-1)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(text).not.toContain('/subscriptions/')
  expect(text).toMatch(/driftIgnore:\n {2}- \{ path: servers\/orders-pg \}\n/)
})

test('the same documents give the same bytes', () => {
  const document = documentWith([{ ...base, address: 'servers/orders-pg' }], 'orders', null)
  expect(driftHtmlOf([document])).toBe(driftHtmlOf([structuredClone(document)]))
})
