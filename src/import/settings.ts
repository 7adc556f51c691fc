import type { SaidEntry, Writing } from '../kinds/authored.ts'
import type { FieldRule } from '../kinds/rule.ts'
import { type Json, nested, overlay } from '../model/json.ts'
import { settingOf } from '../topology/settings.ts'
import type { Item } from './item.ts'

/**
 * The settings that say a resource as it is, and no more than a person would write: not what Azure gives anyway. It is the inverse of
 * what the kind maps an entry to, from the same fields.
 */
export function settingsOf({ kind, props, body }: Item, writing: Writing): SaidEntry {
  const own = kind.author.entry(props, body, writing)
  if ('cannot' in own) return own
  let says: Json = {}
  for (const [field, rule] of Object.entries(kind.fields)) {
    const live = (props as Readonly<Record<string, unknown>>)[field]
    // Regions are inherited: place.ts writes them.
    const isPlaced = kind.inFile?.inRegion === true && field === 'location'
    if (kind.author.instead.includes(field)) says = overlay(says, own.says)
    if (live === undefined || isPlaced || kind.author.instead.includes(field) || isUsual(rule, live, props)) continue
    const writes = settingOf(kind.name, field)?.writes(live, writing.refer)
    if (typeof writes === 'string') return { cannot: writes }
    for (const { path, value } of writes ?? []) if (value !== undefined) says = overlay(says, nested(path, value))
  }
  return { says: overlay(says, own.says) }
}

function isUsual({ isUsual: judge, usual, whenGone }: FieldRule<unknown>, live: unknown, props: unknown): boolean {
  if (judge !== undefined) return judge(live, props as object)
  const value = usual ?? whenGone
  return value !== undefined && JSON.stringify(value) === JSON.stringify(live)
}
