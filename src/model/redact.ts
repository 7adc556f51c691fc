import { Buffer } from 'node:buffer'

/*
 * The last line behind `Secret`: what others say of a secret. Azure's errors may echo the body that was sent, as it is, in
 * JSON in JSON, in a URL or in base64, and no type follows a value through that.
 */

/** The shortest password that PostgreSQL servers take has 8 characters [DOC-RP]; shorter ones are only looked for as a word, and in base64. */
const longEnough = 8
const shortest = 4

/** A longer value gets no expression of its own: one of ten thousand characters is refused, by an error that says them all. */
const longest = 1000

type Remove = (text: string) => string

/** Values with what takes them out, the longest first, so that one that begins like another does not leave its end behind. */
let known: readonly { readonly value: string; readonly remove: Remove }[] = []

const placeholder = '(secret)'

/** Remembers a value that must not be shown. Below four characters it would make every text unreadable and hide nothing. */
export function keepHidden(value: string): void {
  if (value.length < shortest || known.some(one => one.value === value)) return
  const remover = once(() => (value.length > longest ? removerOfLong(value) : removerOf(value)))
  known = [...known, { value, remove: (text: string) => remover()(text) }].sort((a, b) => b.value.length - a.value.length)
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** For a process that goes on after its command. */
export const forgetSecrets = (): void => {
  known = []
}

let runs = 0

/**
 * Does `work` as a run of this process, which may have several at once: the secrets of each are taken out of the texts of all, and are
 * forgotten when the last run has ended.
 */
export async function hidingSecrets<T>(work: () => Promise<T>): Promise<T> {
  runs += 1
  try {
    return await work()
  } finally {
    runs -= 1
    if (runs === 0) forgetSecrets()
  }
}

/** The text with every known secret taken out, however it is escaped there. No form of one is shorter than itself. */
export const withoutSecrets = (text: string): string =>
  known.reduce((rest, { value, remove }) => (rest.length < value.length ? rest : remove(rest)), text)

function removerOf(value: string): Remove {
  const whole = inAnyForm(value)
  const bounded = value.length < longEnough ? `(?<![\\p{L}\\p{N}])${whole}(?![\\p{L}\\p{N}])` : whole
  const pattern = new RegExp([bounded, ...encodingsOf(value).map(sourceOfBase64)].join('|'), 'gu')
  return text => text.replace(pattern, placeholder)
}

/** The beginning of a form, and the forms that may follow it. An expression is made once, since making it takes long. */
interface Chain {
  readonly head: RegExp
  readonly rest: readonly (() => RegExp)[]
}

/** Whether all of it is there is asked piece by piece, and only where its beginning is. */
function removerOfLong(value: string): Remove {
  const chains = [chainOf(value, inAnyForm), ...encodingsOf(value).map(text => chainOf(text, sourceOfBase64))]
  return text => chains.reduce(withoutChain, text)
}

function chainOf(whole: string, source: (piece: string) => string): Chain {
  const [first = '', ...rest] = whole.match(pieces) ?? []
  return { head: new RegExp(source(first), 'gu'), rest: rest.map(piece => once(() => new RegExp(source(piece), 'yu'))) }
}

/** Not cut behind what may begin an escape, where it can be helped: whether it does, only what follows tells. */
const pieces = new RegExp(`[^]{${longest - 1},${2 * longest}}?[^\\\\%&\\ud800-\\udbff]|[^]{1,${longest}}\\\\*`, 'g')

function withoutChain(text: string, { head, rest }: Chain): string {
  const kept: string[] = []
  let from = 0
  head.lastIndex = 0
  for (let match = head.exec(text); match !== null; match = head.exec(text)) {
    let end: number | undefined = head.lastIndex
    for (const next of rest) end = end === undefined ? undefined : endOf(next(), text, end)
    if (end !== undefined) {
      kept.push(text.slice(from, match.index), placeholder)
      from = end
    }
    head.lastIndex = end ?? match.index + 1
  }
  return [...kept, text.slice(from)].join('')
}

function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** A value in base64 is encoded as it stands in its body: as it is, in JSON or in a URL. */
function encodingsOf(value: string): readonly string[] {
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.replace(/\p{Cs}/gu, '\ufffd'))]
  return [...new Set(forms.flatMap(form => [0, 1, 2].map(shift => inBase64(form, shift))))]
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
  // Itself last: a percent sign or an ampersand is what other forms of it begin with.
  const forms = [
    units.map(unit => `${escaped}u${unit}`).join(''),
    `${escaped}u\\{0*${hexOf(code, 1)}\\}`,
    bytes.join(''),
    `&#0*${code};`,
    `&#[xX]0*${hexOf(code, 1)};`,
    ...(letter === undefined ? [] : [`${escaped}${letter}`]),
    ...(entity === undefined ? [] : [`&${entity};`]),
    ...(one === ' ' ? ['\\+'] : []),
    quoted(one)
  ]
  return `(?:${forms.join('|')})`
}

/** The value's bytes in base64 behind `shift` others, without the characters that those next to it have a part in. */
function inBase64(value: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')])
  const from = Math.ceil((shift * 8) / 6)
  return bytes.toString('base64').slice(from, Math.floor((bytes.length * 8) / 6))
}

function sourceOfBase64(text: string): string {
  const plus = `(?:[+-]|%2[bB]|${escaped}u002[bB])`
  const slash = `(?:[/_]|%2[fF]|${escaped}\\/|${escaped}u002[fF])`
  return text.replace(/[+/]/g, sign => (sign === '+' ? plus : slash))
}
