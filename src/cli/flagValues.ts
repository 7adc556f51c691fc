import { UsageError } from '../engine/stop.ts'
import { kebab } from '../model/kebab.ts'
import { didYouMean } from '../model/suggest.ts'
import { defOf, type FlagName, type Flags, flagNames, type Shape } from './flags.ts'

const variableOf = (name: FlagName): string => defOf(name).variable ?? `PGLINK_${kebab(name).replaceAll('-', '_').toUpperCase()}`

/**
 * The flags given on the command line or, where one was not, as PGLINK_<FLAG>. Only the flags the command has are looked for.
 *
 * @throws UsageError for a value that is none
 */
export function readFlags(
  options: Readonly<Record<string, unknown>>,
  names: readonly FlagName[],
  env: Readonly<Record<string, string | undefined>>
): Flags {
  const read = (name: FlagName): unknown => {
    const { shape, choices, givenAlone } = defOf(name)
    if (!names.includes(name)) return absent(shape)
    const given = options[name]
    if (given !== undefined)
      return shape === 'switch' ? given === true : oneOf(choices, parsed(shape, given, `--${kebab(name)}`), `--${kebab(name)}`)
    const variable = variableOf(name)
    const text = givenAlone ? undefined : env[variable]
    if (text === undefined || text === '') return absent(shape)
    if (shape === 'switch') return switchOf(text, variable)
    return shape === 'list' ? text.split(',').map(part => part.trim()) : oneOf(choices, parsed(shape, text, variable), variable)
  }
  // Each value has the type of its flag's shape, which the table above ties to the name.
  return Object.fromEntries(flagNames.map(name => [name, read(name)])) as unknown as Flags
}

const isText = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0')
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0

const shapes: { readonly [Name in Shape]: { readonly is: (value: unknown) => boolean; readonly says: string } } = {
  text: { is: isText, says: 'a text' },
  list: { is: value => Array.isArray(value) && value.every(isText), says: 'a list of texts' },
  switch: { is: value => typeof value === 'boolean', says: 'true or false' },
  count: { is: isCount, says: 'a whole number from 0' },
  positive: { is: value => isCount(value) && value !== 0, says: 'a whole number from 1' },
  factor: { is: value => Number.isFinite(value) && Number(value) >= 0, says: 'a number from 0' }
}

/** The wanted form of a value that was not read here; `undefined` where it has it. */
export function wantedOf(name: FlagName, value: unknown): string | undefined {
  const { is, says } = shapes[defOf(name).shape]
  return is(value) ? undefined : says
}

const absent = (shape: Shape): unknown => (shape === 'list' ? [] : shape === 'switch' ? false : undefined)

function parsed(shape: Shape, given: unknown, from: string): unknown {
  if (shape === 'text' || shape === 'list') return given
  const value = Number(given)
  const { is, says } = shapes[shape]
  if (given === '' || !is(value)) throw new UsageError(`${from} takes ${says}, not ${JSON.stringify(given)}.`)
  return value
}

/** @throws UsageError for a value that is none of the words that a flag takes */
export function oneOf(choices: readonly string[] | undefined, value: unknown, from: string): unknown {
  if (choices === undefined || choices.includes(String(value))) return value
  const hint = didYouMean(String(value), choices)
  throw new UsageError(`${from} takes ${choices.join(', ')}, not ${JSON.stringify(value)}${hint === undefined ? '' : `: ${hint}`}.`)
}

function switchOf(text: string, variable: string): boolean {
  if (/^(1|true|yes)$/i.test(text)) return true
  if (/^(0|false|no)$/i.test(text)) return false
  throw new UsageError(`${variable} is on with 1, true or yes and off with 0, false or no, not ${JSON.stringify(text)}.`)
}
