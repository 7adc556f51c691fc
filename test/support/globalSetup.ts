import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { chromiumFile } from './browser.ts'

/**
 * Builds, since part of the tests run the command line as it ships. All tests get a folder for temporary files of their own, which has to
 * be empty in the end: a run that left something there fails.
 */
export function setup({ config }: TestProject): () => void {
  const types = config.env['PGLINK_TESTS'] === 'quick' ? [] : ['--types']
  execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url)), '--keep', ...types], { stdio: 'inherit' })
  const temporary = mkdtempSync(join(tmpdir(), 'pglink-tests-'))
  process.env['TMPDIR'] = temporary
  const compiled = join(temporary, 'compiled')
  process.env['NODE_COMPILE_CACHE'] = compiled
  return () => {
    if (chromiumFile === undefined) console.log('Skipped, since it is not installed: chromium (the reports were not opened in a browser).')
    rmSync(compiled, { recursive: true, force: true })
    const left = readdirSync(temporary)
    rmSync(temporary, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`Tests left behind in the folder for temporary files: ${left.join(', ')}`)
  }
}
