import type { Surroundings } from './terminal.ts'

/** Is told how many of the declared resources have been looked for, and `undefined` when all is read. */
export type Watch = (done: number | undefined, of: number) => void

/** Narrower than this, a line that is drawn over may break, and what broke off stays. */
const columnsMin = 40

/** One line that is drawn over while Azure is read, and gone after that; nothing where no line can be drawn over. */
export function readingLine({ interactive, columns, err }: Pick<Surroundings, 'interactive' | 'columns' | 'err'>): Watch | undefined {
  if (!interactive || columns < columnsMin) return undefined
  return (done, of) => err(done === undefined ? '\r\u001b[K' : `\r\u001b[KReading Azure: ${done} of ${of} resources`)
}
