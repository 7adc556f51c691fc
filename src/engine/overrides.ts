import type { Judged } from '../drift/index.ts'
import type { Note, Plan } from '../model/change.ts'

/** Notes where the plan would write over a difference that the file agrees to: they name who agreed to it. */
export function overrideNotes({ changes }: Pick<Plan, 'changes'>, drift: readonly Judged[]): Note[] {
  const written = new Map(
    changes.flatMap(change => (change.op === 'delete' ? [] : [[change.resource.address, 'fields' in change ? change.fields : undefined]]))
  )
  return drift.flatMap(({ address, field, ignored }): Note[] => {
    if (ignored === undefined || !written.has(address)) return []
    const own = field?.replace(/^tags\/.*/, 'tags')
    const fields = written.get(address)
    if (own !== undefined && fields !== undefined && !fields.some(one => one.field === own)) return []
    const who = [ignored.owner, ignored.until === undefined ? undefined : `until ${ignored.until}`].flatMap(text => text ?? [])
    const agreed = `driftIgnore (${[...who, ignored.reason].join(', ')})`
    return [
      {
        address,
        message: `${field ?? 'it'} is written as the file has it, and overrides ${agreed}: take the value that is in Azure into the file to leave it`
      }
    ]
  })
}
