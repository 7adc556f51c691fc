// The costs of pglink: start-up beside bare Node, plans of growing fleets that change nothing beside the least number of calls, and applies
// of copies side by side. Prints one table and writes bench.json. `--quick` leaves out the largest; `sandbox` looks at the sandbox alone.
// Machines are noisy: compare ratios and counts within one run, and not milliseconds between two.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sandboxCosts, served } from './sandbox.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const cli = join(root, 'dist', 'cli.js')
const isQuick = process.argv.includes('--quick')
const folder = mkdtempSync(join(tmpdir(), 'pglink-bench-'))
const secrets = { BENCH_PASSWORD: 'Bench-only-1', AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111' }

/** What is written in TypeScript is bundled first: Node alone cannot read it. */
async function loaded(name) {
  const outfile = join(folder, `${name}.mjs`)
  await build({ entryPoints: [join(here, `${name}.ts`)], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' })
  return import(outfile)
}

/** One process, what it said and what it took of the machine. */
function measured(args, env = {}) {
  const from = process.hrtime.bigint()
  const ran = spawnSync(process.execPath, ['--require', join(here, 'usage.cjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...secrets, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe']
  })
  return {
    wallMs: Number(process.hrtime.bigint() - from) / 1e6,
    status: ran.status,
    said: `${ran.stdout}${ran.stderr}`,
    ...JSON.parse(ran.output[3])
  }
}

const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const rounded = (value, digits = 0) => Number(value.toFixed(digits))

/** The commands take turns, so that a slow moment of the machine is everybody's. */
function rounds(times, commands) {
  const all = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
  for (let round = 0; round < times; round += 1) for (const [name, run] of Object.entries(commands)) all[name].push(run())
  return Object.fromEntries(
    Object.entries(all).map(([name, runs]) => [
      name,
      Object.fromEntries(['wallMs', 'cpuMs', 'rssMiB'].map(key => [key, median(runs.map(run => run[key]))]))
    ])
  )
}

const expectStatus = (ran, ...allowed) => {
  if (!allowed.includes(ran.status)) throw new Error(`ended with ${ran.status}: ${ran.said.slice(-2000)}`)
  return ran
}

/** User and system CPU, as a ratio to a Node that does nothing. */
function coldStart() {
  const example = ['examples/quickstart/topology.yaml', '--env-file', 'examples/quickstart/.env.example']
  const place = ['--sandbox', '--data-dir', join(folder, 'quickstart')]
  const seed = ['--sandbox-seed', 'examples/quickstart/sandbox.json']
  expectStatus(measured([cli, 'apply', ...example, ...place, ...seed, '--auto-approve']), 0)
  const took = rounds(isQuick ? 5 : 15, {
    node: () => measured(['-e', '0']),
    version: () => measured([cli, '--version']),
    validate: () => expectStatus(measured([cli, 'validate', ...example]), 0),
    plan: () => expectStatus(measured([cli, 'plan', ...example, ...place]), 0)
  })
  const ratio = name => ({ ratioToNode: rounded(took[name].cpuMs / took.node.cpuMs, 2) })
  return { coldStart: { version: ratio('version'), validate: ratio('validate'), plan: ratio('plan') }, versionCpuMs: took.version.cpuMs }
}

/** The sandbox takes bodies of so many megabytes at once. */
function byGroup(bodies) {
  const groups = new Map()
  for (const [id, body] of Object.entries(bodies)) {
    const [, , , , group] = id.split('/')
    const own = groups.get(group) ?? {}
    own[id] = body
    groups.set(group, own)
  }
  return groups.values()
}

async function sent(sandbox, method, path, body) {
  const { status, text } = await sandbox.send(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`)
}

/** A plan without changes of a fleet that a served sandbox holds. */
async function planOf(servers, { fleetOf, leastReads }) {
  const { topologies, bodies } = fleetOf({ servers })
  const files = topologies.map((topology, index) => {
    const place = join(folder, `fleet-${servers}`, String(index))
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'topology.yaml'), JSON.stringify(topology))
    return join(place, 'topology.yaml')
  })
  const sandbox = await served(cli)
  try {
    for (const part of byGroup(bodies)) await sent(sandbox, 'POST', '/_sandbox/seed', part)
    await sent(sandbox, 'PATCH', '/_sandbox/behaviours', { pageSize: 1_000 })
    const env = { NODE_EXTRA_CA_CERTS: sandbox.ca, ARM_TOKEN: 'bench' }
    const run = () =>
      expectStatus(
        measured(
          [
            cli,
            'plan',
            ...files,
            '--arm-endpoint',
            sandbox.url,
            '--allow-env',
            'BENCH_PASSWORD',
            '--detailed-exitcode',
            '--data-dir',
            folder
          ],
          env
        ),
        0
      )
    await sandbox.send('DELETE', '/_sandbox/log')
    run()
    const calls = JSON.parse((await sandbox.send('GET', '/_sandbox/log')).text).count
    const near = rounds(servers > 1_000 || isQuick ? 1 : 3, { run }).run
    await sent(sandbox, 'PUT', '/_sandbox/faults', [{ path: '/', nth: 'every', delayMs: 40 }])
    const far = run()
    return {
      calls,
      callsLowerBound: leastReads(topologies, { privateDns: 100, others: 1_000 }),
      wallMs0: rounded(near.wallMs),
      wallMs40: rounded(far.wallMs),
      cpuMs: rounded(near.cpuMs),
      rssMiB: rounded(near.rssMiB)
    }
  } finally {
    await sandbox.stop()
  }
}

/** Copies in the sandbox of the process, whose clock jumps: its CPU is in the figure. */
function applyOf(count, { copiesOf }) {
  const place = join(folder, `copies-${count}`)
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'topology.yaml'), JSON.stringify(copiesOf(count)))
  const args = [join(place, 'topology.yaml'), '--sandbox', '--data-dir', place, '--allow-env', 'BENCH_PASSWORD']
  return { cpuMs: rounded(expectStatus(measured([cli, 'apply', ...args, '--auto-approve']), 0).cpuMs) }
}

/** How fast it grows: 1 is in step with the size. The start of the process is no part of that. */
function exponent(points, startMs) {
  const [x, y] = [points.map(([size]) => Math.log(size)), points.map(([, cpuMs]) => Math.log(cpuMs - startMs))]
  const mean = values => values.reduce((sum, one) => sum + one, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const above = x.reduce((sum, one, index) => sum + (one - mx) * (y[index] - my), 0)
  return rounded(above / x.reduce((sum, one) => sum + (one - mx) ** 2, 0), 2)
}

function lines({ coldStart: start, plan, apply }) {
  const at = (name, values) => [name, ...Object.entries(values).map(([key, value]) => `${key} ${value}`)].join('  ')
  return [
    ...Object.entries(start).map(([name, values]) => at(`start of ${name}`, values)),
    ...Object.entries(plan).flatMap(([name, values]) =>
      name === 'cpuExponent' ? [`plan  cpuExponent ${values}`] : [at(`plan of ${name} servers`, values)]
    ),
    ...Object.entries(apply).flatMap(([name, values]) =>
      name === 'cpuExponent' ? [`apply  cpuExponent ${values}`] : [at(`apply of ${name} copies`, values)]
    )
  ]
}

async function all() {
  const [fleet, bounds, copies] = [await loaded('fleet'), await loaded('bounds'), await loaded('copies')]
  const { coldStart: start, versionCpuMs } = coldStart()
  const plan = {}
  for (const servers of isQuick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000])
    plan[servers] = await planOf(servers, { ...fleet, ...bounds })
  const grown = sizes => Object.entries(sizes).map(([size, { cpuMs }]) => [Number(size), cpuMs])
  plan.cpuExponent = exponent(
    grown(plan).filter(([size]) => size >= 100),
    versionCpuMs
  )
  const apply = {}
  for (const count of isQuick ? [1, 20] : [1, 20, 100]) apply[count] = applyOf(count, copies)
  if (!isQuick)
    apply.cpuExponent = exponent(
      grown(apply).filter(([size]) => size >= 20),
      versionCpuMs
    )
  const result = {
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    node: process.version,
    coldStart: start,
    plan,
    apply
  }
  writeFileSync(join(root, 'bench.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  console.log(`${result.date}, ${result.machine}, Node ${result.node}\n${lines(result).join('\n')}`)
}

try {
  if (process.argv.includes('sandbox')) await sandboxCosts(cli, (await loaded('fleet')).fleetOf)
  else await all()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
