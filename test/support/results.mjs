// The results of the two parts of the tests. The runner prints its slowest files with it and keeps what became of each test;
// `node test/support/results.mjs`, after both parts, prints one summary over both and ends with 1 unless all passed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The parts by their mode, with the command that runs each. */
const parts = { quick: 'npm test', rest: 'npm run test:rest' }

const folder = fileURLToPath(new URL('../../.results/', import.meta.url))
const fileOf = part => join(folder, `${part}.json`)
const shownMax = 10
/** The most processes that `npm test` may start: the rest of what only a process shows is for `npm run test:rest`. */
const processesMax = 60
const seconds = ms => `${(ms / 1000).toFixed(2)}s`

/** A reporter of vitest, beside its own. */
export class Results {
  #mode
  #began = 0

  constructor(mode) {
    this.#mode = mode
  }

  onTestRunStart() {
    this.#began = performance.now()
    if (this.#mode in parts) rmSync(fileOf(this.#mode), { force: true })
  }

  onTestRunEnd(modules, errors, reason) {
    if (modules.length > shownMax) {
      const slowest = modules.map(module => ({ name: module.relativeModuleId, ms: msOf(module) })).sort((a, b) => b.ms - a.ms)
      const lines = slowest.slice(0, shownMax).map(({ name, ms }) => `${seconds(ms).padStart(11)}  ${name}`)
      console.log(['', ' Slowest files, with their imports', ...lines].join('\n'))
    }
    const fewProcesses = printProcesses(modules) <= processesMax || this.#mode !== 'quick'
    if (!fewProcesses) {
      console.log(`That is more than the ${processesMax} that npm test may start.`)
      process.exitCode = 1
    }
    if (!(this.#mode in parts)) return
    const result = {
      passed: errors.length === 0 && reason === 'passed' && fewProcesses,
      ms: performance.now() - this.#began,
      files: Object.fromEntries(modules.map(module => [module.relativeModuleId, outcomesOf(module)]))
    }
    mkdirSync(folder, { recursive: true })
    writeFileSync(fileOf(this.#mode), JSON.stringify(result))
  }
}

/** @returns how many processes the tests started, which test/support/processes.ts counts */
function printProcesses(modules) {
  const each = modules.map(module => ({ name: module.relativeModuleId, count: module.meta().processes?.length ?? 0 }))
  const count = each.reduce((sum, one) => sum + one.count, 0)
  const most = each.filter(one => one.count > 0).sort((a, b) => b.count - a.count)
  const lines = most.slice(0, shownMax).map(one => `${String(one.count).padStart(11)}  ${one.name}`)
  if (count > 0) console.log(['', ` Processes that tests started: ${count}`, ...lines].join('\n'))
  return count
}

function msOf(module) {
  const { collectDuration, duration } = module.diagnostic()
  return collectDuration + duration
}

/** The outcomes of a file's tests by their full names; a number tells tests of one name apart. */
function outcomesOf(module) {
  const outcomes = {}
  const add = (name, outcome) => {
    let own = name
    for (let count = 2; own in outcomes; count += 1) own = `${name} (${count})`
    outcomes[own] = outcome
  }
  for (const test of module.children.allTests()) add(test.fullName, test.result().state === 'pending' ? 'skipped' : test.result().state)
  // A file that broke outside its tests.
  if (module.state() === 'failed' && !Object.values(outcomes).includes('failed')) add('(the file)', 'failed')
  return outcomes
}

const worst = ['failed', 'passed', 'skipped']

/** A test that runs in both parts counts once: it failed if it failed in either. */
const worse = (one, other) => (one === undefined || worst.indexOf(other) < worst.indexOf(one) ? other : one)

function printSummary() {
  const results = Object.entries(parts).map(([part, command]) => ({ command, result: kept(part) }))
  const files = new Map()
  for (const { result } of results)
    for (const [file, outcomes] of Object.entries(result?.files ?? {})) {
      const all = files.get(file) ?? {}
      for (const [name, outcome] of Object.entries(outcomes)) all[name] = worse(all[name], outcome)
      files.set(file, all)
    }
  const tests = [...files.values()].map(all => Object.values(all))
  const ms = results.reduce((sum, { result }) => sum + (result?.ms ?? 0), 0)
  const each = results.map(({ command, result }) => `${command} ${result === undefined ? 'gave no result' : seconds(result.ms)}`)
  const rows = [
    ['Test Files', counted(tests.map(outcomes => outcomes.reduce(worse, 'skipped')))],
    ['Tests', counted(tests.flat())],
    ['Duration', `${seconds(ms)} (${each.join(', ')})`]
  ]
  console.log(`\n${rows.map(([name, text]) => `${name.padStart(11)}  ${text}`).join('\n')}`)
  // A part that ended without a result, or with an error outside its tests, did not pass.
  if (!results.every(({ result }) => result?.passed === true)) process.exitCode = 1
}

function kept(part) {
  try {
    return JSON.parse(readFileSync(fileOf(part), 'utf8'))
  } catch {
    return undefined
  }
}

/** As vitest counts: `1 failed | 227 passed (228)`. */
function counted(outcomes) {
  const counts = worst.map(outcome => [outcome, outcomes.filter(one => one === outcome).length])
  const shown = counts.filter(([outcome, count]) => count > 0 || outcome === 'passed')
  return `${shown.map(([outcome, count]) => `${count} ${outcome}`).join(' | ')} (${outcomes.length})`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) printSummary()
