import type { ResourceId } from './id.ts'

/** The topology of the same command that makes a resource, where another one does, and whether an apply comes to it first. */
export type Elsewhere = (id: ResourceId) => { readonly topology: string; readonly comes: 'before' | 'after' } | undefined

/** Said of what an apply makes before it comes to what refers to it. */
export const notYet = (topology: string): string =>
  `is not there yet: topology ${topology} of this command makes it, before this one is applied`

/** Said of what an apply would make too late. */
export const tooLate = (topology: string): string => `Topology ${topology} of this command makes it: give its file first.`
