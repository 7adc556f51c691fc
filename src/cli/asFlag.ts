import type { OptionWords } from '../model/option.ts'

/** `envFile` → `env-file`. */
export const flagText = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** An option as the command line calls it. */
export const asFlag: OptionWords = (name, value = true) => `--${flagText(name)}${value === true ? '' : ` ${value}`}`
