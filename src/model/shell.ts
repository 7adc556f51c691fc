import { isArmed, unseen } from './unseen.ts'

/** No shell makes anything of these characters, but zsh of an equals sign at the beginning. */
const bare = /^(?!=)[\w./:=@%+,-]+$/

/**
 * A text as one word of a line for a POSIX shell, to be pasted: the one place where pglink quotes. We spell out characters that cannot
 * be seen, and those that a build agent would carry out in its log, and the shell turns them back.
 */
export function shellWord(text: string): string {
  if (bare.test(text) && !isArmed(text)) return text
  if (text.search(unseen) < 0 && !isArmed(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  // A command's output loses the line ends it ends with; not every shell has the first form.
  return text.endsWith('\n') ? `$'${spelt(text)}'` : `"$(printf '${spelt(text)}')"`
}

/** Bytes in octal, for every character but letters, digits and signs without a meaning in a shell. */
const spelt = (text: string): string =>
  [...text]
    .map(character => (/^[\p{L}\p{N} ./_@=,+-]$/u.test(character) ? character : [...Buffer.from(character)].map(octal).join('')))
    .join('')

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`

/** Words in a row. */
export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ')

/** A path as a word that no command takes for a flag. */
export const pathWord = (path: string): string => (path.startsWith('-') ? `./${path}` : path)

/** A text as one word of a line for fish. */
export const fishWord = (text: string): string => `"${text.replace(/["$\\]/g, '\\$&')}"`
