import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface PipelineStep {
  readonly bash?: string
  readonly task?: string
  readonly inputs?: { readonly azureSubscription: string; readonly scriptType: string; readonly inlineScript: string }
  readonly condition?: string
  readonly continueOnError?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export interface PipelineJob {
  readonly job?: string
  readonly deployment?: string
  readonly environment?: string
  readonly dependsOn?: string
  readonly condition?: string
  readonly timeoutInMinutes: number
  readonly steps?: readonly PipelineStep[]
  readonly strategy?: { readonly runOnce: { readonly deploy: { readonly steps: readonly PipelineStep[] } } }
}

export interface PipelineFile {
  readonly trigger: unknown
  readonly pr?: unknown
  readonly schedules?: readonly { readonly cron: string; readonly always: boolean }[]
  readonly variables: readonly { readonly group?: string; readonly name?: string; readonly value?: string }[]
  readonly jobs: readonly PipelineJob[]
}

const place = 'examples/pipelines'

/** The pipelines of the examples, by the name of the file. */
export const pipelines: ReadonlyMap<string, PipelineFile> = new Map(
  readdirSync(place)
    .filter(file => file.endsWith('.yml'))
    .map(file => [file, parse(readFileSync(`${place}/${file}`, 'utf8')) as PipelineFile])
)

export const stepsOf = ({ steps, strategy }: PipelineJob): readonly PipelineStep[] => steps ?? strategy?.runOnce.deploy.steps ?? []

/** The script of a step; '' where it has none. */
export const scriptOf = ({ bash, inputs }: PipelineStep): string => bash ?? inputs?.inlineScript ?? ''
