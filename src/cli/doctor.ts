import { type Examined, examine } from '../engine/doctor.ts'
import { type Ending, worst } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import type { Flags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import { type Surroundings, styleFor } from './terminal.ts'

/** Says of each thing that a run needs whether it is there, and the way out where not. */
export async function doctor(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const findings = await examine(optionsOf(given, flags, terminal), hostOn({ flags, terminal }), process.versions.node)
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', findings }))
  else {
    const { colors, unicode } = styleFor(terminal, flags.noColor)
    const signs = {
      ok: colors.green(unicode ? '✓' : 'ok'),
      wrong: colors.red(unicode ? '✗' : 'NO'),
      unknown: colors.yellow(unicode ? '?' : '??')
    }
    for (const { state, says, fix } of findings)
      terminal.out(printed`${asIs(signs[state])} ${says}\n${asIs(fix === undefined ? '' : printed`    ${fix}\n`)}`)
  }
  return worst(['ok', ...findings.map(endingOf)])
}

function endingOf({ check, state }: Examined): Ending {
  if (state !== 'wrong') return 'ok'
  return check === 'file' ? 'invalid' : check === 'rights' ? 'waiting' : 'error'
}
