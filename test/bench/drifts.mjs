// A drift of many topologies in several subscriptions, in a sandbox of the process that refuses what is too much and whose clock jumps.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cli, folder, measured } from './measure.mjs'

/** 50 topologies in 5 subscriptions: calls, how many of them were refused, and the time beside the least that the limits allow. */
export function drift50x5({ bench: { driftMany } }) {
  const { files, bodies } = driftMany.estatesOf({ topologies: 50, subscriptions: 5, servers: 20 })
  const place = join(folder, 'estates')
  for (const [path, topology] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), JSON.stringify(topology))
  }
  const [seed, log] = [join(place, 'seed.json'), join(place, 'log.ndjson')]
  writeFileSync(seed, JSON.stringify(bodies))
  const sandbox = ['--sandbox', '--sandbox-throttle', '--sandbox-state', join(place, 'estate.json'), '--sandbox-seed', seed]
  measured([cli, 'drift', join(place, 'estates/**/topology.yaml'), ...sandbox, '--sandbox-log', log, '--allow-env', 'BENCH_PASSWORD'])
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  return driftMany.reckoned(lines.map(line => JSON.parse(line)))
}
