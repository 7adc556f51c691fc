import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { load } from '../engine/load.ts'
import { packageText, schemaBeside, schemaFor } from '../engine/packageFile.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { type WholeFile, writeWhole } from '../engine/wholeFile.ts'
import type { Ending } from '../model/ending.ts'
import { kebab } from '../model/kebab.ts'
import { messageOf } from '../model/message.ts'
import { asIs, printed } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import { addressRange } from '../topology/rules/ipv4.ts'
import { type Answers, type Starter, starterOf } from '../topology/starter.ts'
import { defOf, type FlagName, type Flags } from './flags.ts'
import { oneOf } from './flagValues.ts'
import { settingsIn } from './options.ts'
import type { Surroundings } from './terminal.ts'

const topologyFile = 'topology.yaml'

/** Writes a first topology with all that a checkout of it needs: asks for what no flag says, where a user is there to answer. */
export async function init([folder = '.']: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const at = resolve(terminal.cwd, folder)
  if (existsSync(at) && !statSync(at).isDirectory()) throw new UsageError(`${folder} is a file: init takes the folder to write into.`)
  const answers = await answersFrom(flags, terminal, basename(at))
  const starter = starterOf(answers, schemaBeside)
  if (starter === undefined) throw new Stop('error', 'No range of private addresses is left beside those to avoid.')
  const file = join(folder, topologyFile)
  await mustBeSound(file, starter, flags, terminal)
  const files = [...filesIn(at, starter), ...hubs.flatMap(hub => (flags[hub.flag] ? workflowsFor(at, starter, hub) : []))]
  const there = flags.force ? [] : files.filter(({ isNew, path }) => isNew && existsSync(path))
  if (there.length > 0) {
    const names = there.map(({ path }) => relative(terminal.cwd, path)).join(', ')
    throw new Stop(
      'refused',
      `${names} ${there.length > 1 ? 'are' : 'is'} there already, and nothing was written. Give --force to write over it.`
    )
  }
  for (const { path } of files) mkdirSync(dirname(path), { recursive: true })
  writeWhole(
    files.map(({ isNew, ...one }) => ({ ...one, isNew: isNew === true && !flags.force })),
    ({ path }, error) => new Stop('error', `${relative(terminal.cwd, path)} cannot be written: ${messageOf(error)}`)
  )
  for (const { path } of files) terminal.out(printed`Wrote ${relative(terminal.cwd, path)}\n`)
  terminal.out(printed`\n${asIs(nextSteps(file, starter, answers))}`)
  return 'ok'
}

interface Question {
  readonly flag: FlagName
  readonly asks: string
  /** The answer of an empty line; a flag with one need not be given. */
  readonly usual?: string
}

async function answersFrom(flags: Flags, terminal: Surroundings, folder: string): Promise<Answers> {
  const asked = async ({ flag, asks, usual }: Question, given: unknown): Promise<string> => {
    if (typeof given === 'string') return given
    if (!terminal.interactive) return usual ?? ''
    const answer = await terminal.ask(printed`${asks}${asIs(usual === undefined || usual === '' ? '' : ` [${usual}]`)}: `)
    if (answer === undefined) throw new Stop('refused', `--${kebab(flag)} has no answer. Nothing was written.`)
    return answer.trim() === '' ? (usual ?? '') : answer.trim()
  }
  const missing = (['topologyName', 'location'] as const).filter(flag => flags[flag] === undefined)
  if (!terminal.interactive && missing.length > 0)
    throw new UsageError(`init cannot ask here. Give ${missing.map(flag => `--${kebab(flag)}`).join(' and ')}.`)
  const name = await asked(
    { flag: 'topologyName', asks: 'Name of the topology', usual: folder.replace(/[^\w.-]/g, '-') },
    flags.topologyName
  )
  const location = await asked({ flag: 'location', asks: 'Azure region', usual: 'eastus2' }, flags.location)
  const server = await asked({ flag: 'serverName', asks: 'Name of the server', usual: `${name.toLowerCase()}-pg` }, flags.serverName)
  const asks = 'Reached from a network (private-endpoint) or from a data factory (data-factory)'
  const variant = await asked({ flag: 'variant', asks, usual: 'private-endpoint' }, flags.variant)
  const dataFactory = oneOf(defOf('variant').choices, variant, '--variant') === 'data-factory'
  const inUse = flags.avoid.length > 0 || dataFactory ? flags.avoid.join(',') : undefined
  const avoid = await asked({ flag: 'avoid', asks: 'Ranges of addresses in use, with commas between them', usual: '' }, inUse)
  return {
    name,
    location,
    subscription: flags.subscription ?? `\${env:AZURE_SUBSCRIPTION_ID}`,
    server,
    dataFactory,
    avoid: rangesIn(avoid)
  }
}

const rangesIn = (text: string): Answers['avoid'] =>
  text.split(/[\s,]+/).flatMap(one => {
    const range = one === '' ? undefined : addressRange(one)
    if (one !== '' && range === undefined) throw new UsageError(`--avoid takes ranges such as 10.0.0.0/8, not ${JSON.stringify(one)}.`)
    return range ?? []
  })

/** @throws Stop where the answers make no sound topology */
async function mustBeSound(file: string, starter: Starter, flags: Flags, terminal: Surroundings): Promise<void> {
  const environment = {
    AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000',
    ...Object.fromEntries(starter.variables.map(name => [name, 'Of-no-server-1']))
  }
  const settings = { ...settingsIn(flags, terminal), environment, allowEnv: starter.variables }
  const { ok, diagnostics } = await load(file, 'validate', settings, async () => Buffer.from(starter.text))
  const text = diagnosticsText(diagnostics)
  if (!ok) throw new Stop('invalid', 'These answers make no sound topology. Nothing was written.', text.trimEnd().split('\n'))
  terminal.err(printed`${asIs(text)}`)
}

/** The topology, its schema for editors without a network, and the lines that keep secrets and journals out of Git. */
function filesIn(folder: string, { text }: Starter): readonly WholeFile[] {
  const ignored = join(folder, '.gitignore')
  const lines = existsSync(ignored) ? readFileSync(ignored, 'utf8') : ''
  const more = ['.env', '.pglink/*', '!.pglink/schema/'].filter(line => !lines.split(/\r?\n/).includes(line))
  return [
    { path: join(folder, topologyFile), text, isNew: true },
    ...schemaFor(folder),
    ...(more.length > 0 ? [{ path: ignored, text: `${lines}${lines === '' || lines.endsWith('\n') ? '' : '\n'}${more.join('\n')}\n` }] : [])
  ]
}

/** Where a repository can be: the folder that it takes workflows from, and how they name a secret. */
interface Hub {
  readonly flag: 'github' | 'azureDevops'
  /** Those of the examples. */
  readonly from: string
  readonly to: string
  readonly workflows: readonly string[]
  secret(name: string): string
}

const hubs: readonly Hub[] = [
  {
    flag: 'github',
    from: 'examples/workflows',
    to: '.github/workflows',
    workflows: ['plan', 'apply', 'drift', 'merge-queue', 'fork-plan', 'fork-comment', 'restore-locks'],
    secret: name => `\${{ secrets.${name} }}`
  },
  {
    flag: 'azureDevops',
    from: 'examples/pipelines',
    to: '.azure-pipelines',
    workflows: ['plan', 'apply', 'drift', 'restore-locks'],
    secret: name => `$(${name})`
  }
]

/** The workflows of the examples, for this topology. They lie at the top of the repository. */
function workflowsFor(folder: string, { variables }: Starter, { from, to, workflows, secret }: Hub): readonly WholeFile[] {
  const top = topOf(folder)
  const infra = relative(top, folder).split(sep).join('/')
  if (!/^[\w./-]*$/.test(infra))
    throw new Stop('error', `The workflows cannot name the folder ${infra}: give it a name of letters, digits, - and _.`)
  const name = infra === '' ? topologyFile : infra
  return workflows.map(workflow => ({
    path: join(top, to, `pglink-${workflow}.yml`),
    isNew: true,
    text: packageText(`${from}/${workflow}.yml`)
      .replaceAll('infra/topology.yaml', infra === '' ? topologyFile : `${infra}/${topologyFile}`)
      .replaceAll('infra/**', infra === '' ? topologyFile : `${infra}/**`)
      .replaceAll('/infra/*', infra === '' ? `/${topologyFile}` : `/${infra}/*`)
      .replace(/(?<= -- |nothing of |not touch |include: \[)infra\b/g, name)
      .replace(/^( +)ORDERS_PG_PASSWORD: .*$|ORDERS_PG_PASSWORD/gm, (_, indent?: string) =>
        indent === undefined ? variables.join(', ') : variables.map(one => `${indent}${one}: ${secret(one)}`).join('\n')
      )
  }))
}

/** The folder above that is a checkout of Git; the folder itself where none is. */
function topOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (at === dirname(at)) return folder
  }
}

function nextSteps(file: string, { variables }: Starter, { subscription }: Answers): string {
  const allowed = variables.flatMap(name => ['--allow-env', name])
  const plan = ['pglink', 'plan', pathWord(file), ...allowed]
  const isVariable = subscription.includes('AZURE_SUBSCRIPTION_ID')
  return [
    `Next, without an account${isVariable ? ', with any GUID in AZURE_SUBSCRIPTION_ID' : ''}:`,
    `  ${shellLine([...plan, '--sandbox'])}`,
    `And in Azure${isVariable ? ', with that of your subscription,' : ''} after \`az login\`:`,
    `  ${shellLine(plan)}`,
    ''
  ].join('\n')
}
