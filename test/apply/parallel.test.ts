import { expect, test } from 'vitest'
import { estate } from '../support/estate.ts'
import { planOf, run, work } from './steps.ts'

test('many steps at once make Node warn of nothing, though all of them listen for an interrupt', async () => {
  const warnings: Error[] = []
  const heard = (warning: Error): void => void warnings.push(warning)
  process.on('warning', heard)
  const names = Array.from({ length: 24 }, (_, number) => `s${number}`)
  const slow = async () => new Promise<{ as: 'proven' }>(resolve => setTimeout(() => resolve({ as: 'proven' }), 50))
  const does = Object.fromEntries(names.map(name => [name, slow]))
  await run(estate(), planOf(...names.map(name => work(name))), { parallelism: 24, does, signal: new AbortController().signal })
  await new Promise(setImmediate)
  process.off('warning', heard)
  expect(warnings).toEqual([])
})
