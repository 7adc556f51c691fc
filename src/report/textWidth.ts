/** Widths of DejaVu Sans, in thousandths of the font's size: of the fonts a browser may take for `sans-serif` the widest but for Verdana. */
const narrow: ReadonlyMap<string, number> = new Map([
  ...[..." '!|.,:;iIjl"].map((character): [string, number] => [character, 330]),
  ...[...'()[]frt-/\\"'].map((character): [string, number] => [character, 440]),
  ...[...'mMwW%@…→'].map((character): [string, number] => [character, 1000])
])

const lower = 620
const upper = 730
/** The width of a character that is neither Latin nor Greek nor Cyrillic: a Chinese one, or an emoji. */
const full = 1200

function widthOf(character: string): number {
  const known = narrow.get(character)
  if (known !== undefined) return known
  if ((character.codePointAt(0) ?? 0) > 0x52f) return full
  return character !== character.toLowerCase() ? upper : lower
}

/** How wide a text is at most, in the unit of `size`: without a browser it cannot be measured. */
export const textWidth = (text: string, size: number): number =>
  Math.ceil(([...text].reduce((sum, character) => sum + widthOf(character), 0) * size) / 1000)

/** In bold letters. */
export const boldWidth = (text: string, size: number): number => Math.ceil(textWidth(text, size) * 1.13)

/** The text, or as much of its beginning as fits, with a sign that there was more. */
export function fitted(text: string, width: number, measured: (text: string) => number): string {
  if (measured(text) <= width) return text
  const characters = [...text]
  while (characters.length > 1 && measured(`${characters.join('')}…`) > width) characters.pop()
  return `${characters.join('')}…`
}
