// The costs of pglink: start-up beside bare Node, plans of growing fleets that change nothing beside the least number of calls, and applies
// beside the least time that Azure allows. Prints one table and writes bench.json. `--quick` leaves out the largest; `sandbox` looks at the
// sandbox alone. Machines are noisy: compare ratios and counts within one run, and not milliseconds between two.
import { rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { applies, served60 } from './applies.mjs'
import { drift50x5 } from './drifts.mjs'
import { cli, exponent, folder, loaded, measured, root, rounded, rounds } from './measure.mjs'
import { planOf } from './plans.mjs'
import { sandboxCosts } from './sandbox.mjs'

const isQuick = process.argv.includes('--quick')
const begun = Date.now()

/** Minutes may pass: whoever waits sees how far it is. */
const say = what => void process.stderr.write(`${rounded((Date.now() - begun) / 1_000)} s: ${what}\n`)

/** User and system CPU, as a ratio to a Node that does nothing. */
function coldStart() {
  const example = ['examples/quickstart/topology.yaml', '--env-file', 'examples/quickstart/.env.example']
  const place = ['--sandbox', '--data-dir', join(folder, 'quickstart')]
  measured([cli, 'apply', ...example, ...place, '--sandbox-seed', 'examples/quickstart/sandbox.json', '--auto-approve'])
  const took = rounds(isQuick ? 5 : 15, {
    node: () => measured(['-e', '0']),
    version: () => measured([cli, '--version']),
    validate: () => measured([cli, 'validate', ...example]),
    plan: () => measured([cli, 'plan', ...example, ...place])
  })
  const ratio = name => ({ ratioToNode: rounded(took[name].cpuMs / took.node.cpuMs, 2) })
  return { coldStart: { version: ratio('version'), validate: ratio('validate'), plan: ratio('plan') }, versionCpuMs: took.version.cpuMs }
}

/** Each server with an endpoint, 2 firewall rules and a database; of each file 10 networks and 100 managed endpoints in 10 factories. */
const mixed = servers => ({ servers, networks: 10, firewallRules: 2, databases: 1, factories: 10, managedEndpoints: 100 })

async function plans(given, versionCpuMs) {
  const plan = {}
  for (const servers of isQuick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000]) {
    plan[servers] = await planOf(`${servers}`, { servers }, given)
    say(`plan of ${servers} servers`)
  }
  const grown = Object.entries(plan).flatMap(([servers, { cpuMs }]) => (Number(servers) >= 100 ? [[Number(servers), cpuMs]] : []))
  plan.cpuExponent = exponent(grown, versionCpuMs)
  if (isQuick) return plan
  plan['1000 with rules, databases and factories'] = await planOf('mixed', mixed(1_000), given)
  say('plan of 1000 servers with rules, databases and factories')
  return plan
}

const cell = value =>
  typeof value === 'object'
    ? Object.entries(value)
        .map(([key, one]) => `${key} ${cell(one)}`)
        .join(', ')
    : String(value)

/** A row for each thing that was measured. */
function table({ date, machine, node, load, ...measuredHere }) {
  const rows = Object.entries(measuredHere).flatMap(([group, entries]) =>
    Object.entries(entries).map(([name, value]) => [group, name, cell(value)])
  )
  const width = column => Math.max(...rows.map(row => row[column].length))
  const lines = rows.map(row => `| ${row[0].padEnd(width(0))} | ${row[1].padEnd(width(1))} | ${row[2].padEnd(width(2))} |`)
  const rule = `|${[0, 1, 2].map(column => '-'.repeat(width(column) + 2)).join('|')}|`
  const head = `| ${'of'.padEnd(width(0))} | ${'case'.padEnd(width(1))} | ${'measured'.padEnd(width(2))} |`
  return [`${date}, ${machine}, Node ${node}, load ${load}`, head, rule, ...lines].join('\n')
}

async function all() {
  const names = ['fleet', 'bounds', 'copies', 'virtual', 'driftMany']
  const bench = Object.fromEntries(await Promise.all(names.map(async name => [name, await loaded(name)])))
  const given = { isQuick, bench, say }
  const load = rounded(loadavg()[0], 1)
  const { coldStart: start, versionCpuMs } = coldStart()
  say('start-up')
  const { apply, locks, grown } = await applies(given)
  if (grown.length > 1) apply.cpuExponent = exponent(grown, versionCpuMs)
  const served = { 'data-factory at speed 60': await served60(given) }
  say('one copy beside a served sandbox')
  const plan = await plans(given, versionCpuMs)
  const drift = drift50x5(given)
  say('drift of 50 topologies in 5 subscriptions')
  const result = {
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    node: process.version,
    load,
    coldStart: start,
    plan,
    apply,
    served,
    locks,
    drift50x5: drift
  }
  writeFileSync(join(root, 'bench.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  console.log(table(result))
}

try {
  if (process.argv.includes('sandbox')) await sandboxCosts(cli, (await loaded('fleet')).fleetOf)
  else await all()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
