import type { ApplyDocument } from '../document/apply.generated.ts'
import { topologyFiles } from '../engine/files.ts'
import type { Tagging } from '../plan/tagPlan.ts'
import { carriedOut } from './apply.ts'
import type { Flags } from './flags.ts'
import type { Shown } from './host.ts'
import type { Surroundings } from './terminal.ts'

type Run = (addresses: readonly string[], flags: Flags, terminal: Surroundings) => Promise<Shown<ApplyDocument>>

const tagging =
  (as: Tagging['as']): Run =>
  async (addresses, flags, terminal) => {
    const files = await topologyFiles(flags.file === undefined ? [] : [flags.file], terminal.cwd)
    const options = { tagging: { as, addresses: [...new Set(addresses)] } }
    return carriedOut({ files, given: [], flags, events: flags, options }, terminal)
  }

/** Puts the owner's tag on these entries, once the user agrees. */
export const adopt = tagging('adopt')

/** Takes the owner's tag off these entries, once the user agrees. */
export const release = tagging('release')
