import { type Aim, type Heard, type ProxyServer, proxyTo } from '../hostile/proxy.ts'
import { proxyKinds } from '../hostile/proxyKinds.ts'
import { textOf } from './estateText.ts'
import { fallsShort, leavesNothing, type Uninterrupted } from './killProcess.ts'
import { writesIn } from './points.ts'
import { type Simulated, sampled } from './run.ts'
import { heavy, sceneNamed } from './scenes.ts'
import { type Ended, type Served, serve, unhindered } from './served.ts'
import { untold } from './testimony.ts'

const examples = ['locked', 'data-factory', 'approval', heavy]
const apply = 'apply topology.yaml --auto-approve'

/** Longer than any wait of a run takes at the pace of these. */
const endsMs = 240_000

export interface ProxySettings {
  /** How many answers; all of them when absent. As many of each kind, as far as that goes. */
  readonly runs?: number
  readonly seed: number
  readonly of?: readonly string[]
  /** The one scene, if it is one of those that are served. */
  readonly scene?: string
}

interface On {
  readonly served: Served
  readonly proxy: ProxyServer
  readonly whole: Uninterrupted
}

interface Case {
  readonly example: string
  readonly aim: Aim
}

/** The command line as it ships, with a proxy between it and a sandbox that gives one answer of a run otherwise; then it is run again. */
export async function proxied({ runs = Number.MAX_SAFE_INTEGER, seed, of = examples, scene }: ProxySettings): Promise<Simulated> {
  const chosen = of.filter(name => scene === undefined || name === scene)
  const queue = [...chosen]
  const results: Simulated[] = []
  // Two at a time: time passes twenty times as fast for these, and one that gets no processor takes it for a silent Azure.
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results.push(await ofExample(next, { runs: Math.ceil(runs / chosen.length), seed }))
  }
  await Promise.all([work(), work()])
  const points = results.reduce((sum, one) => sum + one.points, 0)
  const failed = results.flatMap(one => one.failed)
  return { points, failed, says: `${points} answers through a proxy` }
}

async function ofExample(example: string, { runs, seed }: { readonly runs: number; readonly seed: number }): Promise<Simulated> {
  const served = await serve(example)
  const proxy = await proxyTo(served.way)
  try {
    const { whole, heard } = await uninterrupted(example, served, proxy)
    const cases = sampled(casesOf(example, heard), { count: runs, seed, groupOf: ({ aim }) => aim.kind })
    const failed: string[] = []
    let missed = 0
    for (const one of cases) {
      const short = await shortOf(one, { served, proxy, whole })
      if (short === undefined) missed += 1
      if (short === undefined) continue
      const title = `${example}: ${one.aim.kind} to ${one.aim.method} ${one.aim.path} (${one.aim.nth})`
      if (short.length > 0) failed.push(`${title} (--seed ${seed})\n${short.map(line => `    ${line}\n`).join('')}`)
    }
    return { points: cases.length - missed, failed }
  } finally {
    await proxy.stop()
    await served.stop()
  }
}

async function uninterrupted(example: string, served: Served, proxy: ProxyServer) {
  const scene = await sceneNamed(example)
  await served.reset([])
  proxy.aim(undefined)
  const { code, text } = await served.start(apply, '', { url: proxy.url, ca: proxy.authority }).ended
  if (code !== 0 && code !== 7) throw new Error(`${example} ended with ${code} although nobody meddled: ${text.slice(-2500)}`)
  const state = await served.state()
  await leavesNothing(scene, state)
  const whole: Uninterrupted = { scene, code, text: textOf(state.resources), writes: writesIn(await served.log()) }
  return { whole, heard: [...proxy.heard] }
}

/** Each kind, at each request of a run. */
function casesOf(example: string, heard: readonly Heard[]): readonly Case[] {
  const seen = new Map<string, number>()
  return heard.flatMap(({ method, path }) => {
    const nth = (seen.get(`${method} ${path}`) ?? 0) + 1
    seen.set(`${method} ${path}`, nth)
    return Object.keys(proxyKinds).map(kind => ({ example, aim: { kind, method, path, nth } }))
  })
}

/** `undefined` where the run asked for other things this time. */
async function shortOf({ aim }: Case, { served, proxy, whole }: On): Promise<readonly string[] | undefined> {
  await served.reset([])
  proxy.aim(aim)
  const way = { url: proxy.url, ca: proxy.authority }
  const first = await bounded(served, way)
  if (!proxy.met()) return undefined
  const short = proxy.strayed.map(one => `went elsewhere: ${one}`)
  if (first === undefined) return [...short, 'did not end']
  if (/pglink has a bug|\bat .*\.js:\d+/.test(first.text)) short.push(`calls it a bug: ${first.text.slice(-800)}`)
  if (![0, 1, 5, 6, 7, 8, 9].includes(first.code ?? -1)) short.push(`ended with ${first.code}: ${first.text.slice(-800)}`)
  short.push(...(await untold(whole.scene, await served.state(), { ...first, command: 'apply' })))
  proxy.aim(undefined)
  const second = await unhindered(() => bounded(served, way))
  if (second === undefined) return [...short, 'the second run did not end']
  return [...short, ...fallsShort(second, await served.state(), whole)]
}

/** `undefined` where it has to be ended by force. */
async function bounded(served: Served, way: { readonly url: string; readonly ca: string }): Promise<Ended | undefined> {
  const { child, ended } = served.start(apply, '', way)
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, endsMs)
  const how = await ended
  clearTimeout(late)
  return isLate ? undefined : how
}
