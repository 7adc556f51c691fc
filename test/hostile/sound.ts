import { expect } from 'vitest'

/** Nothing in it moves a cursor, reads otherwise than it is, or is carried out by a build agent. */
export function sound(text: string): void {
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Zl}|\p{Zp}|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/u)
  expect(text).not.toMatch(/^\s*::/m)
  expect(text).not.toMatch(/##\[|##vso\[/i)
}
