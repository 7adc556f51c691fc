/*
 * The door of this folder for the code that carries a plan out: lift, restore, markers, leases, the journal and the files of a run. No code
 * outside imports past it. Making a plan is pure and has a door of its own (planning.ts), so that it loads none of these.
 */
export { atRest, isEnded, operationEnded } from './atRest.ts'
export { azLine } from './azLine.ts'
export { nothingInFlight } from './inFlight.ts'
export { type Begun, type Entry, type Journal, type LeftoverMarkers, leftIn, type Owed, owedLocks, type Running } from './journal.ts'
export { type JournalFile, openJournal } from './journalFile.ts'
export { isOver, LeaseMet, lift, liftedAnew, turn } from './lift.ts'
export { standsAsRead } from './lockBody.ts'
export { isLost, tookEffect } from './lostAnswer.ts'
export { type MarkersAllowed, MarkersOfRun, markersAllowed } from './markerScopes.ts'
export { isOtherLockOn } from './otherLock.ts'
export { isAlive, type ProcessId, thisProcess } from './process.ts'
export { clearMarkers, forgetWhatWent, type Restored, restoreLocks } from './recover.ts'
export { type LockPorts, type MarkerLeft, NoMarker, restore, staleMs, stamp, strikeOff, yielded } from './restore.ts'
export { isRunDead, type Journals, namesIn, openJournals, type RunFile, runFilesIn } from './runFiles.ts'
