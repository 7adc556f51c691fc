import type { ResourceId } from './id.ts'

/** Ids that other topologies of the same command make: which one does, and whether an apply comes to it first. */
export type Elsewhere = ReadonlyMap<ResourceId, { readonly topology: string; readonly comes: 'before' | 'after' }>

/** Said of what an apply makes before it comes to what refers to it. */
export const notYet = (topology: string): string =>
  `is not there yet: topology ${topology} of this command makes it, before this one is applied`

/** Said of what an apply would make too late. */
export const tooLate = (topology: string): string => `Topology ${topology} of this command makes it: give its file first.`
