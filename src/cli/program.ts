import { Command, CommanderError } from 'commander'
import { UsageError } from '../engine/stop.ts'
import { type ExitCode, exitCodes, meanings } from '../host/exitCodes.ts'
import { printableLines, printed } from '../model/printable.ts'
import { addFlags } from './addFlags.ts'
import { commands, groups } from './commands.ts'
import { readFlags } from './flagValues.ts'
import { readableFiles } from './readable.ts'
import type { Surroundings } from './terminal.ts'

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

/** The command line as commander knows it. */
export function programFor(terminal: Surroundings, version: string, ended: (code: ExitCode) => void): Command {
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
    if (def.takes) {
      const argument = command.createArgument(def.takes.name, def.takes.says)
      command.addArgument(def.takes.choices === undefined ? argument : argument.choices(def.takes.choices))
    }
    command.addHelpText('after', () => `\n${exitCodeText()}`)
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
