import { printable } from '../model/printable.ts'
import { code, link, shortened } from '../report/markdownText.ts'
import { type GithubClient, makeOnce, type Repository } from './client.ts'
import { type DriftMarker, driftMarker, driftMarkerLine, driftMarkerMax, labelIn, parseDriftMarker } from './driftMarker.ts'
import { asked, isRefused } from './refusal.ts'

/** The most that a report may take: GitHub refuses an issue of more than 65,536 characters [GH trstringer/manual-approval#89]. */
export const issueBodyMax = 65_536 - driftMarkerMax - 100

/** The result of a check, for one topology. */
export interface DriftReport {
  /** One issue for each. */
  readonly label: string
  readonly title: string
  /** Markdown, at most {@link issueBodyMax} characters. */
  readonly body: string
  /** Where anything drifted. */
  readonly addresses: readonly string[]
  readonly clean: boolean
  /** `false`: something could not be read, declared or not, so that we do not know whether all that was found before is gone. */
  readonly complete: boolean
  /** The address of the run that looked. */
  readonly run: string
  /** Names of labels for a new issue; those that the repository does not have are made. */
  readonly labels: readonly string[]
}

export type IssueOutcome =
  /** Nothing drifted, and there is no open issue. */
  | { readonly kind: 'none' }
  | {
      /** `kept-open`: nothing is known to drift any more, but not everything could be read. */
      readonly kind: 'created' | 'updated' | 'unchanged' | 'reopened' | 'closed' | 'kept-open'
      readonly number: number
      readonly url: string
    }

interface OwnIssue {
  readonly number: number
  readonly url: string
  readonly title: string
  readonly body: string
  readonly isOpen: boolean
  readonly marker: DriftMarker
}

/**
 * Keeps the one issue of a topology's drift: written when something drifts, said anew when something else does, opened
 * again when it comes back, and closed after a check that was clean and saw everything. An issue is ours when our account
 * wrote it and its first line is our marker: others are never touched.
 *
 * @throws GithubRefusal
 */
export async function reportDrift(client: GithubClient, where: Repository, report: DriftReport): Promise<IssueOutcome> {
  const own = await ownIssues(client, where, report.label)
  const [kept, ...others] = own
  if (!kept) return report.clean ? { kind: 'none' } : create(client, where, report)
  for (const other of others.filter(({ isOpen }) => isOpen)) await closeDuplicate(client, where, other, kept)
  if (!report.clean) return tell(client, where, kept, report)
  if (!kept.isOpen) return { kind: 'none' }
  return report.complete ? close(client, where, kept, report) : keepOpen(client, where, kept, report)
}

/** All of ours with the label, in whatever state; the one that goes on comes first: an open one, or else the oldest. */
async function ownIssues(client: GithubClient, where: Repository, label: string): Promise<readonly OwnIssue[]> {
  const author = await client.author()
  const all = await asked(`list the issues of ${where.owner}/${where.repo}`, () =>
    client.octokit.paginate('GET /repos/{owner}/{repo}/issues', { ...where, state: 'all', creator: author.login, per_page: 100 })
  )
  return all
    .flatMap(({ number, html_url: url, title, body, state, user, pull_request: pull }) => {
      // [GH docs, REST: list repository issues] Pull requests are issues, and are in this list.
      const marker = pull === undefined && user?.id === author.id ? parseDriftMarker(body ?? '') : undefined
      return marker?.label === labelIn(label) ? [{ number, url, title, body: body ?? '', isOpen: state === 'open', marker }] : []
    })
    .sort((one, other) => Number(other.isOpen) - Number(one.isOpen) || one.number - other.number)
}

async function create(client: GithubClient, where: Repository, report: DriftReport): Promise<IssueOutcome> {
  await ensureLabels(client, where, report.labels)
  const body = bodyOf(report, driftMarker(report.label, report.addresses))
  const made = await makeOnce<Pick<OwnIssue, 'number' | 'url'>>(
    'open an issue about the drift',
    async request => {
      const { data } = await client.octokit.request('POST /repos/{owner}/{repo}/issues', {
        ...where,
        title: titleOf(report),
        body,
        labels: [...report.labels],
        request
      })
      return { number: data.number, url: data.html_url }
    },
    async () => (await ownIssues(client, where, report.label))[0]
  )
  // Another run may have found nothing at the same time, and made one as well: the older one stays, for all runs.
  const [kept = made, ...others] = await ownIssues(client, where, report.label)
  for (const other of others.filter(({ isOpen }) => isOpen)) await closeDuplicate(client, where, other, kept)
  return { kind: 'created', number: kept.number, url: kept.url }
}

async function tell(client: GithubClient, where: Repository, kept: OwnIssue, report: DriftReport): Promise<IssueOutcome> {
  const marker = markerAfter(kept, report)
  const body = bodyOf(report, marker)
  const place = { number: kept.number, url: kept.url }
  if (!kept.isOpen) {
    await comment(client, where, kept, `Drift is back: ${found(report)}.`, report)
    await change(client, where, kept, { title: titleOf(report), body, state: 'open' })
    return { kind: 'reopened', ...place }
  }
  const news = marker.set === kept.marker.set ? undefined : newsOf(kept.marker, marker)
  // Said before it is noted down: a run that ends in between says it twice rather than never.
  if (news !== undefined) await comment(client, where, kept, news, report)
  if (sameText(kept, report, body)) return { kind: 'unchanged', ...place }
  await change(client, where, kept, { title: titleOf(report), body })
  return { kind: 'updated', ...place }
}

/** A resource that could not be read has not stopped drifting: after such a check, addresses are only added. */
function markerAfter({ isOpen, marker }: OwnIssue, { label, addresses, complete }: DriftReport): DriftMarker {
  if (complete || !isOpen) return driftMarker(label, addresses)
  const known = marker.addresses
  if (known === undefined) return addresses.length > marker.count ? driftMarker(label, addresses) : marker
  return driftMarker(label, [...known, ...addresses])
}

async function close(client: GithubClient, where: Repository, kept: OwnIssue, report: DriftReport): Promise<IssueOutcome> {
  await comment(client, where, kept, 'Nothing drifts any more, and everything could be read.', report)
  const body = bodyOf(report, driftMarker(report.label, []))
  await change(client, where, kept, { title: titleOf(report), body, state: 'closed', state_reason: 'completed' })
  return { kind: 'closed', number: kept.number, url: kept.url }
}

async function keepOpen(client: GithubClient, where: Repository, kept: OwnIssue, report: DriftReport): Promise<IssueOutcome> {
  const body = bodyOf(report, kept.marker)
  if (!sameText(kept, report, body)) await change(client, where, kept, { title: titleOf(report), body })
  return { kind: 'kept-open', number: kept.number, url: kept.url }
}

async function closeDuplicate(client: GithubClient, where: Repository, other: OwnIssue, kept: Pick<OwnIssue, 'number'>): Promise<void> {
  await say(client, where, other.number, `This drift is followed in #${kept.number}.`)
  await change(client, where, other, { state: 'closed', state_reason: 'not_planned' })
}

const bodyOf = ({ body }: DriftReport, marker: DriftMarker): string => `${driftMarkerLine(marker)}\n${body}`

/** [GH docs, REST: create an issue] The title is no Markdown, but mentions in it are shown as such; longer ones are refused. */
const titleOf = ({ title }: DriftReport): string => Array.from(printable(title)).slice(0, 120).join('')

const sameText = (kept: OwnIssue, report: DriftReport, body: string): boolean =>
  kept.title === titleOf(report) && kept.body.replaceAll('\r\n', '\n').trimEnd() === body.trimEnd()

type Changes = {
  readonly title?: string
  readonly body?: string
  readonly state?: 'open' | 'closed'
  readonly state_reason?: 'completed' | 'not_planned'
}

async function change(client: GithubClient, where: Repository, { number }: Pick<OwnIssue, 'number'>, changes: Changes): Promise<void> {
  await asked(`update issue #${number}`, () =>
    client.octokit.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', { ...where, issue_number: number, ...changes })
  )
}

async function comment(client: GithubClient, where: Repository, { number }: OwnIssue, text: string, { run }: DriftReport): Promise<void> {
  const seen = link('The run that looked', run)
  await say(client, where, number, seen === undefined ? text : `${text}\n\n${seen}`)
}

/** Not asked again when the answer is lost: at worst the news is missing, and the issue itself tells everything. */
async function say(client: GithubClient, where: Repository, number: number, text: string): Promise<void> {
  await asked(`comment on issue #${number}`, () =>
    client.octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...where,
      issue_number: number,
      body: text,
      request: { retries: 0 }
    })
  )
}

/** Names in one comment; more are in the issue. */
const namesMax = 20

function newsOf(before: DriftMarker, after: DriftMarker): string {
  if (before.addresses === undefined || after.addresses === undefined)
    return `The drift has changed: ${after.count} ${resources(after.count)} now, ${before.count} before.`
  const was = new Set(before.addresses)
  const is = new Set(after.addresses)
  const lines = [
    ['Drifts now, too', after.addresses.filter(address => !was.has(address))] as const,
    ['Drifts no more', before.addresses.filter(address => !is.has(address))] as const
  ]
  return lines.flatMap(([what, addresses]) => (addresses.length === 0 ? [] : [`${what}: ${names(addresses)}.`])).join('\n\n')
}

const found = ({ addresses }: DriftReport): string => names([...new Set(addresses)].sort())

function names(addresses: readonly string[]): string {
  const shown = addresses.slice(0, namesMax).map(address => code(shortened(address, 200)))
  const more = addresses.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

const resources = (count: number): string => (count === 1 ? 'resource' : 'resources')

/** Another run may make a label between our look and our write. */
async function ensureLabels(client: GithubClient, where: Repository, labels: readonly string[]): Promise<void> {
  for (const name of labels) {
    try {
      await asked(`look for label ${name}`, () => client.octokit.request('GET /repos/{owner}/{repo}/labels/{name}', { ...where, name }))
    } catch (error) {
      if (!isRefused(error, 'missing')) throw error
      await createLabel(client, where, name)
    }
  }
}

async function createLabel(client: GithubClient, where: Repository, name: string): Promise<void> {
  try {
    await asked(`make label ${name}`, () =>
      client.octokit.request('POST /repos/{owner}/{repo}/labels', {
        ...where,
        name,
        color: 'd93f0b',
        description: 'Azure differs from the topology file'
      })
    )
  } catch (error) {
    if (!isRefused(error, 'exists')) throw error
  }
}
