import type { CommandDef } from './commands.ts'
import { azureFlags, type FlagName, topologyFlags } from './flags.ts'

const connection = { name: '<connection>', says: 'the full ARM id of a private endpoint connection of a server' }

const says = {
  approve: 'approve one connection, and wait until both ends show it; with --file only what it declares',
  reject: 'reject one connection for good; with --file never the only path of a declared endpoint',
  remove: 'remove one connection from its server; with --file never the only path of a declared endpoint'
} as const

const readFlags: readonly FlagName[] = [...topologyFlags, ...azureFlags, 'cloud', 'json', 'noColor']
const decisionFlags = (verb: keyof typeof says): readonly FlagName[] =>
  verb === 'remove' ? ['expect', 'autoApprove', 'file', ...readFlags] : ['expect', 'response', 'autoApprove', 'file', ...readFlags]

/** The commands about private endpoint connections. @param files the argument of commands that read topologies */
export const connectionCommands = (files: NonNullable<CommandDef['takes']>): readonly CommandDef[] => [
  {
    name: 'connections list',
    says: 'show the private endpoint connections of servers: who asks, the state at both ends, whether a file declares it; only reads',
    takes: { ...files, says: `${files.says}; with --server or --all none is needed` },
    flags: ['server', 'all', ...readFlags],
    load: async () => (await import('./connections.ts')).listConnections
  },
  {
    name: 'connections show',
    says: 'show one connection with all that a person decides by; only reads',
    takes: connection,
    flags: ['file', ...readFlags],
    load: async () => (await import('./connections.ts')).showConnection
  },
  ...(['approve', 'reject', 'remove'] as const).map(
    (verb): CommandDef => ({
      name: `connections ${verb}`,
      says: says[verb],
      takes: connection,
      flags: decisionFlags(verb),
      load: async () => (await import('./connections.ts')).deciding(verb)
    })
  )
]
