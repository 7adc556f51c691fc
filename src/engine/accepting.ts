import { resolve as resolvePath } from 'node:path'
import { type Accepted, accepted, type Check, type Compared, judged, movedIn, type Texts } from '../drift/index.ts'
import type { Drift } from '../model/drift.ts'
import { printable } from '../model/printable.ts'
import { type Resolved, resolve, UnfitEntry } from '../topology/resolve.ts'
import type { Loaded } from '../topology/topology.ts'
import { load, readingOver } from './load.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'
import { Stop } from './stop.ts'
import { replacedText, type WrittenFile } from './wholeFile.ts'

/** The drift that was written into the files, and that which could not be. */
export interface Acceptance extends Pick<Accepted, 'written' | 'left'> {
  /** All that could be taken over. */
  readonly moved: readonly Drift[]
  readonly files: readonly WrittenFile[]
}

/** Writes what moved into the files. @throws Stop where one is not sound any more, or cannot be written */
export async function acceptDrift({ prepared, settings }: Session, compared: Compared): Promise<Acceptance> {
  const loaded = await load(prepared.file, 'plan', settings)
  if (!loaded.ok) throw new Stop('invalid', `${printable(prepared.file)} is not sound any more: it was changed meanwhile.`)
  const texts: Texts = new Map(loaded.sources.map(({ file, text }) => [file, text]))
  const input = { document: loaded.document, desired: compared.resolved.desired, texts }
  const moved = movedIn(judged(compared))
  const { written, left, texts: after } = await accepted(moved, input, checkWith(compared, prepared.file, settings))
  const files = [...after].flatMap(([file, text]) => {
    const before = texts.get(file) ?? ''
    return text === before ? [] : [replacedText(settings.cwd, file, before, text)]
  })
  return { files, moved, written, left }
}

/** The files as they would be, loaded and compared as the command itself does it. */
const checkWith =
  (compared: Compared, file: string, settings: Settings): Check =>
  async texts => {
    const loaded = await load(file, 'plan', settings, readingOver(texts, resolvePath(settings.cwd, file), settings.cwd))
    const resolved = loaded.ok ? resolvedFrom(loaded, settings) : firstError(loaded)
    if (typeof resolved === 'string') return { error: resolved }
    return { still: movedIn(judged({ ...compared, resolved })) }
  }

const firstError = ({ diagnostics }: Loaded): string => diagnostics.find(({ severity }) => severity === 'error')?.summary ?? 'unknown'

function resolvedFrom({ topology, positions }: Extract<Loaded, { ok: true }>, { subscription }: Settings): Resolved | string {
  try {
    return resolve(topology, { subscription, positions })
  } catch (error) {
    if (error instanceof UnfitEntry) return error.message
    throw error
  }
}
