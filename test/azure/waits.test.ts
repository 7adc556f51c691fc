import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { poll } from '../../src/azure/poll.ts'

test('without a word of Azure we look at once, then after 1, 2, 4, 8 and 15 s, and every 15 s from then on', async () => {
  const waits: number[] = []
  const clock = { now: () => waits.reduce((sum, ms) => sum + ms, 0), sleep: async (ms: number) => void waits.push(ms) }
  await poll({ clock }, async () => (waits.length === 7 ? true : undefined))
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
})

/** Each wait with a length of its own, as its file writes it, and the reason why the schedule is not for it. */
const own: Readonly<Record<string, string>> = {
  'apply/aside.ts delay(azure.clock, Math.max(0, from + staleMs - azure.clock.now()), signal)': 'until no read can be behind any more',
  'apply/attempts.ts delay(azure.clock, azure.deadline.atMost(ms), signal)': 'of the schedule',
  'azure/deadline.ts delay(this.#clock, Math.max(0, Math.min(rest, this.leftMs() ?? rest)), signal)': 'as its caller says',
  'azure/deadline.ts delay(this.#clock, ms, own ? AbortSignal.any([own, interrupt]) : interrupt)': 'as its caller says',
  'azure/deadline.ts delay(this.#clock, ms, signal)': 'as its caller says',
  'azure/retry.ts delay(clock, ms, request.abortSignal)': 'as Azure asks, or of the schedule',
  'kinds/interactiveAuthoring.ts everyMs = (): number => growingMs(looks) / (asks < asksMax ? 2 ** (asks - 1) : 1)':
    'of the schedule, or sooner',
  'locks/lift.ts delay(clock, overwrittenMs, ports.signal)': 'until another run has written what it was about to write',
  'locks/lift.ts delay(ports.azure.clock, ms, signal)': 'as its caller says',
  'locks/lift.ts everyMs = (looks: number): number => Math.min(growingMs(looks), Math.max(1, Date.parse(lease.lease.until) - clock.now()))':
    'of the schedule, or until a lease is over',
  'locks/restore.ts delay(azure.clock, staleMs)': 'until no read can be behind any more'
}

test('no wait has a length of its own but those that no look could shorten', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    path => path.endsWith('.ts') && !/^sandbox|^azure.(poll|operation|realClock)\.ts$/.test(path)
  )
  const found = files.flatMap(path =>
    readFileSync(join('src', path), 'utf8')
      .split('\n')
      .flatMap(
        line => /\b(?:delay\((?:\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\)|[^()])*\)|everyMs(?::| =) .+)/.exec(line)?.[0] ?? []
      )
      .map(wait => `${path.replaceAll('\\', '/')} ${wait}`)
  )
  expect(found.sort()).toEqual(Object.keys(own).sort())
})
