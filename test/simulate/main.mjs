// `npm run simulate`: runs the simulations, one line for each.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundled } from './bundle.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * By name: the file, what it exports, and how many points make it whole; every one there is when no number stands. An answer that is
 * given otherwise on its way takes seconds, and a silent one minutes: of those a number makes it whole, as many of each kind.
 */
const simulations = {
  kill: { file: 'kill.ts', also: 'killProcess.ts', scenes: true },
  'lost-disk': { file: 'lostDisk.ts', exports: 'lostDisk', scenes: true },
  faults: { file: 'faults.ts', also: 'proxied.ts', alsoRuns: 400, scenes: true },
  interleave: { file: 'interleave.ts', also: 'crossing.ts', runs: 10_000 },
  fuzz: { file: 'fuzz.ts', runs: 10_000 },
  secrets: { file: 'secrets.ts', runs: 1_000 },
  estates: { file: 'estates.ts', runs: 200 }
}
const there = Object.keys(simulations).filter(name => existsSync(join(here, simulations[name].file)))
const inScenes = there.filter(name => simulations[name].scenes)
const usage = `usage: npm run simulate -- [--runs N] [--seed S] [--scene NAME] [${there.join('|')}]
  --scene NAME  with ${inScenes.join(', ')}: the one scene, an example, every-character, two-logins or migration`

async function asked() {
  try {
    const { values, positionals } = parseArgs({
      options: { runs: { type: 'string' }, seed: { type: 'string' }, scene: { type: 'string' } },
      allowPositionals: true
    })
    const { scene } = values
    const runs = values.runs === undefined ? undefined : Number(values.runs)
    const seed = Number(values.seed ?? 1)
    if ((runs !== undefined && !(Number.isInteger(runs) && runs > 0)) || !Number.isInteger(seed))
      throw new Error('--runs and --seed take whole numbers')
    const unknown = positionals.filter(name => !there.includes(name))
    if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`)
    const names = positionals.length > 0 ? positionals : scene === undefined ? there : inScenes
    const without = names.filter(name => scene !== undefined && !inScenes.includes(name))
    if (without.length > 0) throw new Error(`--scene goes with ${inScenes.join(', ')}, not with ${without.join(', ')}`)
    if (scene !== undefined) await (await bundled('scenes.ts')).sceneNamed(scene)
    return { runs, seed, names, ...(scene !== undefined && { scene }) }
  } catch (error) {
    console.error(`error: ${error.message}\n${usage}`)
    process.exit(64)
  }
}

// So that the folder of a bundle goes, too: an exit is heard, a signal is not.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
process.chdir(join(here, '../..'))
const { runs, seed, names, scene } = await asked()
const given = (flag, value) => (value === undefined ? '' : ` --${flag} ${value}`)
let fell = false
for (const name of names) {
  const { file, exports = name, also, runs: whole = Number.MAX_SAFE_INTEGER, alsoRuns = whole } = simulations[name]
  const settings = { seed, ...(scene !== undefined && { scene }) }
  const results = [await (await bundled(file))[exports]({ ...settings, runs: runs ?? whole })]
  if (also !== undefined) results.push(await (await bundled(also))[also.replace('.ts', '')]({ ...settings, runs: runs ?? alsoRuns }))
  const points = results.reduce((sum, result) => sum + result.points, 0)
  const failed = results.flatMap(result => result.failed)
  const says = results.flatMap(result => result.says ?? [])
  console.log(
    [`${name}: ${points} points`, failed.length === 0 ? `${points} recovered` : `${failed.length} FELL SHORT`, ...says].join(', ')
  )
  for (const one of failed)
    console.log(`  ${one}\n  replay: npm run simulate -- --seed ${seed}${given('runs', runs)}${given('scene', scene)} ${name}`)
  fell ||= failed.length > 0
}
process.exit(fell ? 1 : 0)
