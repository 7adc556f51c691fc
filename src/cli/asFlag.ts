import { kebab } from '../model/kebab.ts'
import type { OptionWords } from '../model/option.ts'

/** An option as the command line calls it. */
export const asFlag: OptionWords = (name, value = true) => `--${kebab(name)}${value === true ? '' : ` ${value}`}`
