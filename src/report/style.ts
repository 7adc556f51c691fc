import picocolors from 'picocolors'

type Colors = ReturnType<typeof picocolors.createColors>

/** How a text report looks on the terminal it goes to. */
export interface Style {
  readonly colors: Colors
  readonly symbols: Symbols
}

export interface Symbols {
  readonly create: string
  readonly update: string
  readonly delete: string
  readonly replace: string
  readonly lock: string
  readonly approve: string
  readonly reject: string
  readonly prove: string
  readonly invoke: string
  readonly arrow: string
}

const ascii: Symbols = {
  create: '+',
  update: '~',
  delete: '-',
  replace: '-/+',
  lock: '!',
  approve: 'v',
  reject: 'x',
  prove: '?',
  invoke: '>',
  arrow: '->'
}

export const styleOf = ({ color, unicode }: { readonly color: boolean; readonly unicode: boolean }): Style => ({
  colors: picocolors.createColors(color),
  symbols: unicode ? { ...ascii, approve: '✓', reject: '✗' } : ascii
})

export const plain = styleOf({ color: false, unicode: true })
