import type { Ending } from '../model/ending.ts'
import type { PlanDocument } from './plan.generated.ts'
import { validate } from './planValidator.generated.ts'

/** ajv's function; its generated code has no types. */
interface Validate {
  (document: unknown): boolean
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}

const check: Validate = validate

/** Whether this is a plan document as the published schema has it: one that comes from elsewhere may be anything. */
export const isPlanDocument = (document: unknown): document is PlanDocument => check(document)

/** The first thing that keeps it from being a plan document; `undefined` where nothing does. */
export function planProblem(document: unknown): string | undefined {
  if (check(document)) return undefined
  const [error] = check.errors ?? []
  return error === undefined ? 'it is no plan' : `${error.instancePath || 'the document'} ${error.message ?? 'is wrong'}`
}

/** How `plan --detailed-exitcode` ended that made these. */
export function planEnding(documents: readonly PlanDocument[]): Ending {
  if (documents.some(({ errored }) => errored)) return 'refused'
  return documents.some(({ steps }) => steps.length > 0) ? 'changes' : 'ok'
}
