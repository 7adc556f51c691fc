import { restore } from '../cli/locks.ts'
import { inspect } from './inspect.ts'
import { saveBegun } from './state.ts'
import { type Ended, type Step, tried } from './step.ts'

/** Restores what an apply lifted: on this machine by its journal, on any other by what is remembered in Azure. */
export async function restoreStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const { files } = await inspect(step, 'plan')
  saveBegun(inputs, files, terminal.cwd)
  return { ...(await tried(restore, files, inputs.flags, terminal)), outputs: {} }
}
