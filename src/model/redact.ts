import { Buffer } from 'node:buffer'
import { perRun } from './perRun.ts'

/*
 * The last line behind `Secret`: what others say of a secret. Azure's errors may echo the body that was sent, as it is, in
 * JSON in JSON, in a URL or in base64, and no type follows a value through that.
 */

/** The shortest password that PostgreSQL servers take has 8 characters [DOC-RP]; shorter ones are only looked for as a word. */
const longEnough = 8
const shortest = 4

/** Values with what finds them, the longest first, so that one that begins like another does not leave its end behind. */
const hidden = perRun((): { known: readonly { readonly value: string; readonly find: () => RegExp }[] } => ({ known: [] }))

const placeholder = '(secret)'

/** Remembers a value that must not be shown. Below four characters it would make every text unreadable and hide nothing. */
export function keepHidden(value: string): void {
  const memory = hidden()
  if (value.length < shortest || memory.known.some(one => one.value === value)) return
  let pattern: RegExp | undefined
  const find = (): RegExp => {
    pattern ??= patternOf(value)
    return pattern
  }
  memory.known = [...memory.known, { value, find }].sort((a, b) => b.value.length - a.value.length)
}

/** For a process that goes on after its command. */
export const forgetSecrets = (): void => {
  hidden().known = []
}

/** The text with every known secret taken out, however it is escaped there. No form of one is shorter than itself. */
export const withoutSecrets = (text: string): string =>
  hidden().known.reduce((rest, { value, find }) => (rest.length < value.length ? rest : rest.replace(find(), placeholder)), text)

function patternOf(value: string): RegExp {
  const whole = inAnyForm(value)
  if (value.length < longEnough) return new RegExp(`(?<![\\p{L}\\p{N}])${whole}(?![\\p{L}\\p{N}])`, 'gu')
  return new RegExp([whole, ...[0, 1, 2].map(shift => inBase64(value, shift))].join('|'), 'gu')
}

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
const eitherCase = (hex: string): string => hex.replace(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
const hexOf = (code: number, digits: number): string => eitherCase(code.toString(16).padStart(digits, '0'))

/** One escape in another puts another backslash before it. Bounded, so that a text of backslashes costs no time. */
const escaped = '\\\\{1,8}'

const letters: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f', '"': '"', "'": "'", '/': '\\/' }
const entities: Readonly<Record<string, string>> = { '"': 'quot', "'": 'apos', '&': 'amp', '<': 'lt', '>': 'gt' }

/** Each character as it is, or as JSON, a URL, a form, HTML or our own reports escape it; the forms may be mixed. */
function inAnyForm(value: string): string {
  const runs = value.match(/\\+|[^\\]/gu) ?? []
  return runs.map(run => (run.startsWith('\\') ? backslashes(run.length) : character(run))).join('')
}

const backslashes = (count: number): string =>
  `(?:\\\\{${count},${8 * count}}|(?:${escaped}u005[cC]){${count}}|(?:%(?:25)*5[cC]){${count}})`

function character(one: string): string {
  const code = one.codePointAt(0) ?? 0
  const units = Array.from({ length: one.length }, (_, index) => hexOf(one.charCodeAt(index), 4))
  const bytes = [...Buffer.from(one, 'utf8')].map(byte => `%(?:25){0,3}${hexOf(byte, 2)}`)
  const letter = letters[one]
  const entity = entities[one]
  const forms = [
    quoted(one),
    units.map(unit => `${escaped}u${unit}`).join(''),
    `${escaped}u\\{0*${hexOf(code, 1)}\\}`,
    bytes.join(''),
    `&#0*${code};`,
    `&#[xX]0*${hexOf(code, 1)};`,
    ...(letter === undefined ? [] : [`${escaped}${letter}`]),
    ...(entity === undefined ? [] : [`&${entity};`]),
    ...(one === ' ' ? ['\\+'] : [])
  ]
  return `(?:${forms.join('|')})`
}

/** What its bytes come to in base64 behind `shift` others, without the characters that those next to it have a part in. */
function inBase64(value: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')])
  const from = Math.ceil((shift * 8) / 6)
  const text = bytes.toString('base64').slice(from, Math.floor((bytes.length * 8) / 6))
  const plus = `(?:[+-]|%2[bB]|${escaped}u002[bB])`
  const slash = `(?:[/_]|%2[fF]|${escaped}\\/|${escaped}u002[fF])`
  return text.replace(/[+/]/g, sign => (sign === '+' ? plus : slash))
}
