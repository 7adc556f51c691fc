import * as core from '@actions/core'
import { plan } from '../cli/plan.ts'
import { planTexts } from '../cli/planTexts.ts'
import type { PlanDocument } from '../document/plan.generated.ts'
import { againstBase } from '../engine/verdict.ts'
import { annotate, annotationsOf, type Finding } from '../github/annotations.ts'
import { exitCodes } from '../host/exitCodes.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { summaryBody } from '../report/comment.ts'
import { onBaseBranch } from './baseBranch.ts'
import { type PullRequest, pullRequestOf } from './event.ts'
import { artifactsOf, commentPlan, markEarlier } from './hub.ts'
import { inspect } from './inspect.ts'
import { type Plans, planOutputs, plansFor, tokenWarning } from './plans.ts'
import { artifactOf, type Ended, type Step, saved, tried } from './step.ts'

/**
 * Plans, and shows the plan where it is looked for: in the log, in files for an artifact, in the summary of the job and in the pull
 * request. The pull request of a fork has no way to Azure and no token that writes: its plan is made against a sandbox, and its comment is
 * written by another run.
 */
export async function planStep(step: Step): Promise<Ended> {
  const { inputs, terminal, folder, context } = step
  const pull = pullRequestOf(context)
  const base = inputs.base || (pull?.fork ? pull.baseSha : '')
  const commented = pull !== undefined && base === '' && inputs.comment !== 'false' ? pull : undefined
  if (commented) await markEarlier(step, commented)
  const ground = base === '' ? { flags: inputs.flags, terminal } : await onBaseBranch(step, base)
  const { files, sound, diagnostics } = await inspect(
    { inputs: { ...inputs, flags: ground.flags }, terminal: ground.terminal, context },
    'plan'
  )
  // We plan none of several files before all are sound: the command says what is wrong with them.
  if (!sound) return { ...(await tried(plan, files, ground.flags, ground.terminal)), outputs: {} }
  const plans = await plansFor({ files, ...ground, folder })
  const made = base === '' ? plans : { ...plans, documents: plans.documents.map(asOfBase) }
  if (made.documents.length === 0) return { code: made.code, why: made.why, outputs: {} }
  const warning = tokenWarning(made.documents, terminal.goodUntil(), Date.now())
  if (warning !== undefined) core.warning(warning)
  return shown(step, { ...made, diagnostics }, commented)
}

const asOfBase = (document: PlanDocument): PlanDocument => ({
  ...document,
  source: 'base branch',
  verdict: againstBase(document.verdict)
})

interface Shown extends Plans {
  readonly diagnostics: readonly Diagnostic[]
}

async function shown(step: Step, { code, why, documents, text, diagnostics }: Shown, pull: PullRequest | undefined): Promise<Ended> {
  const { inputs, context, terminal } = step
  const texts = planTexts(documents, diagnostics, terminal)
  const head = pullRequestOf(context)?.head ?? context.sha
  if (inputs.annotations) annotate(annotationsOf(documents.flatMap(refusalsOf), { workspace: context.workspace, directory: terminal.cwd }))
  const comment = pull ? await commentPlan(step, pull, { documents, exit: exitCodes[code] }) : {}
  return {
    code,
    why,
    outputs: {
      ...planOutputs(documents),
      'plan-file': saved(step, 'plan.json', texts.json()),
      'text-plan-path': saved(step, 'plan.txt', text),
      'markdown-path': saved(step, 'plan.md', await texts.markdown()),
      'html-path': saved(step, 'plan.html', await texts.html()),
      'sarif-path': saved(step, 'pglink.sarif', await texts.sarif()),
      ...artifactOf(step),
      ...comment
    },
    summary: room => summaryBody(documents, { head, artifactUrl: artifactsOf(context.runUrl) }, room).text
  }
}

const refusalsOf = ({ refusals }: PlanDocument): Finding[] =>
  refusals.map(({ code, message, source }) => ({ severity: 'error', title: code, message, ...(source && { place: source }) }))
