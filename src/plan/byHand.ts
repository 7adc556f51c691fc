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

/** Notes on the limits that the changed fields of what is there count towards, each once for a resource. */
export const limitsOf = (changes: readonly Change[]): Note[] =>
  changes.flatMap(change => {
    if (change.op !== 'update') return []
    const { resource, old, fields } = change
    const rules = kindOf(resource).fields
    const said = fields.flatMap(({ field }) => {
      const note = rules[field]?.note
      return (typeof note === 'function' ? note(old.props as object) : note) ?? []
    })
    return [...new Set(said)].map(message => ({ address: resource.address, message }))
  })
