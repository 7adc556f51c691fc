import { isMap } from '../../model/json.ts'
import type { Path } from '../tree.ts'
import type { KeywordFinding } from './rule.ts'

export type ExclusiveConfig =
  | { readonly exactlyOne: readonly string[] }
  /** When `key` is there (and not `false`), nothing but `allows` may stand beside it. */
  | { readonly key: string; readonly allows: readonly string[] }

export function exclusiveKeys(configs: readonly ExclusiveConfig[], data: unknown, path: Path): KeywordFinding[] {
  if (!isMap(data)) return []
  const present = Object.entries(data).flatMap(([key, value]) => (value === false ? [] : [key]))
  return configs.flatMap(config => ('key' in config ? besideKey(config, present, path) : notExactlyOne(config.exactlyOne, present, path)))
}

function notExactlyOne(keys: readonly string[], present: readonly string[], path: Path): KeywordFinding[] {
  const [first, ...others] = keys.filter(key => present.includes(key))
  const list = keys.join(' and ')
  if (first === undefined) return [{ rule: 'PGL931', path, aim: 'key', summary: `exactly one of ${list} must be given` }]
  return others.map(key => ({
    rule: 'PGL931',
    path: [...path, key],
    aim: 'key',
    summary: `${key} cannot stand beside ${first}: exactly one of ${list} must be given`,
    related: [{ path: [...path, first], aim: 'key', message: `${first} stands here` }]
  }))
}

function besideKey({ key, allows }: Extract<ExclusiveConfig, { key: string }>, present: readonly string[], path: Path): KeywordFinding[] {
  if (!present.includes(key)) return []
  const wrong = present.filter(other => other !== key && !allows.includes(other))
  return wrong.map(other => ({
    rule: 'PGL931',
    path: [...path, other],
    aim: 'key',
    summary: `${other} cannot stand beside ${key}: what exists and is not ours is not written`,
    related: [{ path: [...path, key], aim: 'key', message: `${key} stands here` }]
  }))
}
