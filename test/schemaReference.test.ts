import { expect, test } from 'vitest'
import { rules } from '../src/topology/rules/index.ts'
import { referenceText } from './support/reference.ts'

test('the reference of the schema is what the schema, the rules and their cases say', async () => {
  await expect(referenceText()).toMatchFileSnapshot('../schema/README.md')
})

test('most rules stand at the key that a file breaks them at', () => {
  const text = referenceText()
  const named = rules.filter(({ id }) => text.includes(`[${id}](#${id.toLowerCase()})`))
  expect(named.length).toBeGreaterThan(rules.length / 2)
})
