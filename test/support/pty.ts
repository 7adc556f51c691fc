import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { cli } from './dist.ts'
import { isThere } from './required.ts'

/** util-linux's, which gives a command a terminal of its own; that of other systems takes other flags. */
export const hasScript = isThere(
  'script',
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true,
  'Install bsdutils.'
)

export interface OnTerminal {
  readonly child: ChildProcess
  /** All that came to the screen, less what moves the cursor or colours. */
  shown(): string
  shows(what: RegExp): Promise<void>
  type(text: string): void
  readonly ended: Promise<number | null>
}

export const ctrlC = '\x03'

/** Runs the built command line at a pseudo-terminal, as somebody who sits at it. */
export function onTerminal(args: string, cwd: string, env: Readonly<Record<string, string>>): OnTerminal {
  const command = `stty cols 100 rows 40; exec '${process.execPath}' -- '${cli}' ${args}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh', ...env }
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const shown = (): string => stripVTControlCharacters(text).replaceAll('\r', '')
  return {
    child,
    shown,
    async shows(what) {
      for (let left = 3_000; !what.test(shown()); left -= 1) {
        if (left === 0) throw new Error(`never shown: ${what} in: ${shown().slice(-2_000)}`)
        await wait(10)
      }
    },
    type: more => void child.stdin.write(more),
    ended: once(child, 'close').then(([code]) => code as number | null)
  }
}
