import { defOf, type FlagName, flagNames, planFlags } from '../cli/flags.ts'
import { readFlags } from '../cli/flagValues.ts'
import { UsageError } from '../engine/stop.ts'
import { kebab } from '../model/kebab.ts'
import { labelMax } from '../report/planMarker.ts'

export const commandNames = ['validate', 'plan', 'apply', 'drift', 'verify', 'check', 'locks-restore', 'approved', 'comment'] as const
export type CommandName = (typeof commandNames)[number]

/** Inputs of the action alone, with what they are where nothing is given. */
const ownInputs = {
  command: '',
  file: '',
  label: '',
  'working-directory': '.',
  'client-id': '',
  'tenant-id': '',
  'subscription-id': '',
  'lock-client-id': '',
  'github-token': '',
  base: '',
  'plan-file': '',
  comment: 'true',
  'comment-mode': 'update',
  'drift-issue': 'true',
  'drift-issue-labels': 'drift',
  'fail-on': 'error',
  annotations: 'true',
  'job-summary': 'true'
} as const
type OwnInput = keyof typeof ownInputs

const everywhere: readonly string[] = ['command', 'working-directory', 'fail-on', 'job-summary', 'github-token']
const ofTopology: readonly string[] = ['file', 'label', 'annotations', 'env', 'env-file', 'allow-env', 'subscription-id']
const ofAzure: readonly string[] = [
  'client-id',
  'tenant-id',
  'lock-client-id',
  'data-dir',
  'sandbox',
  'sandbox-state',
  'sandbox-seed',
  'arm-endpoint',
  'max-reads-per-minute'
]
const ofPlan: readonly string[] = planFlags.map(kebab)

/** The inputs of each command. An input that it would pass over in silence is refused. */
const takes: Readonly<Record<CommandName, readonly string[]>> = {
  validate: [...everywhere, ...ofTopology],
  plan: [...everywhere, ...ofTopology, ...ofAzure, ...ofPlan, 'check-rights', 'base', 'comment', 'comment-mode'],
  apply: [...everywhere, ...ofTopology, ...ofAzure, ...ofPlan, 'plan-file', 'plan-digest', 'auto-approve', 'parallelism', 'resume'],
  drift: [...everywhere, ...ofTopology, ...ofAzure, 'baseline', 'who', 'drift-issue', 'drift-issue-labels'],
  verify: [...everywhere, ...ofTopology, ...ofAzure.filter(name => name !== 'lock-client-id')],
  check: [...everywhere, ...ofTopology, ...ofAzure, ...ofPlan, 'check-rights', 'plan-file', 'plan-digest'],
  'locks-restore': [...everywhere, ...ofTopology, ...ofAzure, 'keep', 'now', 'lift-inherited-locks'],
  approved: [...everywhere, 'file', 'label'],
  comment: [...everywhere, 'label', 'plan-file', 'comment-mode']
}

/** Inputs that are flags of the command line, under the same name. */
const flagInputs = flagNames.filter(name => Object.values(takes).flat().includes(kebab(name)))

export type Inputs = ReturnType<typeof readInputs>

/** Every input there is, with its default: action.yml says the same. */
export const inputDefaults: Readonly<Record<string, string>> = {
  ...ownInputs,
  ...Object.fromEntries(flagInputs.map(name => [kebab(name), '']))
}

/** The inputs that `command` looks at. */
export const inputsOf = (command: CommandName): readonly string[] => takes[command]

/** @param given the value of an input, '' where there is none. @throws UsageError for a value, or an input, that is out of place */
export function readInputs(given: (name: string) => string) {
  const own = (name: OwnInput): string => given(name) || ownInputs[name]
  const command = oneOf('command', own('command'), commandNames)
  const astray = Object.keys(inputDefaults).find(
    name => given(name) !== '' && given(name) !== inputDefaults[name] && !takes[command].includes(name)
  )
  if (astray !== undefined && astray !== 'github-token')
    throw new UsageError(`The command ${command} has no input ${astray}: leave it out.`)
  const subscription = own('subscription-id')
  const lockIdentity = own('lock-client-id')
  const options = {
    ...Object.fromEntries(flagInputs.flatMap(name => optionOf(name, given(kebab(name))))),
    ...(subscription !== '' && { subscription }),
    ...(lockIdentity !== '' && { lockIdentity })
  }
  const files = lines(own('file'))
  const label = own('label') || files.join(', ') || 'topology.yaml'
  if (label.length > labelMax)
    throw new UsageError(`The input label has ${label.length} characters, and ${labelMax} are the most. Give a shorter one.`)
  return {
    command,
    /** Empty for the usual one. */
    files,
    /** Tells this step's comment from those of others. */
    label,
    /** The label as it was given, which may be not at all. */
    labelGiven: own('label'),
    workingDirectory: own('working-directory'),
    clientId: own('client-id'),
    tenantId: own('tenant-id'),
    subscriptionId: subscription,
    token: own('github-token'),
    base: own('base'),
    planFile: own('plan-file'),
    comment: oneOf('comment', own('comment'), ['true', 'changes-only', 'false']),
    commentMode: oneOf('comment-mode', own('comment-mode'), ['update', 'recreate', 'hide-and-new', 'always-new']),
    driftIssue: switchOf('drift-issue', own('drift-issue')),
    driftIssueLabels: names(own('drift-issue-labels')),
    failOn: oneOf('fail-on', own('fail-on'), ['error', 'changes', 'drift', 'never']),
    annotations: switchOf('annotations', own('annotations')),
    jobSummary: switchOf('job-summary', own('job-summary')),
    // Only inputs: a variable of the job that is called as a flag's would be one that no reader of the step sees.
    flags: readFlags(options, [...flagInputs, 'subscription', 'lockIdentity'], {})
  }
}

function optionOf(name: FlagName, value: string): [string, unknown][] {
  if (value === '') return []
  const { shape } = defOf(name)
  if (shape === 'switch') return [[name, switchOf(kebab(name), value)]]
  if (shape === 'list') return [[name, name === 'allowEnv' ? names(value) : lines(value)]]
  return [[name, value]]
}

/** One a line, since a path or an address may hold anything else. */
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
const names = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map(name => name.trim())
    .filter(name => name !== '')

function switchOf(name: string, value: string): boolean {
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw new UsageError(`The input ${name} is true or false, not ${JSON.stringify(value)}.`)
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find(choice => choice === value)
  if (found !== undefined) return found
  throw new UsageError(`The input ${name} is one of ${choices.join(', ')}, not ${JSON.stringify(value)}.`)
}
