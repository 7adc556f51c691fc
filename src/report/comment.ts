import type { PlanDocument } from '../document/plan.generated.ts'
import type { MarkdownReport } from './budget.ts'
import { bytesOf } from './budget.ts'
import { bytesLeast, type MarkdownOptions, markdownOf } from './markdown.ts'
import { alert, code, shortened } from './markdownText.ts'
import { type MarkedPlan, type Marker, markerLine, parseMarker } from './planMarker.ts'

/**
 * GitHub says 65,536 characters and has been seen to count characters, UTF-16 units and bytes, depending on the place
 * [GH dead-claudia/github-limits#13]. Text of fewer bytes than that is short enough in each.
 */
export const commentMax = 65_536

/** For what is put above a comment later: that it is outdated. */
const bannerMax = 1_024

/** A job summary of more than 1 MiB is dropped whole [GH actions/runner#4337]; other parts of the step write to it, too. */
const summaryMax = 1_000_000

export interface CommentContext {
  /** Tells the comments of one pull request from each other. */
  readonly label: string
  /** The commit that was planned. */
  readonly head: string
  /** The commit of the base branch that it was planned upon. */
  readonly base?: string
  /** The address of the run. */
  readonly run: string
  /** Where the whole plan can be had. */
  readonly artifactUrl?: string
  /** The exit code of the command. */
  readonly exit: number
  /** How to apply, in Markdown, when it is not by the command line. */
  readonly apply?: string
  /** The commit that came after it, when the plan is outdated while it is written. */
  readonly outdated?: string
}

/**
 * The body of a comment: a marker in the first line, and the plans. Always shorter than GitHub allows, with room for the
 * line that says that it is outdated.
 */
export function commentBody(documents: readonly PlanDocument[], context: CommentContext): string {
  // The marker says whether anything was left out, and is part of what there must be room for: it is as long either way.
  const line = (truncated: boolean): string => markerLine(markerOf(documents, context, truncated))
  const maxBytes = commentMax - bannerMax - bytesOf(line(false)) - 1
  const { text, truncated } = markdownOf(documents, optionsOf(context, maxBytes))
  const body = `${line(truncated)}\n${text}`
  return context.outdated === undefined ? body : markOutdatedBody(body, context.outdated)
}

/**
 * The same for the summary of a job, which is in no danger of being taken for a comment, and may be longer. With less room
 * than a plan needs there is no text.
 */
export function summaryBody(
  documents: readonly PlanDocument[],
  context: Pick<CommentContext, 'head' | 'artifactUrl' | 'apply'>,
  maxBytes = summaryMax
): MarkdownReport {
  if (maxBytes < bytesLeast) return { text: '', truncated: true, leftOut: ['the plan'] }
  return markdownOf(documents, optionsOf(context, maxBytes))
}

type ForOptions = Pick<CommentContext, 'head' | 'artifactUrl' | 'apply'> & { readonly run?: string }

const optionsOf = ({ head, run, artifactUrl, apply }: ForOptions, maxBytes: number): MarkdownOptions => ({
  maxBytes,
  head,
  links: { run, artifact: artifactUrl },
  ...(apply !== undefined && { apply })
})

function markerOf(documents: readonly PlanDocument[], { label, head, base = '', run, exit }: CommentContext, truncated: boolean): Marker {
  const [first, ...further] = documents.map(markedPlan)
  return {
    v: 1,
    label,
    ...(first ?? { file: '', digest: null }),
    head,
    ...(base !== '' && { base }),
    exit,
    truncated,
    run,
    ...(further.length > 0 && { also: further })
  }
}

/** A plan that is refused, or says nothing of Azure, is none that a person can approve. */
const markedPlan = ({ topology, digest, errored, source }: PlanDocument): MarkedPlan => ({
  file: topology.path,
  digest: errored || source === 'base branch' ? null : digest
})

const outdatedTitle = '**Outdated.**'
const bannerBegins = `> [!WARNING]\n> ${outdatedTitle}`

function bannerOf(newer: string | undefined): string {
  const what =
    newer === undefined
      ? 'The pull request has moved on since this plan was made.'
      : `The pull request has moved on to ${code(shortened(newer, 64))} since this plan was made.`
  return alert('WARNING', [`${outdatedTitle} ${what} It can no longer be applied.`])
}

/**
 * The comment with a banner above its plan that says it is outdated. Nothing else changes, and a banner that is there is
 * replaced. A body that is none of ours comes back as it is.
 *
 * @param newer the commit that the pull request is at now.
 */
export function markOutdatedBody(body: string, newer?: string): string {
  if (parseMarker(body) === undefined) return body
  const text = body.replaceAll('\r\n', '\n')
  const [line = ''] = text.split('\n', 1)
  const below = text.slice(line.length + 1)
  const plan = below.startsWith(bannerBegins) ? below.slice(below.indexOf('\n\n') + 2) : below
  const marked = `${line}\n${bannerOf(newer)}\n\n${plan}`
  return bytesOf(marked) <= commentMax ? marked : `${line}\n${bannerOf(newer)}\n\nThe plan was too long to be kept here.\n`
}

/** Whether the comment says that it is outdated. */
export const isOutdatedBody = (body: string): boolean =>
  body.replaceAll('\r\n', '\n').split('\n').slice(1).join('\n').startsWith(bannerBegins)
