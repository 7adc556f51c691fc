import type { Box, Line } from './picture.ts'
import { boldWidth, textWidth } from './textWidth.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** `x` and `y` are those of the upper left corner. */
export interface Rect extends Point {
  readonly width: number
  readonly height: number
}

export interface Placed extends Rect {
  readonly box: Box
  /** Others lie in it, under its own texts. */
  readonly isFrame: boolean
}

export interface Route {
  readonly line: Line
  readonly points: readonly Point[]
  /** The middle of its text. */
  readonly label: Point
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Frames before what lies in them. */
  readonly boxes: readonly Placed[]
  readonly routes: readonly Route[]
  /** Too large for lines: boxes stand in rows, and how many lines there would be is said elsewhere. */
  readonly isGrid: boolean
}

export const sizes = { title: 13, says: 11, label: 11, pad: 12, lineTitle: 18, lineSmall: 15, icon: 20, margin: 12, gap: 18 } as const

export const isFrame = ({ children }: Box): boolean => children.length > 0

/** The height of a box's own texts. */
export const textHeight = ({ lines }: Box): number => sizes.lineTitle + sizes.lineSmall * (1 + lines.length)

/** The width of a box's own texts, with the picture of its kind beside them. */
export const ownWidth = ({ title, says, lines }: Box): number =>
  sizes.icon +
  Math.max(boldWidth(title, sizes.title), ...[says, ...lines.map(({ text }) => `    ${text}`)].map(text => textWidth(text, sizes.says)))
