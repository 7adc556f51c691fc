import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Estate, estateKey } from '../model/estate.ts'
import type { Settings } from './settings.ts'

const usual = '.pglink'

/** As seen from where the command was started. */
export const dataDirFrom = (file: string, { dataDir }: Pick<Settings, 'dataDir'>): string => dataDir ?? join(dirname(file), usual)

/** Where what is remembered of a topology lies on this machine: the same for a command, the Action and its post step. */
export const dataDirOf = (file: string, settings: Pick<Settings, 'dataDir'>, cwd: string): string =>
  resolve(cwd, dataDirFrom(file, settings))

/** The memory of one estate lies apart from that of any other. */
export const estateFolder = (dataDir: string, estate: Estate): string => join(dataDir, estateKey(estate))

export const runsFolder = (dataDir: string, estate: Estate): string => join(estateFolder(dataDir, estate), 'runs')

/**
 * Makes the data directory, and keeps what is in it out of Git. A folder that was there before, and holds something else, is not ours to
 * hide: then only the estate's own folder is.
 */
export function madeDataDir(dataDir: string, estate?: Estate): void {
  const isOurs = basename(dataDir) === usual || !existsSync(dataDir) || readdirSync(dataDir).length === 0
  const folder = estate === undefined ? dataDir : estateFolder(dataDir, estate)
  mkdirSync(folder, { recursive: true })
  if (isOurs) hidden(dataDir)
  else if (estate !== undefined && !existsSync(join(dataDir, '.gitignore'))) hidden(folder)
}

/** Keeps all that lies beside it out of Git, but a schema for editors, which a checkout needs. */
export const hidesAllButSchema = '*\n!/schema/\n!/schema/*\n'

function hidden(folder: string): void {
  try {
    // Never over another file, nor through a link.
    writeFileSync(join(folder, '.gitignore'), hidesAllButSchema, { flag: 'wx' })
  } catch {
    // It is there, or nothing can be written here: then what has to be says so.
  }
}
