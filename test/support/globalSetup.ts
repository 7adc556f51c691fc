import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { chromiumFile } from './browser.ts'

/** The command line is tested as it ships: bundled, as a process of its own. */
export function setup({ config }: TestProject): () => void {
  const types = config.env['PGLINK_TESTS'] === 'quick' ? [] : ['--types']
  execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url)), '--keep', ...types], { stdio: 'inherit' })
  return () => {
    if (chromiumFile === undefined) console.log('Skipped, since it is not installed: chromium (the reports were not opened in a browser).')
  }
}
