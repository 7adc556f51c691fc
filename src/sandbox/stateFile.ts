import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { openJournal, withDeltas } from './journal.ts'
import { isObject, type JsonObject, jsonIn, listAt, textAt, valueAt } from './json.ts'
import type { SandboxState, StateDelta } from './state.ts'
import { StateFileError } from './stateFileError.ts'

/** An estate on disk, held by one process: a file, and beside it a journal of what has changed since the file was written. */
export interface StateFile {
  /** Undefined when the file did not exist. */
  readonly state: SandboxState | undefined
  /** Whether the file says which estate it is. */
  isNamed(): boolean
  /** Writes the whole, atomically. A state equal to what the file holds leaves its bytes as they are. */
  save(state: SandboxState): void
  /** Writes what has changed, at a cost that does not grow with the estate; the whole where that is not known, or is due again. */
  append(delta: StateDelta | undefined, whole: () => SandboxState): void
  /** Lets another process have the file. */
  close(): void
}

export { StateFileError }

/** @throws StateFileError */
export function openStateFile(path: string): StateFile {
  mkdirSync(dirname(path), { recursive: true })
  const unlock = takeLock(`${path}.lock`, path)
  try {
    return openFile(path, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

function openFile(path: string, unlock: () => void): StateFile {
  if (existsSync(path) && !statSync(path).isFile()) throw new StateFileError(`${path} cannot be read: it is no file.`)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const base = text === undefined ? undefined : parseState(text, path)
  let written = text === undefined ? undefined : { hash: hashOf(text), bytes: Buffer.byteLength(text) }
  const journal = openJournal(`${path}.log`, written?.hash)
  const state = base && withDeltas(base, journal.deltas)
  // Only the whole says which estate it is, so that the first write of one that did not say it yet is of the whole.
  let isNamed = state?.estate !== undefined

  function save(next: SandboxState): void {
    const whole = textOf(next)
    const hash = hashOf(whole)
    if (hash !== written?.hash || journal.bytes() > 0) writeAtomically(path, whole)
    // Should the process end here, the journal is of another file than this one, and is not read again.
    journal.begin(hash)
    isNamed = true
    written = { hash, bytes: Buffer.byteLength(whole) }
  }

  return {
    state,
    isNamed: () => isNamed,
    save,
    append(delta, whole) {
      if (delta === undefined || written === undefined || !isNamed || journal.bytes() > Math.max(journalBytesLeast, written.bytes))
        save(whole())
      else journal.add(delta)
    },
    close() {
      journal.close()
      unlock()
    }
  }
}

/** Below this the whole is not written again, however small it is. */
const journalBytesLeast = 1024 * 1024

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A resource is never changed, only replaced, so each is made text of once, and most of a state is text already. */
const texts = new WeakMap<object, string>()

function textOnce(one: object): string {
  const known = texts.get(one)
  if (known !== undefined) return known
  const text = JSON.stringify(one)
  texts.set(one, text)
  return text
}

function textOf({ resources, operations, ...rest }: SandboxState): string {
  const lists = `"resources":[${resources.map(textOnce).join()}],"operations":[${operations.map(textOnce).join()}]`
  return `${JSON.stringify(rest).slice(0, -1)},${lists}}\n`
}

function parseState(text: string, path: string): SandboxState {
  const left = 'It was left as it is; move it away to begin with an empty estate.'
  let json: unknown
  try {
    json = jsonIn(text)
  } catch (error) {
    throw new StateFileError(`${path} is not a state of the sandbox: it ${(error as Error).message}. ${left}`)
  }
  return stateOf(json, path, left)
}

/** @throws StateFileError that begins with `what` and ends with the way out */
export function stateOf(json: unknown, what: string, wayOut = 'Nothing was changed.'): SandboxState {
  const damaged = (why: string): StateFileError => new StateFileError(`${what} is not a state of the sandbox: ${why}. ${wayOut}`)
  if (!isObject(json)) throw damaged('it is not a JSON object')
  if (json['version'] !== 1)
    throw damaged(`its version is ${typeof json['version'] === 'number' ? json['version'] : 'no number'}, and this sandbox reads 1`)
  if (json['estate'] !== undefined && typeof json['estate'] !== 'string') throw damaged('its estate is no text')
  if (typeof json['now'] !== 'number' || !isObject(json['random'])) throw damaged('its clock or its random sequence is missing')
  for (const key of ['resources', 'operations', 'pending', 'settlingLocks']) {
    if (!Array.isArray(json[key])) throw damaged(`"${key}" is missing`)
  }
  if (!isState(json)) throw damaged('a resource in it has no id, no type or no body, or an operation no id')
  return json
}

const isState = (json: JsonObject): json is JsonObject & SandboxState =>
  listAt(json, 'resources').every(
    one => textAt(one, 'id') !== undefined && textAt(one, 'type') !== undefined && isObject(valueAt(one, 'body'))
  ) &&
  listAt(json, 'operations').every(one => textAt(one, 'id') !== undefined) &&
  listAt(json, 'pending').every(one => typeof valueAt(one, 'dueAt') === 'number')

/** A reader sees the old file or the new one, whole, whatever happens to this process or to the machine. */
function writeAtomically(path: string, text: string): void {
  const next = `${path}.${process.pid}.tmp`
  const file = openSync(next, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  // The folder is not synced: should the machine go down now, the file is the old one, which is whole too.
  renameSync(next, path)
}

/** Refuses while the process that took it lives; takes it over from one that does not. */
function takeLock(lock: string, path: string): () => void {
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) })
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = openSync(lock, 'wx', 0o600)
      writeSync(file, mine)
      closeSync(file)
      return () => rmSync(lock, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = liveHolder(lock)
    if (holder !== undefined) throw new StateFileError(`${path} is in use by process ${holder}; one process at a time can have it.`)
    rmSync(lock, { force: true })
  }
  throw new StateFileError(`${path} is being taken by another process; one process at a time can have it.`)
}

function liveHolder(lock: string): number | undefined {
  try {
    const { pid, started }: { pid?: unknown; started?: unknown } = JSON.parse(readFileSync(lock, 'utf8'))
    if (typeof pid !== 'number') return undefined
    process.kill(pid, 0)
    // The same number with another start is another process that came later.
    return startOf(pid) === started ? pid : undefined
  } catch (error) {
    // A process of another user lives, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? -1 : undefined
  }
}

/** Where the system tells it; elsewhere the process number has to do. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted after the command, which may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
