import { expect, test } from 'vitest'
import { readingLine } from '../../src/cli/reading.ts'

const drawn = (interactive: boolean, columns: number): string | undefined => {
  const said: string[] = []
  const watch = readingLine({ interactive, columns, err: text => void said.push(text) })
  watch?.(12, 40)
  watch?.(undefined, 0)
  return watch && said.join('')
}

test('on a terminal a read says how far it is, on a line that is gone after it', () => {
  expect(drawn(true, 80)).toBe('\r\u001b[KReading Azure: 12 of 40 resources\r\u001b[K')
})

test('where no line can be drawn over nothing is said', () => {
  expect([drawn(false, 80), drawn(true, 20)]).toEqual([undefined, undefined])
})
