const closing = ' -->'

/**
 * A first line that holds facts for us and that no reader sees: an HTML comment, which no text inside can end early. HTML ends one at
 * `--`, so hyphens that follow one another and angle brackets are written as JSON escapes.
 */
export const hiddenLine = (opening: string, facts: object): string => `${opening}${safeJson(facts)}${closing}`

/** The facts of a body's first line. Only that counts: everything under it quotes names and values that others chose. */
export function hiddenIn(opening: string, body: string): unknown {
  const line = body.split('\n', 1)[0]?.trimEnd() ?? ''
  if (!line.startsWith(opening) || !line.endsWith(closing)) return undefined
  try {
    return JSON.parse(line.slice(opening.length, -closing.length))
  } catch {
    return undefined
  }
}

export const safeJson = (value: object): string => JSON.stringify(value).replace(unsafe, unitsOf)

/**
 * A lone hyphen, as in most paths, stays readable. The others would end the comment, hide or break the line, or be a command
 * to the runner that has it in its log.
 */
const unsafe = /(?<=-)-|-(?=-)|(?<=#)#|[<>]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
