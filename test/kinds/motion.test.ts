import { expect, test } from 'vitest'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { kinds } from '../../src/kinds/index.ts'
import type { Kind } from '../../src/kinds/kind.ts'

const motionOf = (kind: Kind, facts: { readonly state?: string }): string =>
  kind.motion({ state: 'present', props: {}, tags: {}, refs: [], reach: [], facts })

// The states that the SDKs of PostgreSQL, the network and Data Factory declare, and the ones that recordings have.
test.each([
  ['Succeeded', 'at rest'],
  ['Ready', 'at rest'],
  ['Stopped', 'at rest'],
  ['Failed', 'at rest'],
  ['Canceled', 'at rest'],
  ['Disabled', 'at rest'],
  ['Inaccessible', 'at rest'],
  ['Pending', 'at rest'],
  ['', 'at rest'],
  ['Creating', 'being made'],
  ['provisioning', 'being made'],
  ['Deleting', 'being deleted'],
  ['Updating', 'changing'],
  ['Starting', 'changing'],
  ['Stopping', 'changing'],
  ['Restarting', 'changing']
])('one of any kind that is %s is %s', (state, motion) => {
  expect(kinds.map(kind => motionOf(kind, { state }))).toEqual(kinds.map(() => motion))
})

test('a server that is Dropping is being deleted', () => expect(motionOf(flexibleServer, { state: 'Dropping' })).toBe('being deleted'))

test('a resource of which Azure gives no state is at rest', () => {
  expect(motionOf(flexibleServer, {})).toBe('at rest')
  expect(flexibleServer.motion({ state: 'absent' })).toBe('at rest')
})
