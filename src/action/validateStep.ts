import { sarifText } from '../cli/outputs.ts'
import { validate } from '../cli/validate.ts'
import { counted } from '../model/counted.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { codeInTable, proseInTable, shortened } from '../report/markdownText.ts'
import { inspect } from './inspect.ts'
import { artifactOf, type Ended, type Step, saved, tried } from './step.ts'

/** Checks the files without any login: what is wrong stands beside its line in the pull request. */
export async function validateStep(step: Step): Promise<Ended> {
  const { inputs, terminal } = step
  const { files, diagnostics } = await inspect(step, 'validate')
  const tries = await tried(validate, files, inputs.flags, terminal)
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const line =
    errors === 0
      ? `${counted(files.length, 'topology file')} valid.`
      : `${counted(errors, 'error')} in ${counted(files.length, 'topology file')}.`
  return {
    code: tries.code,
    why: tries.why || line,
    outputs: {
      summary: line,
      'sarif-path': saved(step, 'pglink.sarif', await sarifText(diagnostics, [], terminal)),
      ...artifactOf(step)
    },
    summary: room => summaryOf(line, diagnostics, room)
  }
}

const textMax = 400

/** The worst first, and whole rows only. */
function summaryOf(line: string, diagnostics: readonly Diagnostic[], bytesMax: number): string {
  const row = ({ severity, rule, summary, range }: Diagnostic): string => {
    const place = range ? `${range.file}:${range.start.line}:${range.start.column}` : ''
    return `| ${severity} | ${codeInTable(rule)} | ${codeInTable(shortened(place, textMax))} | ${proseInTable(shortened(summary, textMax))} |`
  }
  const rows = [...diagnostics].sort((one, other) => one.severity.localeCompare(other.severity)).map(row)
  if (rows.length === 0) return `### ${line}\n`
  const head = [`### ${line}`, '', '| | Rule | Where | What |', '|:--|:--|:--|:--|']
  const kept = rows.filter((_, index) => Buffer.byteLength([...head, ...rows.slice(0, index + 1)].join('\n')) < bytesMax - 200)
  const left = rows.length - kept.length
  return `${[...head, ...kept, ...(left > 0 ? ['', `${left} more are in the log.`] : [])].join('\n')}\n`
}
