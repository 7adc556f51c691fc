import { expect, test } from 'vitest'
import { skipReason } from '../../src/document/happened.ts'
import { liftIdOf, restoreIdOf } from '../../src/model/graph.ts'
import { nameOf } from '../../src/model/id.ts'

const lock = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/locks/keep'
const hub = '/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/hub'

test.each([
  [liftIdOf(lock), 'keep was not lifted'],
  [restoreIdOf(lock), 'keep was not restored'],
  [`create ${hub}`, 'hub was not made'],
  [`prove ${hub}`, 'the new path to hub is not proven']
] as const)('a step is skipped for %s: %s', (because, said) => expect(skipReason(because, id => nameOf(id))).toBe(said))
