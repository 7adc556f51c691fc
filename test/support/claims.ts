import { pathsOf } from '../../src/proof/path.ts'
import { verdictOf } from '../../src/report/verdict.ts'
import type { Estate, Planned } from './estate.ts'
import { watchedIn } from './watched.ts'
import { brokenPaths } from './witness.ts'

/** Whether the tool's own verdict of a plan, below the command line, is that all is as the file says. */
export const saysMatches = ({ plan, live, wanted }: Planned): boolean =>
  verdictOf({
    plan,
    paths: pathsOf({ desired: wanted.desired, live, endpoints: wanted.endpoints }),
    drift: [],
    locks: [],
    markers: []
  }).as === 'matches'

/** The paths that the witness finds broken although the tool says that all matches. */
export const mistaken = async (on: Estate, topology: object, planned: Planned): Promise<string[]> =>
  saysMatches(planned) ? brokenPaths(on.sandbox.handle, watchedIn(topology)) : []
