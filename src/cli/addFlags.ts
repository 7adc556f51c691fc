import { type Command, Option } from 'commander'
import { kebab } from '../model/kebab.ts'
import { defOf, type FlagName } from './flags.ts'

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]

export function addFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) {
    const { shape, placeholder, short, choices, says } = defOf(name)
    const letter = short === undefined ? '' : `-${short}, `
    const option = new Option(`${letter}--${kebab(name)}${placeholder === undefined ? '' : ` <${placeholder}>`}`, says)
    // Commander takes `--no-x` for the opposite of `--x`, which there is none of.
    if (name === 'noColor') option.negate = false
    // For the help alone: a variable brings a value, too, and is looked at with it.
    if (choices !== undefined) option.argChoices = [...choices]
    command.addOption(shape === 'list' ? option.argParser(collect) : option)
  }
  return command
}
