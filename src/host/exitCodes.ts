import type { Ending } from '../model/ending.ts'

export const exitCodes = {
  ok: 0,
  error: 1,
  changes: 2,
  drift: 3,
  invalid: 4,
  stale: 5,
  refused: 6,
  waiting: 7,
  partial: 8,
  lockNotRestored: 9,
  usage: 64,
  interrupted: 130,
  terminated: 143
} as const satisfies Readonly<Record<Ending, number>>

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const meanings: Readonly<Record<ExitCode, string>> = {
  0: 'done, or nothing to do',
  1: 'an error, and nothing was changed by it; drift: something declared could not be read',
  2: 'plan --detailed-exitcode: there are changes; import: the file breaks rules, as what is there does; fmt --check: a file is not in its form',
  3: 'drift: Azure is not as declared, or holds what no file declares; verify: a path is broken',
  4: 'the file is missing or invalid',
  5: 'something moved since the plan was made; connections: it changed since it was shown',
  6: 'refused by a safety rule, or not confirmed',
  7: 'waiting on a person or a right; --duty: something is left to another; verify: part of a path could not be seen, or waits',
  8: 'partly done; import: not all could be read',
  9: 'a management lock is not restored: pglink locks restore',
  64: 'a command or flag that does not exist',
  130: 'interrupted (Ctrl-C)',
  143: 'terminated'
}
