import type { VerifyDocument } from '../../src/document/verify.generated.ts'

/**
 * Where verify and the witness do not agree on a converged estate, a sentence each: nothing is ✗ where the witness finds nothing, and verify is
 * silent only where the witness is.
 */
export function misjudged(
  { stdout, stderr, code }: { readonly stdout: string; readonly stderr: string; readonly code: number | null },
  witness: readonly string[]
): string[] {
  const { paths } = JSON.parse(stdout === '' ? '{}' : stdout) as Partial<VerifyDocument>
  if (paths === undefined) return [`verify has no document: ${stderr}`]
  const crosses = paths.flatMap(({ address, hops }) =>
    hops.flatMap(({ as, message }) => (as === 'broken' ? [`${address}: ${message}`] : []))
  )
  return [
    ...(witness.length === 0 ? crosses.map(line => `verify says ✗ of a converged estate: ${line}`) : []),
    ...(code === 0 ? witness.map(line => `verify ends with 0, and ${line}`) : []),
    ...(code === 0 || code === 3 || code === 7 ? [] : [`verify ends with ${code}: ${stderr}`])
  ]
}
