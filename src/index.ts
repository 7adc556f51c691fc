// The library. It does for a program what the command line does: nothing is printed, no process is ended, no signal is caught.

export type { AppliedStep, ApplyDocument as AppliedDocument } from './document/apply.generated.ts'
export type { DriftDocument } from './document/drift.generated.ts'
export type { PlanDocument, TopologyGraph } from './document/plan.generated.ts'
export type { VerifyDocument } from './document/verify.generated.ts'
export type { EstateOption as Estate, SandboxOptions } from './engine/options.ts'
export { PglinkError } from './library/error.ts'
export type { ApplyOptions, DriftOptions, FileOptions, PglinkEvent, PlanOptions, VerifyOptions } from './library/options.ts'
export type {
  ApplyOutcome,
  DriftResult,
  FileDiagnostic,
  FilePoint,
  FileRange,
  FileSnippet,
  PlanResult,
  ValidateResult,
  VerifyResult
} from './library/results.ts'
export { apply, drift, plan, validate, verify } from './library/run.ts'
export type { MarkdownReport } from './report/budget.ts'
export { dotOf } from './report/dot.ts'
export { type DriftMarkdown, type DriftMarkdownOptions, driftMarkdownOf } from './report/driftMarkdown.ts'
export { htmlOf } from './report/html.ts'
export { type MarkdownOptions, markdownOf } from './report/markdown.ts'
export { type MermaidOptions, mermaidOf } from './report/mermaid.ts'
export { type SvgOptions, svgOf } from './report/svg.ts'
