// How the bench measures: a process's share of the machine, rounds that take turns, and how fast a cost grows.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
export const root = join(here, '..', '..')
export const cli = join(root, 'dist', 'cli.js')
/** For everything that the bench writes beside its result. */
export const folder = mkdtempSync(join(tmpdir(), 'pglink-bench-'))
const secrets = { BENCH_PASSWORD: 'Bench-only-1', AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111' }

/** So long one process may take: a bench that says nothing for ever is of no use. */
const longestMs = 20 * 60_000

/** The exports of a file of this folder that is written in TypeScript. The bundle lies beside the packages that it loads. */
export async function loaded(name) {
  const place = mkdtempSync(join(root, 'node_modules', '.bench-'))
  try {
    const outfile = join(place, `${name}.mjs`)
    await build({
      entryPoints: [join(here, `${name}.ts`)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      // Files are found from where a module lies, as they are without a bundle.
      plugins: [{ name: 'where', setup: ({ onLoad }) => onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, keepsUrl) }],
      logLevel: 'warning'
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function keepsUrl({ path }) {
  const text = await readFile(path, 'utf8')
  return { contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' }
}

/** One process, what it said and what it took of the machine. @throws where it does not end with one of `allowed` */
export function measured(args, { env = {}, allowed = [0] } = {}) {
  const from = process.hrtime.bigint()
  const ran = spawnSync(process.execPath, ['--require', join(here, 'usage.cjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...secrets, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: longestMs,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe']
  })
  const wallMs = Number(process.hrtime.bigint() - from) / 1e6
  const said = `${ran.stdout}${ran.stderr}`
  if (!allowed.includes(ran.status))
    throw new Error(`${args.slice(0, 4).join(' ')} ended with ${ran.status ?? ran.signal}: ${said.slice(-2000)}`)
  return { wallMs, said, ...JSON.parse(ran.output[3]) }
}

export const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
export const rounded = (value, digits = 0) => Number(value.toFixed(digits))

/** Medians by command. The commands take turns, so that a slow moment of the machine is everybody's. */
export function rounds(times, commands) {
  const all = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
  for (let round = 0; round < times; round += 1) for (const [name, run] of Object.entries(commands)) all[name].push(run())
  return Object.fromEntries(
    Object.entries(all).map(([name, runs]) => [
      name,
      Object.fromEntries(['wallMs', 'cpuMs', 'rssMiB'].map(key => [key, median(runs.map(run => run[key]))]))
    ])
  )
}

/** How fast a cost grows with the size: 1 is in step with it. The start of the process is no part of that. */
export function exponent(points, startMs) {
  const [x, y] = [points.map(([size]) => Math.log(size)), points.map(([, cpuMs]) => Math.log(cpuMs - startMs))]
  const mean = values => values.reduce((sum, one) => sum + one, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const above = x.reduce((sum, one, index) => sum + (one - mx) * (y[index] - my), 0)
  return rounded(above / x.reduce((sum, one) => sum + (one - mx) ** 2, 0), 2)
}
