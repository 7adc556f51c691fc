import { appendFileSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import type { AzureOptions } from '../azure/azure.ts'
import { jsonIn, NoJson } from '../model/json.ts'
import { parseFaults } from '../sandbox/faults.ts'
import { ConnectionDropped, createSandbox, type LogEntry, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts'
import { openStateFile, StateFileError } from '../sandbox/stateFile.ts'
import { issueToken } from '../sandbox/token.ts'
import type { SandboxOptions as SandboxChoice } from './options.ts'
import { Stop } from './stop.ts'

/** The options of the clients of an estate in this process, and how it ends. */
interface InSandbox {
  readonly options: Pick<AzureOptions, 'httpClient' | 'clock'>
  /** The id of the estate. */
  readonly estate: string
  /** Whether it refuses requests beyond Azure's limits. */
  readonly limited: boolean
  /** To be called before anything is kept elsewhere under that id: the file has it from then on. */
  readonly keep: () => void
  readonly close: () => void
  /** A token of an application, which is Owner of everything here as everybody is. */
  readonly issued: (clientId: string) => string
}

/** An estate in this process, kept in the file `path`. @throws Stop where it cannot be had */
export function inSandbox(path: string, files: SandboxFiles, cwd: string): InSandbox {
  const limited = files.throttle === true
  const { sandbox, keep, close } = openSandbox(path, files, cwd, limited ? { behaviours: { throttling: 'arm' } } : {})
  const { clock, estate } = sandbox
  return {
    estate,
    limited,
    keep,
    issued: clientId => issueToken(clientId, 'https://management.azure.com', Date.now(), yearSeconds),
    options: {
      httpClient: clientOf(sandbox),
      clock: {
        now: () => clock.now(),
        sleep: (ms, signal, passive) => clock.sleep(ms, signal instanceof AbortSignal ? signal : undefined, passive)
      }
    },
    close
  }
}

const yearSeconds = 365 * 24 * 3600

/** The files that a sandbox begins with. */
type SandboxFiles = Pick<SandboxChoice, 'seed' | 'faults' | 'log' | 'throttle'>

/** The estate in `path`, saved after every write. @throws Stop where the file, or what it is to begin with, cannot be used */
export function openSandbox(
  path: string,
  files: SandboxFiles,
  cwd: string,
  more: Pick<SandboxOptions, 'clock' | 'log' | 'behaviours' | 'principals'> = {}
): { readonly sandbox: Sandbox; readonly keep: () => void; readonly close: () => void } {
  const at = (file: string): string => resolve(cwd, file)
  return stopping(() => {
    const { log } = files
    const faults = files.faults === undefined ? [] : parseFaults(readFileSync(at(files.faults), 'utf8'), files.faults)
    const file = openStateFile(path)
    try {
      const sandbox = createSandbox({
        ...more,
        ...(file.state && { state: file.state }),
        ...(!file.state && files.seed !== undefined && { seedBodies: seedIn(files.seed, at) }),
        faults,
        persist: (delta, whole) => file.append(delta, whole),
        log(entry: LogEntry) {
          if (log !== undefined) appendFileSync(at(log), `${JSON.stringify(entry)}\n`)
          more.log?.(entry)
        }
      })
      return {
        sandbox,
        keep() {
          if (!file.isNamed()) file.save(sandbox.exportState())
        },
        close() {
          // The time that passed after the last write belongs to the estate; without a write nothing is touched.
          if (sandbox.changed()) file.save(sandbox.exportState())
          file.close()
        }
      }
    } catch (error) {
      file.close()
      throw error
    }
  })
}

function seedIn(file: string, at: (file: string) => string): NonNullable<SandboxOptions['seedBodies']> {
  try {
    return jsonIn(readFileSync(at(file), 'utf8')) as NonNullable<SandboxOptions['seedBodies']>
  } catch (error) {
    throw error instanceof NoJson ? new Error(`${file} ${error.message}`) : error
  }
}

/** A fault in a file of the sandbox is the user's to mend, not ours. */
function stopping<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Stop('error', error instanceof StateFileError ? why : `The sandbox cannot be started: ${why}`)
  }
}

/** The clients of Azure on the sandbox. A connection that breaks in this process has to look to them like one that breaks outside it. */
const clientOf = (sandbox: Sandbox): HttpClient => ({
  async sendRequest(request) {
    const { method, url } = request
    const headers = { get: (name: string): string | null => request.headers.get(name) ?? null }
    const { status, ...answered } = await sandbox
      .answer({ method, url, headers, text: async () => `${request.body ?? ''}` })
      .catch((error: unknown) => {
        throw error instanceof ConnectionDropped ? new RestError(error.message, { code: error.code, request }) : error
      })
    return { request, status, headers: createHttpHeaders(answered.headers), bodyAsText: answered.body ?? '' }
  }
})
