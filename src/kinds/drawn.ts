import type { ResourceId } from '../model/id.ts'

/** A zone group that is a policy's. */
export const byPolicy = 'DNS zone group (policy)'

/** One of a kind as a node of the drawn graph. */
export interface DrawnNode {
  /** Dot and mermaid have a form for each. */
  readonly shape: 'box' | 'cylinder' | 'hexagon' | 'oval' | 'parallelogram' | 'component'
  /** The path of its icon, in a square of 16. */
  readonly icon: string
  /** It lies in what this field leads to, and not in what its id says. */
  readonly lies?: string
  /** The node around it is drawn with it, also where the file says nothing of either. */
  readonly bringsAbove?: boolean
}

/** A node; a change of the node that it lies in; or an edge between nodes, or a lock on one. */
export type Drawn = DrawnNode | 'on its parent' | 'between nodes'

/** An edge that one of a kind draws; none where an end is not known. */
export interface Join {
  readonly from: ResourceId | undefined
  readonly to: ResourceId | undefined
  readonly label: string
  /** The host it names, which counts for more than `to`: that is what both sides of a plan have. */
  readonly host?: string | undefined
}
