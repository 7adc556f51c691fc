import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { keyOf } from './armPath.ts'
import { isObject } from './json.ts'
import type { SandboxState, StateDelta } from './state.ts'
import { StateFileError } from './stateFileError.ts'

/**
 * The changes since a state file was written, a line for each write, so that a write costs by its own size and not by
 * the estate's. A line is with the system before its write is answered, and so outlives this process, but not always the machine.
 */
export interface Journal {
  /** Those of the file that it was opened for; none when the journal is of another file, which it then says nothing about. */
  readonly deltas: readonly StateDelta[]
  /** How long it is; 0 while it has none. */
  bytes(): number
  add(delta: StateDelta): void
  /** An empty one, of the file with this hash. */
  begin(hash: string): void
  close(): void
}

/** @throws StateFileError when a line other than the last one is damaged */
export function openJournal(path: string, hash: string | undefined): Journal {
  const { deltas, length } = hash === undefined ? nothing : read(path, hash)
  let of = hash
  let bytes = length
  let file: number | undefined

  function opened(): number {
    if (file !== undefined) return file
    if (bytes > 0) {
      file = openSync(path, 'r+')
      // A line that was being written when the process before this one ended was never answered for.
      ftruncateSync(file, bytes)
    } else {
      file = openSync(path, 'w', 0o600)
      bytes = writeSync(file, `${JSON.stringify({ journal: 1, of })}\n`, 0)
    }
    return file
  }

  return {
    deltas,
    bytes: () => bytes,
    add(delta) {
      const at = opened()
      const line = Buffer.from(`${JSON.stringify(delta)}\n`)
      let done = 0
      while (done < line.length) done += writeSync(at, line, done, line.length - done, bytes + done)
      bytes += line.length
    },
    begin(next) {
      of = next
      bytes = 0
      if (file !== undefined) closeSync(file)
      file = undefined
      rmSync(path, { force: true })
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    }
  }
}

const nothing = { deltas: [], length: 0 }

function read(path: string, hash: string): { readonly deltas: readonly StateDelta[]; readonly length: number } {
  if (!existsSync(path)) return nothing
  const text = readFileSync(path, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const [head = '', ...lines] = whole.split('\n').slice(0, -1)
  const header = jsonOf(head)
  if (!isObject(header) || header['of'] !== hash) return nothing
  const deltas = lines.map((line, index) => {
    const delta = jsonOf(line)
    if (isDelta(delta)) return delta
    throw new StateFileError(
      `${path} is not a journal of the sandbox: line ${index + 2} is damaged. It was left as it is; move it away to go on from the state file alone.`
    )
  })
  return { deltas, length: Buffer.byteLength(whole) }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const isDelta = (value: unknown): value is StateDelta =>
  isObject(value) &&
  typeof value['now'] === 'number' &&
  isObject(value['random']) &&
  ['put', 'gone', 'operations', 'forgotten'].every(key => Array.isArray(value[key]))

/** The state after all that has changed. */
export function withDeltas(state: SandboxState, deltas: readonly StateDelta[]): SandboxState {
  const resources = new Map(state.resources.map(one => [keyOf(one.id), one]))
  const operations = new Map(state.operations.map(one => [one.id, one]))
  for (const { put, gone, operations: begun, forgotten } of deltas) {
    for (const key of gone) resources.delete(key)
    for (const one of put) resources.set(keyOf(one.id), one)
    for (const id of forgotten) operations.delete(id)
    for (const one of begun) operations.set(one.id, one)
  }
  const last = deltas.at(-1) ?? state
  return {
    ...state,
    now: last.now,
    random: last.random,
    resources: [...resources.values()],
    operations: [...operations.values()],
    pending: deltas.findLast(one => one.pending)?.pending ?? state.pending,
    settlingLocks: deltas.findLast(one => one.settlingLocks)?.settlingLocks ?? state.settlingLocks
  }
}
