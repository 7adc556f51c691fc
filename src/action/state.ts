import * as core from '@actions/core'
import { isBody } from '../model/json.ts'
import type { Inputs } from './inputs.ts'
import type { Login } from './surroundings.ts'

/** Facts that the post step needs to restore locks: where they were lifted from, and who signs in. No secret is among them. */
export interface Begun extends Login, Pick<Inputs, 'flags'> {
  readonly cwd: string
  readonly files: readonly string[]
}

const name = 'begun'

/** Said before the first write: a step that is killed says nothing afterwards. */
export const saveBegun = ({ clientId, tenantId, subscriptionId, flags }: Inputs, files: readonly string[], cwd: string): void =>
  core.saveState(name, JSON.stringify({ cwd, files, flags, clientId, tenantId, subscriptionId } satisfies Begun))

/** `undefined` where nothing was begun that could have lifted a lock. */
export function readBegun(): Begun | undefined {
  const text = core.getState(name)
  if (text === '') return undefined
  const value: unknown = JSON.parse(text)
  // It was written by the function above, and only the runner has it in between.
  return isBody(value) ? (value as unknown as Begun) : undefined
}
