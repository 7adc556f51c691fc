import { expect, test } from 'vitest'
import { errorLine, explained } from '../../src/engine/errorText.ts'

const failure = (code: string, more: object): Error => Object.assign(new Error(`${code}: as the system says it`), { code, ...more })

test.each([
  ['ENOSPC', 'write', 'could not be written: the disk is full (ENOSPC).'],
  ['EDQUOT', 'fsync', 'could not be written: the quota of the disk is used up (EDQUOT).'],
  ['EFBIG', 'write', 'could not be written: it may not grow any longer (EFBIG).'],
  ['EROFS', 'open', 'could not be opened: the disk is read-only (EROFS).'],
  ['EACCES', 'mkdir', 'could not be made: it is not permitted (EACCES).'],
  ['EIO', 'read', 'could not be read: the disk has an error (EIO).']
])('%s at a %s is no bug, and names the file', (code, syscall, text) => {
  const error = failure(code, { syscall, path: '/data/journal\u001b[2J.ndjson' })
  expect(errorLine(error)).toBe(`The file /data/journal\\u001b[2J.ndjson ${text}`)
  expect(explained(error)?.next).toMatch(/Finished steps stay done: run the same command again/)
  expect(errorLine(failure(code, { syscall }))).toBe(`A file ${text}`)
})

test.each([
  ['EACCES', 'connect'],
  ['EACCES', 'spawn az'],
  ['ENOENT', 'open']
])('%s at a %s is not explained with the disk', (code, syscall) => {
  expect(explained(failure(code, { syscall }))).toBeUndefined()
})
