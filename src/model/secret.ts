import { invariant } from './invariant.ts'
import { keepHidden } from './redact.ts'

const hidden = '(secret)'

/**
 * A value that is only ever sent to Azure. Whatever prints, joins, serialises or inspects it gets a placeholder; the
 * value itself comes out of `reveal()` alone, so that every place that handles it in clear can be found by that word.
 */
export class Secret {
  readonly #value: string | undefined
  /** The variable it is read from: what stands for it in digests, plans and messages. */
  readonly variable: string

  constructor(variable: string, value: string | undefined) {
    this.variable = variable
    this.#value = value
    if (value !== undefined) keepHidden(value)
  }

  /** Whether the variable had a value. One without is only in the way of a step that must send it. */
  get isSet(): boolean {
    return this.#value !== undefined
  }

  reveal(): string {
    invariant(this.#value !== undefined, `the variable ${this.variable} is not set`)
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [Symbol.toPrimitive](): string {
    return hidden
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${this.variable})`
  }
}
