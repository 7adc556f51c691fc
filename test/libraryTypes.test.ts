import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkout, project } from './support/program.ts'

test('its types are there for a strict program, and hold', () => {
  const consumer = (
    wrong: string
  ): string => `import { apply, type ApplyOutcome, drift, type DriftDocument, type Estate, htmlOf, markdownOf, mermaidOf, PglinkError, plan, type PlanDocument, svgOf, type TopologyGraph, validate, verify, type VerifyDocument } from 'pglink'

export async function main(signal: AbortSignal): Promise<number> {
  const estate: Estate = { azure: 'default' }
  const environment = { AZURE_SUBSCRIPTION_ID: process.env['AZURE_SUBSCRIPTION_ID'] }
  const { plans } = await plan({ files: ['topology.yaml'], estate, environment, maxDeletes: undefined${wrong} })
  const [first]: readonly PlanDocument[] = plans
  if (first === undefined) return 0
  const graph: TopologyGraph = first.graph
  const drifts: readonly DriftDocument[] = (await drift({ estate })).drifts
  const texts: readonly string[] = [markdownOf(plans).text, htmlOf(plans), mermaidOf(graph), svgOf(graph), drifts[0]?.entries[0]?.message ?? '']
  const valid: boolean = (await validate()).valid
  const verified: readonly VerifyDocument[] = (await verify({ estate, signal })).verified
  try {
    const outcome: ApplyOutcome = await apply({ estate, planDigest: first.digest, signal, onEvent: event => void event['@message'].length })
    return outcome.applies.length + texts.length + Number(valid) + verified.flatMap(({ paths }) => paths.flatMap(({ hops }) => hops.map(({ as }) => as))).length
  } catch (error) {
    return error instanceof PglinkError ? error.code + error.diagnostics.length + (error.outcome?.applies.length ?? 0) : 1
  }
}
`
  const compilerOptions = {
    target: 'es2023',
    module: 'node16',
    moduleResolution: 'node16',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(checkout, 'node_modules/@types')]
  }
  const here = project({ 'tsconfig.json': JSON.stringify({ compilerOptions, files: ['right.ts'] }), 'right.ts': consumer('') })
  const tsc = (): string => {
    try {
      return execFileSync(process.execPath, [join(checkout, 'node_modules/typescript/bin/tsc')], { cwd: here.path, encoding: 'utf8' })
    } catch (error) {
      return String((error as { readonly stdout?: string }).stdout)
    }
  }
  expect(tsc()).toBe('')
  here.write('right.ts', consumer(", prune: 'yes'"))
  expect(tsc()).toMatch(/right\.ts\(6,\d+\): error TS2322/)
}, 60_000)
