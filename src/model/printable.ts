import { withoutSecrets } from './redact.ts'
import { unseen } from './unseen.ts'

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return short[character] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`)
}

/**
 * A build agent carries out what it finds in its log: GitHub a line that begins with `::`, blanks before it or not, and
 * `##[` anywhere in a line; Azure Pipelines `##vso[` as well.
 */
const disarmed = (text: string): string => text.replace(/^(\s*):(?=:)/u, '$1\\u003a').replace(/(?<=#)#(?=\[|vso\[)/giu, '\\u0023')

/**
 * The one gate between a foreign text and a terminal or a log: what cannot be seen is written as an escape, on one
 * line, which no build agent takes for a command; a secret in it is taken out.
 */
export const printable = (text: string): string => disarmed(withoutSecrets(text).replace(unseen, escapeOf))

/** A text of ours that goes out as it is, colours and lines too: all of others that is in it went through a gate when it was made. */
export class AsIs {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const asIs = (text: string): AsIs => new AsIs(text)

/**
 * A text for a terminal or a log: the template is ours, and what is put into it is made {@link printable}, unless it is said to be
 * {@link asIs}. All that writes to a terminal is written with it.
 */
export const printed = (ours: TemplateStringsArray, ...others: readonly (string | number | undefined | AsIs)[]): string =>
  ours.reduce((text, part, index) => {
    const other = others[index - 1]
    return `${text}${other instanceof AsIs ? other.text : printable(String(other ?? ''))}${part}`
  })

/** As {@link printable}, for a text of several lines of ours that quotes a foreign one. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/**
 * The one gate between a document and its reader: JSON, in which no character that cannot be seen stands as it is, and
 * no secret.
 */
export const jsonText = (document: unknown): string => `${json(document, 2)}\n`

/** As {@link jsonText}, on one line. */
export const jsonLine = (document: unknown): string => `${json(document, 0)}\n`

const json = (document: unknown, indent: number): string =>
  JSON.stringify(document, shown, indent)
    .replace(unseen, character => (character === '\n' ? character : unitsOf(character)))
    .replace(/(?<=#)#(?=\[|vso\[)/giu, '\\u0023')

/** Every string of a document, keys too. */
function shown(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [withoutSecrets(key), member]))
}

const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
