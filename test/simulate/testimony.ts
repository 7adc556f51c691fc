import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxState } from '../../src/sandbox/state.ts'
import { type Ask, brokenPaths, type Claimed, type LockSeen, type LocksDiffer, locksDiffer, locksSeen, untrue } from '../support/witness.ts'
import type { Scene } from './scenes.ts'

/** An estate as it is, asked without faults and left as it is. */
const askOf = (state: SandboxState): Ask => createSandbox({ state }).handle

/** All that an estate speaks of. */
const subscriptionsIn = ({ resources }: SandboxState): readonly string[] => [
  ...new Set(resources.flatMap(({ id }) => /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? []))
]

const looks = new WeakMap<SandboxState, Promise<ReadonlyMap<string, LockSeen>>>()

/** The locks of an estate, looked at once. */
function locksIn(state: SandboxState): Promise<ReadonlyMap<string, LockSeen>> {
  const known = looks.get(state) ?? locksSeen(askOf(state), subscriptionsIn(state))
  looks.set(state, known)
  return known
}

/** In what the locks of an estate differ from those before the scene, less those that its file declares. */
export async function locksApart({ begin, declares }: Scene, state: SandboxState): Promise<LocksDiffer> {
  const before = await locksIn(begin)
  const subscriptions = [...new Set([...subscriptionsIn(begin), ...subscriptionsIn(state)])]
  const { lost, held, added } = await locksDiffer(askOf(state), before, subscriptions)
  // There may be blanks in the path that a line begins with.
  const foreign = (line: string): boolean => ![...declares].some(path => line.startsWith(`${path} `))
  return { lost: lost.filter(foreign), held: held.filter(foreign), added: added.filter(foreign) }
}

/** Untrue statements of a run, a sentence each. */
export async function untold(scene: Scene, state: SandboxState, claimed: Claimed): Promise<string[]> {
  const paths = await brokenPaths(askOf(state), scene.watched)
  return untrue(claimed, { paths, locks: await locksApart(scene, state) }).map(line => `the witness: it ${line}`)
}
