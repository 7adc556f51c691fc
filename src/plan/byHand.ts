import { kindOf } from '../kinds/index.ts'
import type { Change, Note } from '../model/change.ts'

/** Notes on the work of a person elsewhere, before what a plan writes does what it is for. */
export const workByHand = (changes: readonly Change[]): Note[] =>
  changes.flatMap(change => {
    if (change.op === 'delete') return []
    const fields = change.op === 'update' ? new Set(change.fields.map(({ field }) => field)) : undefined
    const { props, path, address } = change.resource
    const message = kindOf(change.resource).byHand?.(props, fields, path)
    return message === undefined ? [] : [{ address, message }]
  })
