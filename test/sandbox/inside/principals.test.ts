import { expect, test } from 'vitest'
import { parsePrincipals } from '../../../src/sandbox/rights/principals.ts'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'

test('a file of principals that is not JSON, or no list, is refused with its name', () => {
  expect(() => parsePrincipals('[', 'people.json')).toThrow(/^people\.json is no JSON: line 1, column 2$/)
  expect(() => parsePrincipals('{}', 'people.json')).toThrow('people.json: must be an array of principals')
})

test('a sandbox begins with the principals of its options', async () => {
  const text = JSON.stringify([{ name: 'ann', clientId: 'ANN', roles: [{ scope: '/', role: 'Reader' }] }])
  const principals = parsePrincipals(text, 'people.json')
  expect(principals).toMatchObject([{ clientId: 'ann', objectId: 'ann', grants: [{ scope: '', role: { name: 'Reader', builtIn: true } }] }])
  const sandbox = createSandbox({ principals })
  expect(sandbox.settings.principals).toBe(principals)
  const answer = await sandbox.handle(new Request('https://management.azure.com/subscriptions?api-version=2022-12-01'))
  expect(answer.status).toBe(401)
})
