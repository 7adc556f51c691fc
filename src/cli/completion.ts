import type { Command, Option } from 'commander'
import type { Ending } from '../model/ending.ts'
import { asIs, printed } from '../model/printable.ts'
import { fishWord, shellWord } from '../model/shell.ts'
import type { Flags } from './flags.ts'
import { programFor } from './program.ts'
import type { Surroundings } from './terminal.ts'

/** Prints the script that completes our commands, flags and files in a shell. */
export async function completion([shell = '']: readonly string[], _: Flags, terminal: Surroundings): Promise<Ending> {
  const script = scripts[shell]?.(programFor(terminal, '', () => undefined)) ?? []
  terminal.out(printed`${asIs(`${script.join('\n')}\n`)}`)
  return 'ok'
}

/** A command with all that may stand behind it. */
interface Place {
  /** Behind `pglink`: none for the program itself. */
  readonly words: readonly string[]
  readonly below: readonly Below[]
  readonly flags: readonly Flag[]
  readonly takes: Values
}

interface Below {
  readonly name: string
  readonly says: string
}

interface Flag {
  /** As it is written: `-v`, `--verbose`. */
  readonly names: readonly string[]
  readonly says: string
  /** `undefined` for one that has no value. */
  readonly takes: Values | undefined
  readonly placeholder: string
  readonly isRepeated: boolean
}

/** The values that a shell can offer: these words, the names of files or folders, or none that it could know. */
type Values = readonly string[] | 'files' | 'folders' | 'unknown'

/** Every command of the program, each with its flags, from the top. */
function placesOf(command: Command, words: readonly string[] = []): readonly Place[] {
  const help = command.createHelp()
  const below = words.length === 0 || command.commands.length > 0 ? help.visibleCommands(command) : []
  const [argument] = command.registeredArguments
  const place: Place = {
    words,
    below: below.map(one => ({ name: one.name(), says: one.description() })),
    flags: help.visibleOptions(command).map(flagOf),
    takes: argument === undefined ? 'unknown' : (argument.argChoices ?? (argument.name() === 'files' ? 'files' : 'unknown'))
  }
  return [place, ...command.commands.flatMap(one => placesOf(one, [...words, one.name()]))]
}

function flagOf({ short, long, description, flags, argChoices, parseArg }: Option): Flag {
  const [, placeholder = ''] = /<(.*)>/.exec(flags) ?? []
  const named = /FILE/.test(placeholder) ? 'files' : placeholder === 'DIR' ? 'folders' : 'unknown'
  return {
    names: [short, long].filter(name => typeof name === 'string'),
    says: description,
    takes: placeholder === '' ? undefined : (argChoices ?? named),
    placeholder,
    isRepeated: parseArg !== undefined
  }
}

/** The flags of all commands that take a value, once each by how they are completed. */
function valuesByFlag(places: readonly Place[]): ReadonlyMap<string, Values> {
  const all = places.flatMap(({ flags }) => flags)
  return new Map(all.flatMap(({ names, takes }) => (takes === undefined ? [] : names.map(name => [name, takes] as const))))
}

const bashAction = (values: Values): string => {
  if (values === 'unknown') return 'return'
  if (values === 'files') return '_pglink_paths -f; return'
  return values === 'folders' ? '_pglink_paths -d; return' : `words=${shellWord(values.join(' '))}`
}

/** For bash from 3.2 on, which macOS has: it knows neither tables nor `compopt`, without which names with blanks are not quoted. */
function bash(program: Command): readonly string[] {
  const places = placesOf(program)
  const groups = places.filter(({ words, below }) => words.length > 0 && below.length > 0).map(({ words }) => words.join(' '))
  const whenHere = (place: Place): string => `    ${shellWord(place.words.join(' '))})`
  return [
    '# bash completion of pglink: source <(pglink completion bash)',
    '_pglink_paths() {',
    '  compopt -o filenames 2>/dev/null',
    "  local IFS=$'\\n'",
    '  COMPREPLY=($(compgen "$1" -- "$cur"))',
    '}',
    '_pglink() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" first=1`,
    `  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi`,
    '  COMPREPLY=()',
    `  if (( COMP_CWORD > 1 )); then command="\${COMP_WORDS[1]}" first=2; fi`,
    `  case "$command" in ${groups.join('|')}) if (( COMP_CWORD > 2 )); then command="$command \${COMP_WORDS[2]}" first=3; fi ;; esac`,
    '  if [[ $cur == -* ]]; then case "$command" in',
    ...places.map(place => `${whenHere(place)} words=${shellWord(place.flags.flatMap(({ names }) => names).join(' '))} ;;`),
    '  esac; else case "$prev" in',
    ...[...valuesByFlag(places)].map(([flag, values]) => `    ${flag}) ${bashAction(values)} ;;`),
    '    *) case "$command" in',
    ...places.map(({ below, takes, ...place }) => {
      const names = below.map(({ name }) => name)
      const action = names.length > 0 ? `(( COMP_CWORD == first )) && ${bashAction(names)}` : bashAction(takes)
      return `  ${whenHere({ below, takes, ...place })} ${action} ;;`
    }),
    `      help) ${bashAction(places[0]?.below.map(({ name }) => name) ?? [])} ;;`,
    '    esac ;;',
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '}',
    'complete -F _pglink pglink'
  ]
}

/** Brackets and colons have a meaning in a specification of `_arguments`. */
const zshText = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&')

const zshValues = (values: Values): string => {
  if (values === 'unknown') return ' '
  return values === 'files' ? '_files' : values === 'folders' ? '_files -/' : `(${values.join(' ')})`
}

function zshFlag({ names, says, takes, placeholder, isRepeated }: Flag): readonly string[] {
  const others = isRepeated ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
  const value = takes === undefined ? '' : `:${placeholder}:${zshValues(takes)}`
  return names.map(name => shellWord(`${others}${name}${takes === undefined ? '' : '='}[${zshText(says)}]${value}`))
}

function zsh(program: Command): readonly string[] {
  const when = ({ words, below, flags, takes }: Place): readonly string[] => {
    const values =
      below.length > 0 ? `:command:((${below.map(({ name, says }) => `${name}\\:${shellWord(zshText(says))}`).join(' ')}))` : ''
    const more = takes === 'unknown' ? [] : [`*:${Array.isArray(takes) ? 'word' : 'file'}:${zshValues(takes)}`]
    return [
      `    ${shellWord(words.join(' '))})`,
      `      _arguments -s ${[...flags.flatMap(zshFlag), ...(values === '' ? more : [`1${values}`]).map(shellWord)].join(' \\\n        ')} ;;`
    ]
  }
  const places = placesOf(program)
  const groups = places.filter(({ words, below }) => words.length > 0 && below.length > 0)
  return [
    '#compdef pglink',
    '# zsh completion of pglink: source <(pglink completion zsh), or a file _pglink in a folder of $fpath',
    '_pglink() {',
    '  local command="" skipped=0',
    '  if (( CURRENT > 2 )); then command="$words[2]" skipped=1; fi',
    `  case "$command" in ${groups.map(({ words }) => words.join(' ')).join('|')}) if (( CURRENT > 3 )); then command="$command $words[3]" skipped=2; fi ;; esac`,
    '  shift $skipped words; (( CURRENT -= skipped ))',
    '  case "$command" in',
    ...places.flatMap(when),
    `    help) _arguments ${shellWord(`1:command:(${places[0]?.below.map(({ name }) => name).join(' ')})`)} ;;`,
    '  esac',
    '}',
    'if [ "$funcstack[1]" = _pglink ]; then _pglink "$@"; else compdef _pglink pglink; fi'
  ]
}

function fish(program: Command): readonly string[] {
  const places = placesOf(program)
  const when = ({ words, below }: Place): string => {
    const [first, second] = words
    if (first === undefined) return '__fish_use_subcommand'
    const seen = words.map(word => `__fish_seen_subcommand_from ${word}`)
    const names = below.map(({ name }) => name).join(' ')
    return [...seen, ...(second === undefined && names !== '' ? [`not __fish_seen_subcommand_from ${names}`] : [])].join('; and ')
  }
  const values = (takes: Values): string =>
    takes === 'files'
      ? '-r -F'
      : takes === 'folders'
        ? '-x -a "(__fish_complete_directories)"'
        : takes === 'unknown'
          ? '-x'
          : `-x -a ${fishWord(takes.join(' '))}`
  const line = (place: Place, rest: string): string => `complete -c pglink -n ${fishWord(when(place))} ${rest}`
  return [
    '# fish completion of pglink: pglink completion fish | source',
    'complete -c pglink -f',
    ...places.flatMap(place => [
      ...place.below.map(({ name, says }) => line(place, `-a ${name} -d ${fishWord(says)}`)),
      ...(place.takes === 'files'
        ? [line(place, '-F')]
        : Array.isArray(place.takes)
          ? [line(place, `-a ${fishWord(place.takes.join(' '))}`)]
          : []),
      ...place.flags.map(({ names, says, takes }) => {
        const flags = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
        return line(place, `${flags}${takes === undefined ? '' : ` ${values(takes)}`} -d ${fishWord(says)}`)
      })
    ]),
    `complete -c pglink -n "__fish_seen_subcommand_from help" -a ${fishWord(places[0]?.below.map(({ name }) => name).join(' ') ?? '')}`
  ]
}

const scripts: Readonly<Record<string, (program: Command) => readonly string[]>> = { bash, zsh, fish }
