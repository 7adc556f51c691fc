import type { Notice } from '../engine/host.ts'
import { printed } from '../model/printable.ts'
import type { Surroundings } from './terminal.ts'

export interface ReadingLine {
  /** Draws how far the reading of Azure is. */
  on(notice: Extract<Notice, { type: 'reading' | 'looked' }>): void
  /** Takes the line away, before anything else is said. */
  clear(): void
}

/** Narrower than this, a line that is drawn over may break, and what broke off stays. */
const columnsMin = 40

const start = '\r\u001b[K'

/** One line that is drawn over while Azure is read, and gone after that; nothing where no line can be drawn over. */
export function readingLine({ interactive, columns, err }: Pick<Surroundings, 'interactive' | 'columns' | 'err'>): ReadingLine | undefined {
  if (!interactive || columns < columnsMin) return undefined
  /** Those that are read just now, by their file. */
  const open = new Map<string, { readonly done: number; readonly of: number }>()
  let looked = { done: 0, of: 0 }
  let isDrawn = false
  const clear = (): void => {
    if (isDrawn) err(start)
    isDrawn = false
  }
  const draw = (): void => {
    const sum = (key: 'done' | 'of'): number => [...open.values()].reduce((total, one) => total + one[key], 0)
    const several = looked.of > 1 ? `${looked.done} of ${looked.of} topologies, ` : ''
    const text = printed`Reading Azure: ${several}${sum('done')} of ${sum('of')} resources`
    err(start + text.slice(0, columns - 1))
    isDrawn = true
  }
  return {
    on(notice) {
      if (notice.type === 'looked') looked = notice
      else if (notice.done === undefined) open.delete(notice.prepared.file)
      else open.set(notice.prepared.file, { done: notice.done, of: notice.of })
      if (open.size === 0) clear()
      else draw()
    },
    clear
  }
}
