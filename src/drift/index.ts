/* The door of this folder: nothing outside imports past it. */
export { type Accepted, accepted, type Check, type Texts } from './accept.ts'
export { type IgnoreUse, type Ignoring, ignoreEntryFor, type Judged } from './ignore.ts'
export { type Compared, judged, movedIn } from './judge.ts'
export { type LockOff, locksOff, locksUnseen } from './locks.ts'
export { reverting } from './revert.ts'
export { readUndeclared, type UndeclaredWanted, undeclaredSeen } from './undeclared.ts'
export { asksWho, isInHistory, type Logs, whoWrote } from './who.ts'
