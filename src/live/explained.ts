import { kinds } from '../kinds/index.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { grouped } from '../model/grouped.ts'
import { type ExplainedRead, type ReadNote, type ReadsTold, readKey } from '../model/reads.ts'

const beside = 'a path, a step or something undeclared leads there'

/** How each kind was read, how often Azure was asked for that, and why. The calls add up to all that the plan made. */
export function explainedReads({ notes, asked }: ReadsTold): readonly ExplainedRead[] {
  const byKey = grouped(notes, ({ type, how }) => (how === 'list' || how === 'one by one' ? readKey(type, how) : `${type} ${how}`))
  const told = [...byKey].flatMap(([key, some]): ExplainedRead[] => {
    const resources = some.reduce((sum, note) => sum + note.resources, 0)
    return some.slice(0, 1).map(({ type, how }) => ({ what: titleOf(type), how, resources, calls: asked.get(key) ?? 0, why: whyOf(some) }))
  })
  const others = [...asked].flatMap(([key, calls]): ExplainedRead[] => {
    if (byKey.has(key)) return []
    const how = key.endsWith(' list') ? 'list' : 'one by one'
    return [{ what: titleOf(key.slice(0, -how.length - 1)), how, resources: 0, calls, why: beside }]
  })
  return [...told, ...others]
}

const whyOf = (notes: readonly ReadNote[]): string =>
  notes.map(({ why, resources }) => (notes.length === 1 ? why : `${why} (${resources})`)).join('; ')

function titleOf(type: string): string {
  const kind = kinds.find(one => one.type.toLowerCase() === type.toLowerCase())
  if (kind !== undefined) return kind.title
  return type.toLowerCase() === `${privateDnsZone.type}/A`.toLowerCase() ? 'A record' : type
}
