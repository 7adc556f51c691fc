import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Estate, estateKey, estateTitle } from '../../src/model/estate.ts'
import type { Folder, Ran } from '../support/cli.ts'

/** The files of runs under a data directory, of whatever estate, from the folder. */
export function runsIn({ path }: Pick<Folder, 'path'>, dataDir = '.pglink'): string[] {
  const under = join(path, dataDir)
  if (!existsSync(under)) return []
  const names = readdirSync(under, { recursive: true, encoding: 'utf8' }).filter(name => /\/runs\/[^.][^/]*\.ndjson$/.test(name))
  return names.sort().map(name => join(dataDir, name))
}

/** The estate of the sandbox whose state lies in the folder. */
export const estateIn = ({ path }: Pick<Folder, 'path'>, state = '.pglink/sandbox.json'): Estate => ({
  of: 'sandbox',
  id: String(JSON.parse(readFileSync(join(path, state), 'utf8')).estate)
})

export interface RunLeft {
  readonly run?: string
  readonly topology?: string
  readonly dataDir?: string
  readonly estate?: Estate
  readonly process?: { readonly host: string; readonly pid: number; readonly started: string }
}

/** A process that there was, and is no more. */
const gone = { host: hostname(), pid: 2 ** 22 + 1, started: '1' }

/** Puts there what a run left in an estate, that of the sandbox in the folder where none is named. @returns its file, from the folder */
export function leaveRun(here: Folder, entries: readonly object[], { run = 'left', topology = 'net', ...more }: RunLeft = {}): string {
  const { dataDir = '.pglink', process = gone, estate = estateIn(here) } = more
  const began = { type: 'run', version: 2, run, topology, estate: estateTitle(estate), process, at: '2026-01-05T08:00:00.000Z' }
  const place = join(dataDir, estateKey(estate), 'runs', `${run}.ndjson`)
  here.write(place, [began, ...entries].map(entry => `${JSON.stringify(entry)}\n`).join(''))
  return place
}

/** The output after the plan. */
export const afterPlan = (ran: Ran): Ran => ({ ...ran, stdout: ran.stdout.slice(ran.stdout.indexOf('Plan digest')) })

/** Faults for the sandbox: one, on the PUT of a path. */
export const fault = (path: string, rest: object): string => JSON.stringify([{ method: 'PUT', path, ...rest }])
/** An answer to a write, with a sequence for a terminal in it. */
export const refused = { status: 409, code: 'SubnetBusy', message: 'no\u001b[2J' }
