// Applies: their CPU in the sandbox of the process, whose clock jumps, their time by that clock beside the least that Azure allows, and the
// time by the wall beside a sandbox that runs sixty times as fast.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { cli, folder, measured, median, root, rounded } from './measure.mjs'
import { served } from './sandbox.mjs'

const speed = 60

/** Sandbox and tool together. @param seed bodies of the estate */
function cpuOf(name, files, seed, more = []) {
  const place = join(folder, name.replaceAll(/\W/g, '-'))
  const args = ['--sandbox', '--data-dir', join(place, 'data'), ...(seed === undefined ? [] : ['--sandbox-seed', seed]), ...more]
  const all = files.map(file => measured([cli, 'apply', file, ...args, '--auto-approve'], { allowed: [0, 7] }).cpuMs)
  return rounded(all.at(-1))
}

/** By the virtual clock, of every example and of copies. */
export async function applies({ isQuick, bench: { copies, virtual }, say }) {
  const [apply, locks] = [{}, {}]
  const add = ({ name, tookMs, leastMs, unlocked }, cpuMs) => {
    apply[name] = { ...(cpuMs !== undefined && { cpuMs }), ratioToCriticalPath: rounded(tookMs / leastMs, 3) }
    if (unlocked) locks[name] = { ratioToLeastUnlocked: rounded(unlocked.tookMs / unlocked.leastMs, 3) }
    say(`apply of ${name}`)
  }
  for (const timed of await virtual.ofExamples()) add(timed, cpuOfExample(timed.name))
  for (const [count, locked] of isQuick
    ? [
        [1, false],
        [20, false]
      ]
    : [
        [1, false],
        [20, false],
        [100, false],
        [100, true]
      ]) {
    const timed = await virtual.ofCopies(count, locked)
    add(timed, cpuOfCopies(timed.name, count, locked, copies))
  }
  // For the exponent alone.
  const grown = Object.entries(apply).flatMap(([name, { cpuMs }]) => (/^\d+$/.test(name) && name !== '1' ? [[Number(name), cpuMs]] : []))
  if (!isQuick) grown.push([200, cpuOfCopies('200', 200, false, copies)])
  return { apply, locks, grown }
}

function cpuOfExample(name) {
  const [example, last] = name.split('/')
  const place = join('examples', example)
  if (!existsSync(join(root, place, 'topology.yaml'))) return undefined
  const files = ['topology.yaml', ...(last === undefined ? [] : [last])].map(file => join(place, file))
  const seed = join(place, 'sandbox.json')
  return cpuOf(name, files, existsSync(join(root, seed)) ? seed : undefined, ['--env-file', join(place, '.env.example')])
}

function cpuOfCopies(name, count, locked, { copiesOf, lockedNetworks }) {
  const place = join(folder, `copies-${name.replaceAll(/\W/g, '-')}`)
  mkdirSync(place, { recursive: true })
  const [file, seed] = [join(place, 'topology.yaml'), join(place, 'sandbox.json')]
  writeFileSync(file, JSON.stringify(copiesOf(count, locked)))
  if (locked) writeFileSync(seed, JSON.stringify(lockedNetworks(count)))
  return cpuOf(name, [file], locked ? seed : undefined, ['--allow-env', 'BENCH_PASSWORD'])
}

/** One copy beside a served sandbox, by the wall: what Azure was at is asked for meanwhile, since some of it is by chance. */
export async function served60({ isQuick, bench: { virtual } }) {
  const runs = []
  for (let round = 0; round < (isQuick ? 1 : 3); round += 1) runs.push(await oneServed(virtual, round))
  return {
    speed,
    wallMs: rounded(median(runs.map(({ wallMs }) => wallMs))),
    ratioToBound: rounded(median(runs.map(({ wallMs, leastMs }) => wallMs / leastMs)), 2)
  }
}

async function oneServed(virtual, round) {
  const sandbox = await served(cli, ['--speed', String(speed)])
  try {
    const example = ['examples/data-factory/topology.yaml', '--env-file', 'examples/data-factory/.env.example']
    const place = ['--arm-endpoint', sandbox.url, '--data-dir', join(folder, `served-${round}`)]
    const from = process.hrtime.bigint()
    const child = spawn(process.execPath, [cli, 'apply', ...example, ...place, '--auto-approve'], {
      cwd: root,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: sandbox.ca, ARM_TOKEN: 'bench' },
      stdio: 'ignore'
    })
    const over = once(child, 'exit')
    const state = await watched(sandbox, over)
    const [code] = await over
    if (code !== 0) throw new Error(`the apply beside a served sandbox ended with ${code}`)
    return { wallMs: state.endedMs - Number(from) / 1e6, leastMs: await virtual.leastOf('data-factory', state, speed) }
  } finally {
    await sandbox.stop()
  }
}

/** The last state, with all that has come true meanwhile, and when that was begun. */
async function watched(sandbox, over) {
  const pending = new Map()
  let endedMs
  over.then(() => {
    endedMs = Number(process.hrtime.bigint()) / 1e6
  })
  for (;;) {
    const isLast = endedMs !== undefined
    const state = JSON.parse((await sandbox.send('GET', '/_sandbox/state')).text)
    for (const one of state.pending) if (!pending.has(JSON.stringify(one))) pending.set(JSON.stringify(one), { one, at: state.now })
    if (isLast) return { operations: state.operations, resources: state.resources, pending: [...pending.values()], endedMs }
    await setTimeout(300)
  }
}
