import * as core from '@actions/core'
import { restore } from '../cli/locks.ts'
import { dataDirOf } from '../engine/dataDir.ts'
import { owesAnything } from '../engine/journals.ts'
import type { Ending } from '../model/ending.ts'
import { type Runner, runnerTerminal } from './runnerTerminal.ts'
import { type Begun, readBegun } from './state.ts'
import { tried } from './step.ts'
import { surroundings } from './surroundings.ts'

/**
 * Restores every lock that the step before it may have left off, after success, failure and cancelling alike. Where nothing is owed it
 * cannot make a job fail: a login that is not there any more, say, matters only where there is something to do with it.
 */
export async function post(runner: Runner): Promise<Ending> {
  const begun = readBegun()
  if (begun === undefined) {
    core.info('No lock can have been lifted: nothing to restore.')
    return 'ok'
  }
  const terminal = runnerTerminal(runner, surroundings(runner.env, begun, begun.cwd))
  const { code, why } = await tried(restore, begun.files, begun.flags, terminal)
  if (code === 'ok') return 'ok'
  if (code !== 'lockNotRestored' && !owesHere(begun)) {
    core.warning(`The locks were not looked at again: ${why}. The journal of this run says that it left none off.`)
    return 'ok'
  }
  core.error(
    `A management lock may be off, and could not be restored: ${why}. Run pglink locks restore, or this action with command: locks-restore.`,
    { title: 'Lock not restored' }
  )
  return 'lockNotRestored'
}

/** Whether a journal on this machine says that something is off, or cannot say: of whatever topology, since the file may be another by now. */
const owesHere = ({ files, flags, cwd }: Begun): boolean => [...new Set(files.map(file => dataDirOf(file, flags, cwd)))].some(owesAnything)
