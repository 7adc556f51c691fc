import type { Ending } from '../model/ending.ts'
import { connectionCommands } from './connectionCommands.ts'
import { azureFlags, consentFlags, type FlagName, type Flags, planFlags, topologyFlags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** One command: what the help says of it, and the file that carries it out, which is loaded when it is asked for. */
export interface CommandDef {
  readonly name: string
  readonly says: string
  /** `undefined` for a command that takes none. */
  readonly takes: { readonly name: string; readonly says: string; readonly choices?: readonly string[] } | undefined
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
/** A run that reads locks, and may write them. */
const runFlags: readonly FlagName[] = [...topologyFlags, ...azureFlags, 'lockIdentity']
const tagFlags: readonly FlagName[] = [
  'file',
  ...runFlags,
  'liftInheritedLocks',
  'journalOnlyMemory',
  'autoApprove',
  'planDigest',
  'json',
  'noColor'
]

/** The table of commands, in the order of the help. */
export const commands: readonly CommandDef[] = [
  {
    name: 'init',
    says: 'write a first topology, asking for what it says, with its schema for editors and, if asked for, workflows',
    takes: { name: '[folder]', says: 'the folder to write into (default: this one)' },
    flags: ['topologyName', 'location', 'serverName', 'variant', 'avoid', 'subscription', 'github', 'azureDevops', 'force'],
    load: async () => (await import('./init.ts')).init
  },
  {
    name: 'validate',
    says: 'check topology files without touching Azure',
    takes: files,
    flags: [...topologyFlags, 'subscription', 'fix', 'json', 'sarif', 'noColor'],
    load: async () => (await import('./validate.ts')).validate
  },
  {
    name: 'fmt',
    says: 'write topology files in one form, comments kept; names those it changed',
    takes: files,
    flags: ['check'],
    load: async () => (await import('./fmt.ts')).fmt
  },
  {
    name: 'render',
    says: 'print the topology with overlays, variables and defaults put in, and the origin of each line',
    takes: files,
    flags: [...topologyFlags, 'json'],
    load: async () => (await import('./render.ts')).render
  },
  {
    name: 'plan',
    says: 'show what an apply would do, step by step; writes nothing',
    takes: files,
    flags: [
      ...runFlags,
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
      'showPermissions',
      'explainReads',
      'noColor'
    ],
    load: async () => (await import('./plan.ts')).plan
  },
  {
    name: 'apply',
    says: 'carry out a plan, in order, and restore every lock',
    takes: filesOrPlan,
    flags: [...runFlags, ...planFlags, 'parallelism', 'autoApprove', 'planDigest', 'resume', 'journal', 'json', 'jsonInto', 'noColor'],
    load: async () => (await import('./apply.ts')).apply
  },
  {
    name: 'drift',
    says: 'show what in Azure is not as the topology says, and what no file declares; writes nothing there',
    takes: files,
    flags: [
      ...runFlags,
      'baseline',
      'journal',
      'accept',
      'revert',
      'who',
      ...consentFlags,
      'out',
      'json',
      'jsonInto',
      'markdown',
      'html',
      'sarif',
      'noColor'
    ],
    load: async () => (await import('./drift.ts')).drift
  },
  {
    name: 'verify',
    says: 'show each private path to a server hop by hop: whole, broken and how to mend it, or not seen; writes nothing',
    takes: files,
    flags: [...topologyFlags, ...azureFlags, 'live', 'resolver', 'dial', 'ca', 'probe', 'json', 'noColor'],
    load: async () => (await import('./verify.ts')).verify
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
    flags: [...runFlags, 'journal', 'json', 'noColor'],
    load: async () => (await import('./locks.ts')).listLocks
  },
  {
    name: 'locks restore',
    says: 'restore the locks that an apply lifted and left off',
    takes: files,
    flags: [...runFlags, 'journal', 'keep', 'now', 'liftInheritedLocks', 'autoApprove', 'json', 'noColor'],
    load: async () => (await import('./locks.ts')).restore
  },
  ...connectionCommands(files),
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
    name: 'doctor',
    says: 'look at all that a run needs: Node, file, network, clock, login, providers, rights; only reads',
    takes: files,
    flags: [...runFlags, 'json', 'noColor'],
    load: async () => (await import('./doctor.ts')).doctor
  },
  {
    name: 'devops comment',
    says: 'write saved plans into one thread of the pull request; without one: say that the thread is outdated',
    takes: { name: '[plans...]', says: 'plans that `pglink plan --out` saved' },
    flags: ['label'],
    load: async () => (await import('./devops.ts')).commentDevops
  },
  {
    name: 'devops approved',
    says: 'print the digest that was approved with the pull request which this commit merged, or refuse',
    takes: undefined,
    flags: ['definition', 'artifact'],
    load: async () => (await import('./devops.ts')).approvedDevops
  },
  {
    name: 'schema',
    says: 'print the JSON Schema of a topology',
    takes: undefined,
    flags: [],
    load: async () => (await import('./schema.ts')).schema
  },
  {
    name: 'completion',
    says: 'print a script that completes commands, flags and files in a shell',
    takes: { name: '<shell>', says: 'the shell that loads it', choices: ['bash', 'zsh', 'fish'] },
    flags: [],
    load: async () => (await import('./completion.ts')).completion
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
      'dataPlane',
      'printEnv',
      'noColor'
    ],
    load: async () => (await import('./sandbox.ts')).sandbox
  }
]

/** Every command there is, as it is called. */
export const commandNames: readonly string[] = commands.map(({ name }) => name)

/** The first words of commands of two. */
export const groups: Readonly<Record<string, string>> = {
  locks: 'see and restore management locks',
  connections: 'see and decide on private endpoint connections',
  devops: 'show a plan on a pull request of Azure DevOps, and find the one that was approved'
}
