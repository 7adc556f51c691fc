// Start-up time as a ratio to bare Node, what a plan of a growing fleet costs, and what the sandbox does (`bench.mjs sandbox`: that alone). Machines are noisy: compare the ratios and
// the counts within one run, not milliseconds between two.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sandboxCosts } from './sandbox.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const cli = join(root, 'dist', 'cli.js')
const rounds = 11

function timed(args, options = {}) {
  const from = process.hrtime.bigint()
  const ran = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', ...options })
  return { ms: Number(process.hrtime.bigint() - from) / 1e6, ...ran }
}

const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** The commands take turns, so that a slow moment of the machine is everybody's. */
function startUp() {
  const variables = ['--env-file', 'examples/quickstart/.env.example']
  const commands = {
    'node -e 0': ['-e', '0'],
    '--version': [cli, '--version'],
    '--help': [cli, '--help'],
    'validate quickstart': [cli, 'validate', 'examples/quickstart/topology.yaml', ...variables]
  }
  const times = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
  for (let round = 0; round < rounds; round += 1) for (const [name, args] of Object.entries(commands)) times[name].push(timed(args).ms)
  const bare = median(times['node -e 0'])
  for (const [name, all] of Object.entries(times)) {
    console.log(`${name.padEnd(24)} ${median(all).toFixed(0).padStart(5)} ms   ${(median(all) / bare).toFixed(2)} × bare node`)
  }
}

const fleet = servers => ({
  version: 1,
  name: 'bench',
  subscription: '11111111-1111-4111-8111-111111111111',
  location: 'westeurope',
  resourceGroup: 'rg-bench',
  networks: { hub: { addressSpace: ['10.0.0.0/16'], subnets: { endpoints: { addressPrefix: '10.0.0.0/20' } } } },
  privateDnsZones: { link: { name: 'privatelink.postgres.database.azure.com', links: { hub: {} } } },
  servers: Object.fromEntries(
    Array.from({ length: servers }, (_, index) => [
      `bench-pg-${index}`,
      {
        version: '17',
        compute: { tier: 'GeneralPurpose', size: 'Standard_D2ds_v5' },
        storage: { sizeGiB: 128 },
        administrator: { login: 'bench_admin', password: ['$', '{env:BENCH_PASSWORD}'].join('') },
        networking: { publicAccess: { enabled: false } },
        privateEndpoints: {
          [`bench-pg-${index}-pe`]: { subnet: 'hub/endpoints', privateDns: { zone: 'link' }, approval: 'automatic' }
        }
      }
    ])
  )
})

/** JSON is YAML: the topology needs no library to be written. */
function plans(servers) {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-bench-'))
  try {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'topology.yaml')
    const log = join(folder, 'log.ndjson')
    writeFileSync(file, JSON.stringify(fleet(servers)))
    const args = [file, '--allow-env', 'BENCH_PASSWORD', '--sandbox', '--data-dir', folder]
    const env = { ...process.env, BENCH_PASSWORD: 'Bench-only-1' }
    const applied = timed([cli, 'apply', ...args, '--auto-approve'], { env })
    if (applied.status !== 0) throw new Error(applied.stderr || applied.stdout)
    const planned = timed([cli, 'plan', ...args, '--sandbox-log', log], { env })
    const calls = readFileSync(log, 'utf8').trim().split('\n').length
    const resources = /Resources: (\d+) added/.exec(applied.stdout)?.[1]
    console.log(
      `${String(servers).padStart(5)} servers  ${String(resources).padStart(5)} resources  apply ${applied.ms.toFixed(0).padStart(6)} ms  ` +
        `plan without changes ${planned.ms.toFixed(0).padStart(6)} ms  ${calls} ARM calls, ${(calls / servers).toFixed(2)} a server`
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const only = process.argv[2]
if (only !== 'sandbox') {
  startUp()
  for (const servers of [1, 10, 50]) plans(servers)
}
await sandboxCosts(cli, fleet)
