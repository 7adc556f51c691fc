import { azureFailures } from '../../src/sandbox/azureFailures.ts'
import { effectNames } from '../../src/sandbox/faultEffects.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import type { JsonObject } from '../../src/sandbox/json.ts'
import { textOf } from './estateText.ts'
import { differs, endedOtherwise, finished } from './kill.ts'
import { type Whole, writesIn } from './points.ts'
import { applied, comeToRest, type Machine, machineOn, type Ran, restored, type Simulated, sampled } from './run.ts'
import { untold } from './testimony.ts'
import { exampleWholes, type Settings } from './wholes.ts'

/** Every way in which the sandbox can go wrong, by the member that says it. */
const variants: Readonly<Record<string, readonly JsonObject[]>> = {
  status: [400, 401, 403, 404, 409, 412, 429, 500, 502].flatMap(status =>
    [{}, { after: true }].map(when => ({ status, code: 'MadeToFail', message: 'it was to be', ...when }))
  ),
  azure: Object.entries(azureFailures).flatMap(([azure, failure]) =>
    failure.in === 'answer' ? [{ azure }, { azure, after: true }] : [{ azure }]
  ),
  operation: [{ operation: { code: 'MadeToFail', message: 'it was to be' } }],
  expire: [{ expire: true }],
  stale: [{ stale: true }],
  pageSize: [{ pageSize: 1 }],
  delayMs: [{ delayMs: 600_000 }],
  pauseMs: [{ pauseMs: 600_000 }],
  drop: [{ drop: 'before' }, { drop: 'after' }],
  reset: [{ reset: true }]
}

/** @throws where the sandbox knows a fault that is in none of the above */
export function allFaults(): readonly JsonObject[] {
  const missing = effectNames.filter(name => variants[name] === undefined)
  if (missing.length > 0) throw new Error(`No fault is made of: ${missing.join(', ')}`)
  return effectNames.flatMap(name => variants[name] ?? [])
}

interface Case {
  readonly one: Whole
  readonly nth: number
  readonly fault: JsonObject
}

/** Each fault, at each request of each example. */
export async function faults({ runs, seed, scene }: Settings): Promise<Simulated> {
  const all: Case[] = []
  for (const one of await exampleWholes({ seed, ...(scene !== undefined && { scene }) })) {
    for (let nth = 1; nth <= one.requests.length; nth += 1)
      for (const fault of allFaults()) if (isFor(fault, one.requests[nth - 1] ?? '')) all.push({ one, nth, fault })
  }
  const failed: string[] = []
  const drawn = sampled(all, {
    count: runs,
    seed,
    groupOf: ({ one, fault }) => `${one.scene.name} ${effectNames.find(name => name in fault)}`
  })
  for (const each of drawn) {
    const short = await fallsShort(each)
    const title = `${each.one.scene.name}: ${JSON.stringify(each.fault)} at request ${each.nth}, ${each.one.requests[each.nth - 1]}`
    if (short.length > 0) failed.push(`${title} (--seed ${seed})\n${short.map(line => `    ${line}\n`).join('')}`)
  }
  return { points: drawn.length, failed }
}

/** Some go wrong only with reads, or only with writes. */
function isFor(fault: JsonObject, request: string): boolean {
  const reads = request.includes(' GET ') || request.startsWith('GET ')
  if ('stale' in fault || 'pageSize' in fault) return reads
  return !reads || !('operation' in fault || (typeof fault['azure'] === 'string' && azureFailures[fault['azure']]?.in === 'operation'))
}

async function fallsShort({ one, nth, fault }: Case): Promise<string[]> {
  const on = machineOn(one.scene, { faults: parseFaultList([{ path: '.', nth, ...fault }], 'the fault') })
  try {
    const first = await applied(on)
    on.sandbox.configure({ faults: [] })
    const short = first.text.includes('pglink has a bug') ? [first.text.slice(-1000)] : []
    short.push(...wrongCode(first, on, { one, nth, fault }))
    short.push(...(await untold(one.scene, on.sandbox.exportState(), { ...first, command: 'apply' })))
    if (first.code === 9) short.push(...(await notRestored(on)))
    const second = await finished(on)
    await comeToRest(on)
    short.push(...(await untold(one.scene, on.sandbox.exportState(), { ...second, command: 'apply' })))
    return [...short, ...endedOtherwise(second, one), ...differs(on, one)]
  } finally {
    on.remove()
  }
}

/** The locks of before that are off, and the markers. */
function off({ scene, sandbox }: Machine): string[] {
  const { locks, markers } = textOf(sandbox.exportState().resources)
  return [...textOf(scene.begin.resources).locks.filter(line => !locks.includes(line)), ...markers]
}

async function notRestored(on: Machine): Promise<string[]> {
  const ran = await restored(on)
  const lies = await untold(on.scene, on.sandbox.exportState(), { ...ran, command: 'restore' })
  return ran.code === 0 && off(on).length === 0 ? lies : [`locks restore ended with ${ran.code}: ${ran.text}`, ...off(on), ...lies]
}

const isLock = (request: string): boolean => /\/providers\/microsoft\.authorization\/locks\//i.test(request)

/** Judges the exit code by what became of Azure and not by what the run says of itself. */
function wrongCode({ code, text }: Ran, on: Machine, { one, nth }: Case): string[] {
  const wrong = (wanted: string): string[] => [`ended with ${code}, not with ${wanted}: ${text.slice(-1500)}`]
  if (off(on).length > 0) return code === 9 ? [] : wrong('9, since a lock is off')
  if (code === one.ran.code) return differs(on, one).length > 0 && code === 0 ? wrong('8, since something is missing') : []
  // A lock that went back counts as off until a read has proven it, and until nothing remembers it any more.
  if (code === 9) return isLock(one.requests[nth - 1] ?? '') && text.includes('NOT RESTORED') ? [] : wrong('9: every lock is on')
  const effect = writesIn(on.log).length > 0
  // One write alone may be the one whose answer said that it failed.
  if (code === 1) return writesIn(on.log).length > 1 ? wrong('8, since something was written') : []
  if (code === 8) return effect ? [] : wrong('1, since nothing was written')
  if (code === 7) return /could not be read|may not|right|Waiting/i.test(text) ? [] : wrong('anything but 7')
  if (code === 5) return /Plan again/.test(text) ? [] : wrong('anything but 5')
  return wrong('0, 1, 5, 7 or 8')
}
