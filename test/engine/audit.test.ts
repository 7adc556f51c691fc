import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ArmError } from '../../src/azure/error.ts'
import { auditOf } from '../../src/engine/audit.ts'
import type { Notice } from '../../src/engine/host.ts'
import { temporaryFolder } from '../support/temporary.ts'

const decision = {
  connection: '/subscriptions/1/a/b/c/d/e/f/pg/privateEndpointConnections/x',
  endpoint: '/e',
  from: 'Pending',
  to: 'Approved'
} as const

function audit() {
  const dataDir = join(temporaryFolder(), '.pglink')
  const notices: Notice[] = []
  const estate = { of: 'sandbox', id: '1' } as const
  const made = auditOf({ dataDir, estate, run: 'one', objectId: 'me', host: { notify: notice => void notices.push(notice) } })
  const folder = (): string => join(dataDir, readdirSync(dataDir).find(name => !name.startsWith('.')) ?? '')
  const lines = (): string[] =>
    readFileSync(join(folder(), 'audit.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line).outcome)
  return { made, notices, folder, lines, claims: () => readdirSync(join(folder(), 'audit.claims')) }
}

test('a claim stands while Azure is asked, and becomes a line only where Azure has decided or does not say', async () => {
  const { made, lines, claims } = audit()
  await made.record(decision, async () => expect([lines(), claims()]).toEqual([[], ['one-1.json']]))
  expect([lines(), claims()]).toEqual([['written'], []])
  await expect(made.record(decision, () => Promise.reject(new ArmError(403, { code: 'No', message: 'no' })))).rejects.toThrow('no')
  expect([lines(), claims()]).toEqual([['written'], []])
  await expect(made.record(decision, () => Promise.reject(new Error('the line was cut')))).rejects.toThrow('cut')
  expect([lines(), claims()]).toEqual([['written', 'unknown'], []])
})

test('a line that cannot be added after Azure has decided is told, with its text, and its claim stays', async () => {
  const { made, notices, folder, claims } = audit()
  await made.record(decision, async () => {
    rmSync(join(folder(), 'audit.ndjson'))
    mkdirSync(join(folder(), 'audit.ndjson'))
  })
  expect(made.isUnwritten()).toBe(true)
  expect(notices).toEqual([expect.objectContaining({ type: 'unaudited', line: expect.stringContaining('"outcome":"written"') })])
  expect([claims(), existsSync(folder())]).toEqual([['one-1.json'], true])
})
