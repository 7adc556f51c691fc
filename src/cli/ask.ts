import { createInterface } from 'node:readline'
import { Interrupted } from '../engine/stop.ts'

/** One line of an answer; `undefined` when the input ends first. */
export function ask(question: string, input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, output })
    lines.on('SIGINT', () => {
      reject(new Interrupted())
      lines.close()
    })
    lines.on('close', () => resolve(undefined))
    lines.question(question, answer => {
      resolve(answer)
      lines.close()
    })
  })
}
