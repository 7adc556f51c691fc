import childProcess, { ChildProcess } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll } from 'vitest'

/*
 * Counts the processes that each test file starts, and pglink in its process: Git, commands of dist/, a browser. A process is slow, and
 * slower where others run; the runner prints the count after the tests, and `npm test` fails above a limit (test/support/results.mjs).
 */

declare module 'vitest' {
  interface TaskMeta {
    /** The programs that were started, in order. */
    processes?: readonly string[]
  }
}

const key = Symbol.for('pglink.test.processes')
const everywhere = globalThis as { [key]?: string[] }

// A worker runs many files, and this for each.
if (everywhere[key] === undefined) {
  const started: string[] = []
  everywhere[key] = started
  const { spawn } = ChildProcess.prototype as unknown as { spawn: (options: { readonly file: string }) => unknown }
  Object.assign(ChildProcess.prototype, {
    spawn(options: { readonly file: string }) {
      started.push(options.file)
      return spawn.call(this, options)
    }
  })
  for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
    const own = childProcess[name] as (file: string, ...more: readonly unknown[]) => unknown
    Object.assign(childProcess, {
      [name](file: string, ...more: readonly unknown[]) {
        started.push(file)
        return own(file, ...more)
      }
    })
  }
  syncBuiltinESMExports()
}

const before = everywhere[key].length
// biome-ignore lint/correctness/noEmptyPattern: Vitest takes no other first parameter of a hook that wants the second
afterAll(({}, file) => {
  file.meta.processes = everywhere[key]?.slice(before) ?? []
})
