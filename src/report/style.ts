import picocolors from 'picocolors'

/** How a text report looks on the terminal it goes to. */
export interface Style {
  readonly colors: ReturnType<typeof picocolors.createColors>
  readonly unicode: boolean
}

export const styleOf = ({ color, unicode }: { readonly color: boolean; readonly unicode: boolean }): Style => ({
  colors: picocolors.createColors(color),
  unicode
})

export const plain = styleOf({ color: false, unicode: true })
