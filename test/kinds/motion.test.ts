import { expect, test } from 'vitest'
import { motionOf } from '../../src/kinds/motion.ts'

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
  ['Dropping', 'being deleted'],
  ['Updating', 'changing'],
  ['Starting', 'changing'],
  ['Stopping', 'changing'],
  ['Restarting', 'changing']
])('a resource that is %s is %s', (state, motion) => expect(motionOf({ state })).toBe(motion))

test('a resource of which Azure gives no state is at rest', () => expect(motionOf({})).toBe('at rest'))
