import { expect, test } from 'vitest'
import { readingLine } from '../../src/cli/reading.ts'
import type { Prepared } from '../../src/engine/topology.ts'

const of = (file: string) => ({ type: 'reading', prepared: { file } as Prepared }) as const
const looked = (done: number) => ({ type: 'looked', done, of: 50 }) as const
const line = '\r\u001b[K'

function drawing(interactive: boolean, columns: number) {
  const said: string[] = []
  return { said, line: readingLine({ interactive, columns, err: text => void said.push(text) }) }
}

test('on a terminal a read says how far it is, on a line that is gone after it', () => {
  const { said, line: drawn } = drawing(true, 80)
  drawn?.on({ ...of('a'), done: 12, of: 40 })
  drawn?.on({ ...of('a'), done: undefined, of: 0 })
  expect(said).toEqual([`${line}Reading Azure: 12 of 40 resources`, line])
})

test('of several topologies it says how many are read, and how far those are that are just now', () => {
  const { said, line: drawn } = drawing(true, 80)
  drawn?.on(looked(3))
  drawn?.on({ ...of('a'), done: 12, of: 40 })
  drawn?.on({ ...of('b'), done: 1, of: 2 })
  drawn?.on({ ...of('a'), done: undefined, of: 0 })
  drawn?.on(looked(4))
  const begins = (topologies: number): string => `${line}Reading Azure: ${topologies} of 50 topologies, `
  expect(said).toEqual([
    `${begins(3)}12 of 40 resources`,
    `${begins(3)}13 of 42 resources`,
    `${begins(3)}1 of 2 resources`,
    `${begins(4)}1 of 2 resources`
  ])
})

test('it is taken away before something else is said, and is never as wide as to break', () => {
  const { said, line: drawn } = drawing(true, 40)
  drawn?.clear()
  drawn?.on(looked(3))
  drawn?.on({ ...of('a'), done: 12, of: 40 })
  drawn?.clear()
  expect(said).toEqual([`${line}Reading Azure: 3 of 50 topologies, 12 o`, line])
})

test('where no line can be drawn over nothing is said', () => {
  expect([drawing(false, 80).line, drawing(true, 20).line]).toEqual([undefined, undefined])
})
