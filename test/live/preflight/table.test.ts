import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { preflightRules } from '../../../src/topology/rules/preflight.ts'

const readme = readFileSync('src/live/README.md', 'utf8').split('## Preflight')[1] ?? ''
const rows = readme.split('\n').filter(line => line.startsWith('| ') && line.includes('PGL'))

test('every rule of the preflight has its row, with its exit code and cost, and no other has one', () => {
  expect(rows.map(row => row.split('|').at(-3)?.trim())).toEqual(preflightRules.map(({ id }) => id))
  for (const row of rows) expect(row.split('|').map(cell => cell.trim())).toEqual(['', ...Array(6).fill(expect.stringMatching(/\S/)), ''])
})
