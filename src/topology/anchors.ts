import { type Alias, isAlias, isMap, isSeq, type Node } from 'yaml'

/**
 * The node that each alias stands for: the last one above it that has its anchor, which may be one it lies in. Found for all of them in one pass;
 * the library looks through the whole document for each.
 */
export function aliasTargets(root: Node): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  const visit = (node: Node | null): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target) targets.set(node, target)
      return
    }
    if (node && 'anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node)
    if (isSeq(node)) for (const item of node.items) visit(item as Node | null)
    else if (isMap(node)) {
      for (const { key, value } of node.items) {
        visit(key as Node | null)
        visit(value as Node | null)
      }
    }
  }
  visit(root)
  return targets
}
