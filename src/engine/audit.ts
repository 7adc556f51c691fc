import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ArmError } from '../azure/error.ts'
import { isAlive, type ProcessId, thisProcess } from '../locks/index.ts'
import type { Audit, Decision } from '../model/decision.ts'
import type { Estate } from '../model/estate.ts'
import { isBody } from '../model/json.ts'
import { messageOf } from '../model/message.ts'
import { estateFolder, madeDataDir } from './dataDir.ts'
import type { Host } from './host.ts'
import { Stop } from './stop.ts'

interface AuditOptions {
  readonly dataDir: string
  readonly estate: Estate
  readonly run: string
  /** The object id of the login, by its token. */
  readonly objectId: string | undefined
  readonly host: Pick<Host, 'notify'>
}

/** Where the decisions on one estate are kept account of. */
const auditFile = (dataDir: string, estate: Estate): string => join(estateFolder(dataDir, estate), 'audit.ndjson')

/**
 * Keeps account of decisions on private endpoint connections: one line each in a file that only grows, written to the disk once Azure has
 * taken the decision. A claim beside it says meanwhile what is asked of Azure: where a process ends in between, the next one that decides
 * makes a line of it whose outcome is unknown.
 */
export function auditOf({ dataDir, estate, run, objectId, host }: AuditOptions): Audit & { readonly isUnwritten: () => boolean } {
  const file = auditFile(dataDir, estate)
  const claims = join(estateFolder(dataDir, estate), 'audit.claims')
  let nth = 0
  let isUnwritten = false
  const note = (line: string, claim: string): void => {
    try {
      appended(file, `${line}\n`)
      rmSync(claim, { force: true })
    } catch (error) {
      isUnwritten = true
      host.notify({ type: 'unaudited', file, line, error })
    }
  }
  return {
    isUnwritten: () => isUnwritten,
    async record(decision, write) {
      nth += 1
      const claim = join(claims, `${run}-${nth}.json`)
      const entry = entryOf(decision, { run, objectId })
      try {
        madeDataDir(dataDir, estate)
        mkdirSync(claims, { recursive: true })
        for (const line of leftIn(claims)) appended(file, line)
        appended(file, '')
        appended(claim, JSON.stringify({ process: thisProcess(), entry }))
      } catch (error) {
        throw new Stop(
          'error',
          `No account of the decision can be kept in ${file}, so that nothing was written to Azure: ${messageOf(error)}`
        )
      }
      try {
        await write()
      } catch (error) {
        // Azure refused it: nothing was decided. Where no answer came, nothing says whether it was.
        if (error instanceof ArmError) rmSync(claim, { force: true })
        else note(JSON.stringify({ ...entry, outcome: 'unknown' }), claim)
        throw error
      }
      note(JSON.stringify({ ...entry, outcome: 'written' }), claim)
    }
  }
}

const entryOf = ({ connection, endpoint, from, to, response }: Decision, { run, objectId }: Pick<AuditOptions, 'run' | 'objectId'>) => ({
  time: new Date().toISOString(),
  objectId: objectId ?? null,
  run,
  server: connection.split('/').slice(0, -2).join('/'),
  connection,
  endpoint: endpoint ?? null,
  from,
  to,
  response: response ?? null
})

/** Lines for the claims of processes that have ended; each is taken away once it is read. */
function leftIn(claims: string): readonly string[] {
  return readdirSync(claims).flatMap(name => {
    const place = join(claims, name)
    const claim = claimAt(place)
    if (claim !== undefined && isAlive(claim.process) !== false) return []
    rmSync(place, { force: true })
    // One that was torn announces nothing that had begun.
    return claim === undefined ? [] : [`${JSON.stringify({ ...claim.entry, outcome: 'unknown' })}\n`]
  })
}

function claimAt(place: string): { readonly process: ProcessId; readonly entry: object } | undefined {
  try {
    const claim: unknown = JSON.parse(readFileSync(place, 'utf8'))
    return isBody(claim) && isBody(claim['process']) && isBody(claim['entry']) ? (claim as never) : undefined
  } catch {
    return undefined
  }
}

/** At the end of the file, and on the disk when this returns. Makes the file where it is not there. */
function appended(path: string, text: string): void {
  const file = openSync(path, 'a', 0o600)
  try {
    if (text !== '' && writeSync(file, text) !== Buffer.byteLength(text)) throw new Error('not all of it could be written')
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
