import { Command, CommanderError } from 'commander'
import { UsageError } from '../engine/stop.ts'
import { type ExitCode, exitCodes, meanings } from '../host/exitCodes.ts'
import type { Ending } from '../model/ending.ts'
import { printableLines, printed } from '../model/printable.ts'
import { addFlags, azureFlags, consentFlags, type FlagName, type Flags, planFlags, readFlags, topologyFlags } from './flags.ts'
import { readableFiles } from './readable.ts'
import type { Surroundings } from './terminal.ts'

/** One command: what the help says of it, and the file that carries it out, which is loaded when it is asked for. */
interface CommandDef {
  readonly name: string
  readonly says: string
  /** `undefined` for a command that takes none. */
  readonly takes: { readonly name: string; readonly says: string } | undefined
  readonly flags: readonly FlagName[]
  load(): Promise<Run>
}

type Run = (given: readonly string[], flags: Flags, terminal: Surroundings) => Promise<Ending | { readonly ending: Ending }>

const files = {
  name: '[files...]',
  says: 'topology files, folders with a topology.yaml in them, or quoted patterns such as "estates/**/topology.yaml" (default: topology.yaml)'
}
const filesOrPlan = {
  name: '[files...]',
  says: 'topology files, folders or quoted patterns (default: topology.yaml), or one plan saved with --out'
}

const addresses = { name: '<addresses...>', says: 'entries of the topology, such as servers/orders-pg' }
const tagFlags: readonly FlagName[] = [
  'file',
  ...topologyFlags,
  ...azureFlags,
  'liftInheritedLocks',
  'journalOnlyMemory',
  'autoApprove',
  'planDigest',
  'json',
  'noColor'
]

const commands: readonly CommandDef[] = [
  {
    name: 'validate',
    says: 'check topology files without touching Azure',
    takes: files,
    flags: [...topologyFlags, 'subscription', 'json', 'sarif', 'noColor'],
    load: async () => (await import('./validate.ts')).validate
  },
  {
    name: 'plan',
    says: 'show what an apply would do, step by step; writes nothing',
    takes: files,
    flags: [
      ...topologyFlags,
      ...azureFlags,
      ...planFlags,
      'journal',
      'json',
      'jsonInto',
      'markdown',
      'html',
      'sarif',
      'out',
      'detailedExitcode',
      'checkRights',
      'explainReads',
      'noColor'
    ],
    load: async () => (await import('./plan.ts')).plan
  },
  {
    name: 'apply',
    says: 'carry out a plan, in order, and restore every lock',
    takes: filesOrPlan,
    flags: [
      ...topologyFlags,
      ...azureFlags,
      ...planFlags,
      'parallelism',
      'autoApprove',
      'planDigest',
      'resume',
      'journal',
      'json',
      'jsonInto',
      'noColor'
    ],
    load: async () => (await import('./apply.ts')).apply
  },
  {
    name: 'drift',
    says: 'show what in Azure is not as the topology says, and what no file declares; writes nothing there',
    takes: files,
    flags: [
      ...topologyFlags,
      ...azureFlags,
      'baseline',
      'journal',
      'accept',
      'revert',
      ...consentFlags,
      'out',
      'json',
      'jsonInto',
      'markdown',
      'sarif',
      'noColor'
    ],
    load: async () => (await import('./drift.ts')).drift
  },
  {
    name: 'graph',
    says: 'draw the topology as a picture: a file as it is, or a plan before and after',
    takes: filesOrPlan,
    flags: [...topologyFlags, ...azureFlags, 'live', ...planFlags, 'journal', 'format'],
    load: async () => (await import('./graph.ts')).graph
  },
  {
    name: 'explain',
    says: 'explain a rule: what it wants, why, and how to satisfy it; without an id, list them all',
    takes: { name: '[rule]', says: 'the id in a message of `pglink validate`, such as PGL001' },
    flags: ['noColor'],
    load: async () => (await import('./explain.ts')).explain
  },
  {
    name: 'locks list',
    says: 'show the locks on what the topology names, and those that are lifted and not restored',
    takes: files,
    flags: [...topologyFlags, ...azureFlags, 'journal', 'json', 'noColor'],
    load: async () => (await import('./locks.ts')).listLocks
  },
  {
    name: 'locks restore',
    says: 'restore the locks that an apply lifted and left off',
    takes: files,
    flags: [...topologyFlags, ...azureFlags, 'journal', 'keep', 'now', 'liftInheritedLocks', 'autoApprove', 'json', 'noColor'],
    load: async () => (await import('./locks.ts')).restore
  },
  {
    name: 'connections list',
    says: "show the private endpoint connections of the topology's servers, with state and response",
    takes: files,
    flags: [...topologyFlags, ...azureFlags, 'json', 'noColor'],
    load: async () => (await import('./connections.ts')).listConnections
  },
  {
    name: 'show',
    says: 'show one entry of the topology as Azure has it: id, name, addresses, fields, tags, locks',
    takes: { name: '<address>', says: addresses.says },
    flags: ['file', ...topologyFlags, ...azureFlags, 'json', 'noColor'],
    load: async () => (await import('./show.ts')).show
  },
  {
    name: 'output',
    says: 'print ids, host names and private addresses of what the topology declares and Azure has',
    takes: files,
    flags: [...topologyFlags, ...azureFlags, 'json', 'noColor'],
    load: async () => (await import('./show.ts')).output
  },
  {
    name: 'adopt',
    says: 'put the tag of the topology on what is there, so that it is ours; writes nothing else of it',
    takes: addresses,
    flags: tagFlags,
    load: async () => (await import('./tagging.ts')).adopt
  },
  {
    name: 'release',
    says: 'take the tag of the topology off, so that it is ours no more; writes nothing else of it',
    takes: addresses,
    flags: tagFlags,
    load: async () => (await import('./tagging.ts')).release
  },
  {
    name: 'import',
    says: 'write the topology of what is in Azure already; only reads there',
    takes: undefined,
    flags: [
      'server',
      'factory',
      'resourceGroup',
      'terraformState',
      'cloud',
      'own',
      'topologyName',
      'out',
      'force',
      'lowerRules',
      ...azureFlags.filter(name => name !== 'subscription'),
      'noColor'
    ],
    load: async () => (await import('./import.ts')).importEstate
  },
  {
    name: 'sandbox',
    says: 'serve the sandbox over HTTPS on this machine, for pglink --arm-endpoint and other clients of ARM',
    takes: undefined,
    flags: [
      'port',
      'speed',
      'caOut',
      'tlsCert',
      'tlsKey',
      'state',
      'seed',
      'principals',
      'behaviours',
      'throttle',
      'faults',
      'log',
      'printEnv',
      'noColor'
    ],
    load: async () => (await import('./sandbox.ts')).sandbox
  }
]

/** Every command there is, as it is called. */
export const commandNames: readonly string[] = commands.map(({ name }) => name)

const groups: Readonly<Record<string, string>> = {
  locks: 'see and restore management locks',
  connections: 'see private endpoint connections'
}

/** Reads the command line, runs the one command it names and gives its exit code. @throws what the command throws */
export async function run(args: readonly string[], terminal: Surroundings, version: string): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = programFor(terminal, version, ended => {
    code = ended
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(printed`error: ${error.message}\n`)
      return exitCodes.usage
    }
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  return code
}

function programFor(terminal: Surroundings, version: string, ended: (code: ExitCode) => void): Command {
  const program = new Command('pglink')
    .description('Declarative private networking for Azure Database for PostgreSQL flexible server.')
    .version(version, '--version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', () => `\nEvery flag can also be given as PGLINK_<FLAG>.\n\n${exitCodeText()}`)
  const parents = new Map<string, Command>()
  for (const def of commands) {
    const [first = '', second] = def.name.split(' ')
    let parent = program
    if (second !== undefined) {
      parent = parents.get(first) ?? program.command(first).description(groups[first] ?? '')
      parents.set(first, parent)
    }
    const command = parent.command(second ?? first).description(def.says)
    if (def.takes) command.argument(def.takes.name, def.takes.says)
    addFlags(command, def.flags).action(async (...given: unknown[]) => {
      const flags = readFlags(command.opts(), def.flags, terminal.env)
      const positional = def.takes === undefined ? [] : [given[0] ?? []].flat().map(String)
      readableFiles(positional, flags, terminal)
      const carryOut = await def.load()
      const done = await carryOut(positional, flags, terminal)
      ended(exitCodes[typeof done === 'string' ? done : done.ending])
    })
  }
  return everywhere(program, command =>
    command
      .exitOverride()
      .allowExcessArguments(false)
      .showHelpAfterError(`(${nameOf(command)} --help tells what there is)`)
      .configureOutput({ writeOut: text => terminal.out(text), writeErr: text => terminal.err(printableLines(text)) })
  )
}

const nameOf = (command: Command): string => `${command.parent ? `${nameOf(command.parent)} ` : ''}${command.name()}`

function everywhere(command: Command, change: (command: Command) => void): Command {
  change(command)
  for (const below of command.commands) everywhere(below, change)
  return command
}

const exitCodeText = (): string =>
  ['Exit codes:', ...Object.entries(meanings).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)].join('\n')
