import { AsyncLocalStorage } from 'node:async_hooks'

const runs = new AsyncLocalStorage<object>()

/**
 * Does `work` with memories of its own: what {@link perRun} keeps in it nobody else sees, and it is forgotten at the end. The command line
 * needs none of this, as its process is its run; a program may have several at once.
 */
export const inRunOfItsOwn = <T>(work: () => Promise<T>): Promise<T> => runs.run({}, work)

/** Something that is remembered for as long as a run: of the one that asks, or of the process where it is the only one. */
export function perRun<T>(begin: () => T): () => T {
  const ofProcess = begin()
  const ofRuns = new WeakMap<object, T>()
  return () => {
    const run = runs.getStore()
    if (run === undefined) return ofProcess
    const kept = ofRuns.get(run) ?? begin()
    ofRuns.set(run, kept)
    return kept
  }
}
