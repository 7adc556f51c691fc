import * as core from '@actions/core'
import { exitCodes } from '../host/exitCodes.ts'
import type { Ending } from '../model/ending.ts'

/** Does the work of a step and ends the process with its code, when everything that was written is written. */
export async function endWith(runner: NodeJS.Process, work: () => Promise<Ending>): Promise<never> {
  const outputs = [runner.stdout, runner.stderr]
  // A reader that went away must not keep locks from being restored.
  for (const stream of outputs) stream.on('error', () => undefined)
  let code: Ending
  try {
    code = await work()
  } catch (error) {
    const { errorLine } = await import('../engine/errorText.ts')
    core.error(`pglink has a bug: ${errorLine(error)}. Please report it with this line and, without secrets, the workflow.`)
    code = 'error'
  }
  await Promise.all(outputs.map(stream => new Promise<void>(resolve => stream.write('', () => resolve()))))
  return runner.exit(exitCodes[code])
}
