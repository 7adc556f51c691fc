import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { Stop } from '../engine/stop.ts'
import { writeSummary } from '../github/summary.ts'
import { exitCodes } from '../host/exitCodes.ts'
import { problemBody } from '../host/problem.ts'
import type { Ending } from '../model/ending.ts'
import { bytesLeast } from '../report/markdown.ts'
import { prose } from '../report/markdownText.ts'
import { type Context, contextOf, earlierRunOf } from './event.ts'
import { type CommandName, type Inputs, readInputs } from './inputs.ts'
import { type Runner, runnerTerminal } from './runnerTerminal.ts'
import { type Ended, isOwn, type Step, sentenceOf, told, type Work } from './step.ts'
import { surroundings } from './surroundings.ts'
import { verdictOf } from './verdict.ts'

/** The work of each command, loaded when it is asked for. */
const works: Readonly<Record<CommandName, () => Promise<Work>>> = {
  validate: async () => (await import('./validateStep.ts')).validateStep,
  plan: async () => (await import('./planStep.ts')).planStep,
  apply: async () => (await import('./applyStep.ts')).applyStep,
  drift: async () => (await import('./driftStep.ts')).driftStep,
  verify: async () => (await import('./verifyStep.ts')).verifyStep,
  check: async () => (await import('./checkStep.ts')).checkStep,
  'locks-restore': async () => (await import('./restoreStep.ts')).restoreStep,
  approved: async () => (await import('./approvedStep.ts')).approvedStep,
  comment: async () => (await import('./commentStep.ts')).commentStep
}

/** Does what the step asks for, says how it ended in outputs and in the job's summary, and gives the exit code of the step. */
export async function main(runner: Runner): Promise<Ending> {
  const plain = runnerTerminal(runner, { env: runner.env, cwd: runner.cwd(), asJob: false })
  try {
    const inputs = readInputs(name => core.getInput(name))
    const context = contextOf(runner.env, runner.cwd())
    const step = stepOf(runner, inputs, context)
    const work = await works[inputs.command]()
    return report(await work(step), step)
  } catch (error) {
    const code = await told(error, { ...plain, err: () => undefined })
    const message = isOwn(error) ? sentenceOf(error) : problemBody(error, plain).trim()
    core.setOutput('exit-code', exitCodes[code])
    core.setOutput('failure-reason', verdictOf(code, 'error').reason)
    core.error(message)
    return code
  }
}

function stepOf(runner: Runner, inputs: Inputs, context: Context): Step {
  // A workflow of that event runs with the secrets of the base branch: with the files of a stranger there, they would be his.
  if (context.event === 'pull_request_target')
    throw new Stop(
      'refused',
      'This does not run on pull_request_target. Use pull_request, and workflow_run for what needs a token that writes.'
    )
  // So does one of workflow_run, and the run before it may be a stranger's, of a branch and a workflow that are called as he likes.
  if (earlierRunOf(context)?.fork && inputs.command !== 'comment')
    throw new Stop(
      'refused',
      'The run before this one was of a fork: after it, only the command comment runs. Let the job run only if github.event.workflow_run.head_repository.full_name == github.repository.'
    )
  const cwd = resolve(context.workspace, inputs.workingDirectory)
  const folder = join(context.temp, `pglink-${folderName(inputs.label)}`)
  mkdirSync(folder, { recursive: true })
  return { inputs, context, folder, terminal: runnerTerminal(runner, surroundings(runner.env, inputs, cwd)) }
}

/** Also the name of an artifact, which may hold no slash, colon or quote. */
const folderName = (label: string): string => label.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'plan'

/** A path that is broken is what verify is asked about: with error it fails the step, which drift does not. */
const failOnOf = ({ command, failOn }: Inputs): Inputs['failOn'] => (command === 'verify' && failOn === 'error' ? 'drift' : failOn)

function report({ code, outputs, why, summary }: Ended, { inputs, context }: Step): Ending {
  const { failed, reason, message } = verdictOf(code, failOnOf(inputs), why)
  for (const [name, value] of Object.entries({
    ...outputs,
    'exit-code': exitCodes[code],
    'failure-reason': reason,
    'run-url': context.runUrl
  }))
    core.setOutput(name, value)
  const failure = `### pglink ${inputs.command}\n\n${prose(message)}\n`
  const text = summary ?? (failed ? () => failure : undefined)
  if (inputs.jobSummary && text !== undefined) writeSummary(context.summaryFile, room => (room < bytesLeast ? failure : text(room)))
  if (failed) core.error(message)
  return failed ? code : 'ok'
}
