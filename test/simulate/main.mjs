// `npm run simulate`: runs the simulations, one line for each.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundled } from './bundle.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** By name: the file, what it exports, and how many points make it whole. */
const simulations = {
  kill: { file: 'kill.ts', also: 'killProcess.ts' },
  'lost-disk': { file: 'lostDisk.ts', exports: 'lostDisk' },
  faults: { file: 'faults.ts', also: 'proxied.ts' },
  interleave: { file: 'interleave.ts', also: 'crossing.ts', runs: 10_000 },
  fuzz: { file: 'fuzz.ts', runs: 10_000 },
  secrets: { file: 'secrets.ts', runs: 1_000 },
  estates: { file: 'estates.ts', runs: 200 }
}
const there = Object.keys(simulations).filter(name => existsSync(join(here, simulations[name].file)))
const usage = `usage: npm run simulate -- [--runs N] [--seed S] [${there.join('|')}]`

function asked() {
  try {
    const { values, positionals } = parseArgs({
      options: { runs: { type: 'string' }, seed: { type: 'string' } },
      allowPositionals: true
    })
    const runs = values.runs === undefined ? undefined : Number(values.runs)
    const seed = Number(values.seed ?? 1)
    if ((runs !== undefined && !(Number.isInteger(runs) && runs > 0)) || !Number.isInteger(seed))
      throw new Error('--runs and --seed take whole numbers')
    const unknown = positionals.filter(name => !there.includes(name))
    if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`)
    return { runs, seed, names: positionals.length > 0 ? positionals : there }
  } catch (error) {
    console.error(`error: ${error.message}\n${usage}`)
    process.exit(64)
  }
}

const { runs, seed, names } = asked()
// So that the folder of a bundle goes, too: an exit is heard, a signal is not.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
process.chdir(join(here, '../..'))
let fell = false
for (const name of names) {
  const { file, exports = name, also, runs: whole = Number.MAX_SAFE_INTEGER } = simulations[name]
  const settings = { runs: runs ?? whole, seed }
  const results = [await (await bundled(file))[exports](settings)]
  if (also !== undefined) results.push(await (await bundled(also))[also.replace('.ts', '')](settings))
  const points = results.reduce((sum, result) => sum + result.points, 0)
  const failed = results.flatMap(result => result.failed)
  const says = results.flatMap(result => result.says ?? [])
  console.log(
    [`${name}: ${points} points`, failed.length === 0 ? `${points} recovered` : `${failed.length} FELL SHORT`, ...says].join(', ')
  )
  for (const one of failed)
    console.log(`  ${one}\n  replay: npm run simulate -- --seed ${seed}${runs === undefined ? '' : ` --runs ${runs}`} ${name}`)
  fell ||= failed.length > 0
}
process.exit(fell ? 1 : 0)
