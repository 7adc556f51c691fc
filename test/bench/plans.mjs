// Plans without changes of fleets that a served sandbox holds, beside the least number of calls.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cli, folder, measured, rounded, rounds } from './measure.mjs'
import { served } from './sandbox.mjs'

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

/** @param size as {@link fleetOf} takes it */
export async function planOf(name, size, { isQuick, bench: { fleet, bounds } }) {
  const { topologies, bodies } = fleet.fleetOf(size)
  const files = topologies.map((topology, index) => {
    const place = join(folder, `fleet-${name.replaceAll(/\W/g, '-')}`, String(index))
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'topology.yaml'), JSON.stringify(topology))
    return join(place, 'topology.yaml')
  })
  const sandbox = await served(cli)
  try {
    for (const part of byGroup(bodies)) await sent(sandbox, 'POST', '/_sandbox/seed', part)
    await sent(sandbox, 'PATCH', '/_sandbox/behaviours', { pageSize: 1_000 })
    const place = ['--arm-endpoint', sandbox.url, '--data-dir', join(folder, 'data')]
    const args = [cli, 'plan', ...files, ...place, '--allow-env', 'BENCH_PASSWORD', '--detailed-exitcode']
    // Managed private endpoints wait for whoever owns the servers, which a plan ends with.
    const allowed = [size.managedEndpoints > 0 ? 7 : 0]
    const run = () => measured(args, { env: { NODE_EXTRA_CA_CERTS: sandbox.ca, ARM_TOKEN: 'bench' }, allowed })
    const isLarge = size.servers > 1_000
    await sent(sandbox, 'DELETE', '/_sandbox/log')
    const first = run()
    const calls = JSON.parse((await sandbox.send('GET', '/_sandbox/log')).text).count
    // The large one is measured once: it is no matter of milliseconds.
    const near = isLarge ? first : rounds(isQuick ? 1 : 3, { run }).run
    await sent(sandbox, 'PUT', '/_sandbox/faults', [{ path: '/', nth: 'every', delayMs: 40 }])
    const far = run()
    return {
      calls,
      callsLowerBound: bounds.leastReads(topologies, { privateDns: 100, others: 1_000 }),
      wallMs0: rounded(near.wallMs),
      wallMs40: rounded(far.wallMs),
      cpuMs: rounded(near.cpuMs),
      rssMiB: rounded(near.rssMiB)
    }
  } finally {
    await sandbox.stop()
  }
}
