import { isMap } from '../model/json.ts'
import type { Topology } from '../model/topology.generated.ts'
import type { Sound } from './rules/rule.ts'
import { type Node, type Path, plain } from './tree.ts'

/**
 * The topology without what stands at `unsound`, and without what variables leave open. The cast holds because whatever
 * remains has passed the schema the type is generated from.
 */
export function soundPart(root: Node, unsound: readonly Path[]): Sound<Topology> {
  const refused = new Set(unsound.map(key))
  const part = prune(root, [], refused)
  return (isMap(part) ? part : {}) as Sound<Topology>
}

const key = (path: Path): string => path.join('\n')

function prune(node: Node, path: Path, refused: ReadonlySet<string>): unknown {
  if (refused.has(key(path))) return undefined
  switch (node.kind) {
    case 'scalar':
      return node.unset ? undefined : plain(node, 'wrapped')
    case 'list':
      return node.items.map((item, index) => prune(item, [...path, index], refused)).filter(item => item !== undefined)
    case 'map': {
      const kept = [...node.entries].map(([name, { value }]) => [name, prune(value, [...path, name], refused)] as const)
      return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
    }
  }
}
