import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { ours } from './arm.ts'
import type { Exchange } from './recording.ts'
import { type Replayed, replay, titleOf } from './replay.ts'
import { leftOut } from './replayLeftOut.ts'

/** `RECORDINGS=folder` replays the recordings of another folder, and of those below it. */
const folder = process.env['RECORDINGS'] ?? fileURLToPath(new URL('fixtures/scenarios', import.meta.url))

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.json'))
  .sort()

const replayed: Replayed[] = []

describe("Azure's recorded answers are answered here in turn", () => {
  ours.each(files)('%s', async file => {
    const { exchanges }: { exchanges: readonly Exchange[] } = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
    const outcomes = await replay(exchanges, leftOut)
    replayed.push(...outcomes)
    const found = outcomes.flatMap(one => one.differences.map(each => `${titleOf(one.exchange)}: ${each}`))
    expect(found).toEqual([])
  })

  ours('most of what was recorded is replayed, and the rest is left out for a reason', () => {
    const reasons = replayed.flatMap(({ leftOut: reason }) => (reason === undefined ? [] : [reason]))
    const counts = new Map<string, number>()
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    console.info(`${replayed.length} exchanges, of which left out:`, Object.fromEntries(counts))
    expect(reasons.length).toBeLessThan(replayed.length / 4)
  })
})
