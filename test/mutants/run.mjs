// Breaks the code on purpose, one patch at a time, in a copy, and fails when the tests do not notice.
//   npm run mutate [-- NAME…]
// A patch begins with a line `Tests: FILE…`: those that are to notice. When they do not, the whole suite gets its chance.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '..', '..')
const wanted = process.argv.slice(2)
const patches = readdirSync(folder)
  .filter(name => name.endsWith('.patch'))
  .filter(name => wanted.length === 0 || wanted.includes(basename(name, '.patch')))
  .sort()
if (patches.length === 0) {
  console.error(
    `There is no such mutant. There are: ${readdirSync(folder)
      .filter(name => name.endsWith('.patch'))
      .join(', ')}`
  )
  process.exit(64)
}

const run = (command, args, cwd) => spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

/** Everything that the tests read, and the installed packages as they are. */
function copyOfProject() {
  const copy = mkdtempSync(join(tmpdir(), 'pglink-mutant-'))
  for (const name of readdirSync(root)) {
    if (['node_modules', 'dist', '.git', '.pglink'].includes(name)) continue
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** @returns what noticed, or undefined */
function noticedBy(copy, files) {
  for (const [what, args] of [
    [files.join(' '), files],
    ['the whole suite', []]
  ]) {
    const ran = run('npx', ['vitest', 'run', '--bail', '1', ...args], copy)
    if (ran.status !== 0) return what
  }
  return undefined
}

let survived = 0
for (const name of patches) {
  const file = join(folder, name)
  const files = /^Tests: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.trim().split(/\s+/) ?? []
  const copy = copyOfProject()
  try {
    const patched = run('git', ['apply', '-C1', file], copy)
    if (patched.status !== 0) throw new Error(`${name} does not apply: ${patched.stdout}${patched.stderr}`)
    const generated = run(process.execPath, ['test/support/schema.mjs', '--code'], copy)
    if (generated.status !== 0) throw new Error(`${name} leaves schemas from which nothing can be generated: ${generated.stderr}`)
    // A name that a patch leaves unused is no error: nothing but a test is to notice it.
    const compiled = run('npx', ['tsc', '--noEmit', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'], copy)
    if (compiled.status !== 0) throw new Error(`${name} does not compile, so that no test is needed to notice it:\n${compiled.stdout}`)
    const by = noticedBy(copy, files)
    console.log(`${by === undefined ? 'SURVIVED' : 'noticed '}  ${basename(name, '.patch')}${by === undefined ? '' : `  by ${by}`}`)
    if (by === undefined) survived += 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
console.log(`${patches.length} mutants, ${survived} survived`)
process.exit(survived === 0 ? 0 : 1)
