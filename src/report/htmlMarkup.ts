import { xml } from './svg.ts'

/** No document that was read from somewhere can have this key. */
const own: unique symbol = Symbol('markup')

/** Markup of ours, which goes into a page as it is. */
export interface Markup {
  readonly [own]: string
}

/** Values that can be put into markup: each that is not markup itself is a foreign text, and is escaped. */
export type Part = Markup | string | number | undefined | readonly Part[]

/** Markup from a template, in which every text is escaped, for content and for attributes in double quotes alike. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  trusted(texts.map((text, index) => text + written(parts[index])).join(''))

/** For text of ours alone: a style, a script, a picture that escapes for itself. */
export const trusted = (markup: string): Markup => ({ [own]: markup })

export const markupOf = (markup: Markup): string => markup[own]

function written(part: Part): string {
  if (part === undefined) return ''
  if (Array.isArray(part)) return part.map(written).join('')
  return isMarkup(part) ? part[own] : xml(String(part))
}

const isMarkup = (part: Part): part is Markup => typeof part === 'object' && own in part
