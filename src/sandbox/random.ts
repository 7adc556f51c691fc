import { createHash } from 'node:crypto'

/** A guid that is always the same for the same text. */
export const guidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

/** The position in the seeded sequence; a plain object because it is part of the saved state. */
export interface RandomState {
  at: number
}

/** Seeded, so that a run with the same seed and the same requests gives the same guids. */
export class Random {
  readonly #state: RandomState

  constructor(state: RandomState) {
    this.#state = state
  }

  /** At least 0, below 1 (mulberry32). */
  next(): number {
    this.#state.at = (this.#state.at + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state.at ^ (this.#state.at >>> 15), 1 | this.#state.at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('')
  }

  guid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${'89ab'[this.below(4)]}${this.hex(3)}-${this.hex(12)}`
  }
}
