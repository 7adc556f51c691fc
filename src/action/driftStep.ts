import { drift } from '../cli/drift.ts'
import type { DriftDocument, DriftEntry } from '../document/drift.generated.ts'
import { driftFormatVersion } from '../document/driftJson.ts'
import { annotate, annotationsOf, type Finding } from '../github/annotations.ts'
import { repositoryOf } from '../github/client.ts'
import { type IssueOutcome, issueBodyMax, reportDrift } from '../github/issue.ts'
import { counted } from '../model/counted.ts'
import { jsonText } from '../model/printable.ts'
import { driftHtmlOf } from '../report/driftHtml.ts'
import { driftMarkdownOf } from '../report/driftMarkdown.ts'
import { driftText } from '../report/driftText.ts'
import { styleOf } from '../report/style.ts'
import { artifactsOf, clientOf, softly } from './hub.ts'
import { inspect } from './inspect.ts'
import { artifactOf, type Ended, type Outputs, type Step, saved, tried } from './step.ts'
import { workflowsOf } from './workflows.ts'

/** Looks for drift, with requests that only read, and keeps the one issue of each topology true. */
export async function driftStep(step: Step): Promise<Ended> {
  const { inputs, terminal, context } = step
  const { files } = await inspect(step, 'plan')
  const { code, why, documents } = await tried(
    drift,
    files,
    { ...inputs.flags, json: true },
    { ...terminal.quietly(), ...workflowsOf(step) }
  )
  if (documents.length === 0) return { code, why, outputs: {} }
  for (const document of documents) terminal.out(driftText(document, styleOf({ color: false, unicode: true })))
  if (inputs.annotations) annotate(annotationsOf(documents.flatMap(findingsOf), { workspace: context.workspace, directory: terminal.cwd }))
  const issues: Outputs = inputs.driftIssue ? await keepIssues(step, documents) : {}
  // They are as they would be written, which no secret is in.
  const [first] = documents
  const json = jsonText(documents.length === 1 ? first : { format_version: driftFormatVersion, drifts: documents })
  const links = { run: context.runUrl, artifact: artifactsOf(context.runUrl) }
  return {
    code,
    why: why || lineOf(documents),
    outputs: {
      drift: documents.some(hasDrift),
      summary: lineOf(documents),
      'drift-file': saved(step, 'drift.json', json),
      'markdown-path': saved(step, 'drift.md', driftMarkdownOf(documents).text),
      'html-path': saved(step, 'drift.html', driftHtmlOf(documents)),
      ...artifactOf(step),
      ...issues
    },
    summary: room => driftMarkdownOf(documents, { maxBytes: room, links }).text
  }
}

const counting = ({ entries }: DriftDocument): readonly DriftEntry[] => entries.filter(({ counts }) => counts)
const hasDrift = (document: DriftDocument): boolean => counting(document).length > 0

function lineOf(documents: readonly DriftDocument[]): string {
  const resources = new Set(documents.flatMap(document => counting(document).map(({ address }) => `${document.topology.path} ${address}`)))
  const unread = documents.filter(({ complete }) => !complete).length
  const gaps = unread === 0 ? '' : ` Not everything could be read of ${counted(unread, 'file')}.`
  if (resources.size > 0) return `Drift in ${counted(resources.size, 'resource')}.${gaps}`
  return gaps === '' ? 'No drift.' : `No drift is known.${gaps}`
}

const findingsOf = (document: DriftDocument): Finding[] =>
  counting(document).map(({ class: of, address, message, source }) => ({
    severity: 'warning',
    title: `Drift: ${of}`,
    message: `${address}: ${message}`,
    ...(source && { place: source })
  }))

async function keepIssues(step: Step, documents: readonly DriftDocument[]): Promise<Outputs> {
  const { inputs, context } = step
  const client = clientOf(step)
  if (client === undefined) return {}
  const numbers: number[] = []
  for (const document of documents) {
    const { name, path, env } = document.topology
    const outcome: IssueOutcome | undefined = await softly(() =>
      reportDrift(client, repositoryOf(context), {
        // The same however many files the step looks at: a topology keeps its issue when another comes beside it.
        label: [inputs.labelGiven, path, env ?? ''].filter(part => part !== '').join(' '),
        title: `Drift: ${name}${env === null ? '' : ` (${env})`}`,
        body: driftMarkdownOf([document], { maxBytes: issueBodyMax, links: { run: context.runUrl, artifact: artifactsOf(context.runUrl) } })
          .text,
        addresses: counting(document).map(({ address }) => address),
        // Drift that is only unknown begins no issue, and ends none.
        clean: !hasDrift(document),
        complete: document.complete,
        run: context.runUrl,
        labels: inputs.driftIssueLabels
      })
    )
    if (outcome && outcome.kind !== 'none') numbers.push(outcome.number)
  }
  const [number] = numbers
  return number === undefined ? {} : { 'issue-number': number }
}
