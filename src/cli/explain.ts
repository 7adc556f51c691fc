import { UsageError } from '../engine/stop.ts'
import type { Ending } from '../model/ending.ts'
import { printed } from '../model/printable.ts'
import { didYouMean } from '../model/suggest.ts'
import { explain as page } from '../report/diagnostics.ts'
import { rules, rulesById } from '../topology/rules/index.ts'

import type { Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** The page of one rule, by id or name; the list of all without one. @throws UsageError when there is no such rule */
export async function explain([asked]: readonly string[], _flags: Flags, terminal: Surroundings): Promise<Ending> {
  if (asked === undefined) {
    const width = Math.max(...rules.map(({ name }) => name.length))
    for (const { id, name, summary } of rules) terminal.out(printed`${id}  ${name.padEnd(width)}  ${summary}\n`)
    return 'ok'
  }
  const rule = rulesById.get(asked.toUpperCase()) ?? rules.find(({ name }) => name === asked.toLowerCase())
  if (rule === undefined) {
    const hint = didYouMean(asked, [...rulesById.keys(), ...rules.map(({ name }) => name)])
    throw new UsageError(
      `There is no rule ${JSON.stringify(asked)}${hint === undefined ? '' : `: ${hint}`}. \`pglink explain\` lists them.`
    )
  }
  terminal.out(page(rule, terminal))
  return 'ok'
}
