import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type Request, requestsIn } from '../examples/example.ts'
import { type Folder, folder } from './cli.ts'
import { seedOf, subscription, topology } from './threeSubnets.ts'

export const checkout = fileURLToPath(new URL('../../', import.meta.url))
export { hub, lockProperties as keep, topology } from './threeSubnets.ts'

/** A project that has the package installed. */
export function project(files: Readonly<Record<string, string>> = {}): Folder {
  const here = folder({ 'topology.yaml': topology, 'seed.json': seedOf(), 'package.json': '{"type":"module"}', ...files })
  mkdirSync(join(here.path, 'node_modules'))
  symlinkSync(checkout, join(here.path, 'node_modules/pglink'), 'dir')
  return here
}

/** The beginning of a program: nothing of the package may end it, listen to signals, or print. */
const guarded = `import { writeFileSync } from 'node:fs'
import { apply, drift, htmlOf, markdownOf, mermaidOf, PglinkError, plan, svgOf, validate, verify } from 'pglink'
process.exit = code => { throw new Error('process.exit(' + code + ') was called') }
for (const name of ['on', 'once', 'addListener', 'prependListener']) {
  const before = process[name]
  process[name] = function (event, ...rest) {
    if (/^SIG|uncaught|unhandled/.test(event)) throw new Error('it listens to ' + event)
    return before.call(this, event, ...rest)
  }
}
const environment = { AZURE_SUBSCRIPTION_ID: '${subscription}' }
const sandbox = { seed: 'seed.json', state: 'estate.json', log: 'requests.ndjson' }
const options = { environment, estate: { sandbox }, dataDir: 'data' }
const failed = promise => promise.then(value => ({ value }), error => ({
  name: error.name, isOurs: error instanceof PglinkError, message: error.message, code: error.code,
  diagnostics: error.diagnostics, outcome: error.outcome, said: error.said
}))
const result = value => writeFileSync('result.json', JSON.stringify(value))
`

/** The environment of the process, which may not be read: a command line would stumble over this one. */
const traps = { PGLINK_MAX_DELETES: 'many', PGLINK_PRUNE: 'maybe', AZURE_SUBSCRIPTION_ID: 'not-this-one', ARM_TOKEN: 'not-this-one' }

export async function run<T>(here: Folder, program: string): Promise<T> {
  here.write('main.mjs', `${guarded}${program}`)
  const env = { PATH: process.env['PATH'] ?? '', HOME: here.path, ...traps }
  const said = await new Promise<string>(resolve =>
    execFile(process.execPath, ['main.mjs'], { cwd: here.path, env }, (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}${error === null ? '' : `exit ${error.code}`}`)
    )
  )
  expect(said).toBe('')
  return JSON.parse(here.read('result.json')) as T
}

export const requests = (here: Folder): readonly Request[] => requestsIn(join(here.path, 'requests.ndjson'))

/** Level and notes of every lock in the estate. */
export function locks(here: Folder, state = 'estate.json'): unknown[] {
  const { resources } = JSON.parse(here.read(state)) as {
    readonly resources: readonly { readonly id: string; readonly body: { readonly properties: unknown } }[]
  }
  return resources.filter(({ id }) => /\/locks\/[^/]+$/.test(id)).map(({ body }) => body.properties)
}
