import { verify } from '../cli/verify.ts'
import { verifyFormatVersion } from '../document/verifyJson.ts'
import { jsonText } from '../model/printable.ts'
import { fenced } from '../report/markdownText.ts'
import { plain } from '../report/style.ts'
import { verifyText } from '../report/verifyText.ts'
import { inspect } from './inspect.ts'
import { artifactOf, type Ended, type Step, saved, tried } from './step.ts'
import { workflowsOf } from './workflows.ts'

/** Looks at each private path hop by hop, with requests that only read. */
export async function verifyStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const { files } = await inspect(step, 'plan')
  const quiet = { ...terminal.quietly(), ...workflowsOf(step) }
  const { code, why, documents } = await tried(verify, files, { ...inputs.flags, json: true }, quiet)
  const [first] = documents
  if (first === undefined) return { code, why, outputs: {} }
  const texts = documents.map(document => verifyText(document, plain))
  for (const text of texts) terminal.out(text)
  const line = documents.map(({ verdict }) => verdict.text).join(' ')
  const json = jsonText(documents.length === 1 ? first : { format_version: verifyFormatVersion, verified: documents })
  return {
    code,
    why: why || line,
    outputs: { summary: line, 'verify-file': saved(step, 'verify.json', json), ...artifactOf(step) },
    summary: room => summaryOf(line, texts.join('\n').split('\n'), room)
  }
}

/** The hops as they stand in the log, and no more lines than there is room for. */
function summaryOf(line: string, lines: readonly string[], bytesMax: number): string {
  let [kept, bytes] = [0, Buffer.byteLength(line) + 400]
  for (const one of lines) {
    // A fence is as long as what stands in it wants, at most as that itself.
    bytes += 2 * Buffer.byteLength(one) + 1
    if (bytes > bytesMax) break
    kept += 1
  }
  const left = lines.length - kept
  return `### ${line}\n\n${fenced('', lines.slice(0, kept))}\n${left > 0 ? `\n${left} more lines are in the log.\n` : ''}`
}
