import type { Diagnostic } from '../model/diagnostic.ts'
import type { Position } from '../model/resource.ts'
import type { Topology } from '../model/topology.generated.ts'
import { isUnread, type LoadOptions, loadDocument } from './load.ts'
import { diagnosticOf, fewest, type Problem, sorted } from './problem.ts'
import { positionAt, type Source } from './source.ts'
import { type Aim, type Node, type Path, plain, spanAt } from './tree.ts'
import { validate } from './validate.ts'

export type { LoadOptions } from './load.ts'

/** Where each part of the topology was written, overlays and extended files included. */
export interface Positions {
  /** The key of the entry at `path`, or the value for an item of a list; what is not there is pointed at where it is missing. */
  at(path: Path): Position
  /** The value at `path`. */
  valueAt(path: Path): Position
  /** The same as `at`, for whoever keeps it: it holds the texts, of which the tree that is many times as large is made once more when asked. */
  readonly later: (path: Path) => Position
}

export type Loaded =
  | {
      readonly ok: true
      readonly topology: Topology
      readonly positions: Positions
      /** The merged document, for what needs more than values and positions. */
      readonly document: Node
      /** Warnings. */
      readonly diagnostics: readonly Diagnostic[]
      readonly sources: readonly Source[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly sources: readonly Source[] }

/**
 * From files to a checked topology. Everything wrong is returned at once, sorted by place; `ok` means that there is no
 * error among it. The only I/O is `readFile`.
 */
export async function loadTopology(options: LoadOptions): Promise<Loaded> {
  const { root, treeAnew, sources, problems, inClear } = await loadDocument(options)
  const isWhole = root !== undefined && !problems.some(isUnread)
  const all = isWhole ? [...problems, ...(await validate(root, problems, options.subscription))] : problems
  const presented = (problems: readonly Problem[]) => sorted(problems.map(problem => diagnosticOf(problem, inClear, options)))
  const { shown, rest } = fewest(all)
  const diagnostics = [...presented(shown), ...presented(rest)]
  if (!isWhole || diagnostics.some(diagnostic => diagnostic.severity === 'error')) return { ok: false, diagnostics, sources }
  // The cast holds because the document has passed the schema the type is generated from.
  const topology = deepFrozen(plain(root, 'wrapped')) as Topology
  return { ok: true, topology, positions: positionsIn(root, treeAnew), document: root, diagnostics, sources }
}

function positionsIn(root: Node, treeAnew: () => Node): Positions {
  const position = (path: Path, aim: Aim) => positionAt(spanAt(root, path, aim))
  return { at: path => position(path, 'key'), valueAt: path => position(path, 'value'), later: laterIn(treeAnew) }
}

/** By itself: a function keeps alive all that is used by any other beside it. */
function laterIn(treeAnew: () => Node): Positions['later'] {
  let tree: Node | undefined
  return path => {
    tree ??= treeAnew()
    return positionAt(spanAt(tree, path, 'key'))
  }
}

function deepFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFrozen(part)
  return Object.freeze(value)
}
