import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { subscription } from '../support/estate.ts'
import { type Ended, inThisProcess } from '../support/terminal.ts'

export type { Ended }

interface Options {
  /** The print after so many texts meets an error that says this. */
  readonly crash?: { readonly after: number; readonly saying: string }
}

/** The command line in this process, in a folder of its own: what the process at the edge adds is only where texts go. */
export interface CommandLine {
  readonly path: string
  write(file: string, text: string | Uint8Array): void
  /** A file, or a folder with all that is in it. */
  delete(file: string): void
  pglink(args: readonly string[], env?: Readonly<Record<string, string>>, options?: Options): Promise<Ended>
  /** Every file there is, by its path from here. */
  files(): ReadonlyMap<string, string>
  remove(): void
}

/** How a file reads a variable. Put together here, since written out it looks like a template that has lost its back-ticks. */
export const variable = (name: string): string => `\${env:${name}}`

export function commandLine(given: Readonly<Record<string, string | Uint8Array>> = {}): CommandLine {
  const path = mkdtempSync(join(tmpdir(), 'pglink-line-'))
  const write = (file: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  for (const [file, text] of Object.entries(given)) write(file, text)
  return {
    path,
    write,
    delete: file => rmSync(join(path, file), { recursive: true, force: true }),
    async pglink(args, env = {}, { crash } = {}) {
      let texts = 0
      const where = { cwd: path, env: { LANG: 'C.UTF-8', AZURE_SUBSCRIPTION_ID: subscription, ...env } }
      return inThisProcess(args, where, () => {
        texts += 1
        if (texts === crash?.after) throw new Error(`broken in the middle of ${crash.saying}`)
      })
    },
    files() {
      const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
      return new Map(
        entries.map(entry => {
          const at = join(entry.parentPath, entry.name)
          return [at.slice(path.length + 1), readFileSync(at, 'utf8')]
        })
      )
    },
    remove: () => rmSync(path, { recursive: true, force: true })
  }
}
