import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, folder } from '../support/cli.ts'

/** Prints the address of every module the process loads. */
const hooks = `export async function load(url, context, next) { if (url.startsWith('file:')) process._rawDebug('loaded ' + url); return next(url, context) }`
const tracing = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hooks))})`
const trace = ['--import', `data:text/javascript,${encodeURIComponent(tracing)}`]

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>
}

/** The npm packages whose code is in the bundle's files that a command loaded. */
async function packagesLoaded(args: string): Promise<Set<string>> {
  const here = folder({ 'topology.yaml': 'version: 1\nname: nothing\n' })
  const { stderr, stdout } = await here.pglink(args, {}, trace)
  const { outputs } = JSON.parse(readFileSync(join(dirname(cli), 'meta.json'), 'utf8')) as Metafile
  const byName = new Map(Object.entries(outputs).map(([path, { inputs }]) => [basename(path), inputs]))
  const files = [...`${stdout}${stderr}`.matchAll(/^loaded file:\/\/(\S+)/gm)].map(([, path = '']) => basename(path))
  expect(files).toContain('cli.js')
  const inputs = files.flatMap(file => Object.entries(byName.get(file) ?? {}))
  const used = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return new Set(used)
}

const azureIn = (packages: ReadonlySet<string>): string[] => [...packages].filter(name => name.startsWith('@azure/'))

test.each(['--help', 'help plan', 'validate', 'validate --json', 'explain', 'plan --help', 'graph', 'graph --format svg'])(
  '%s loads no Azure package',
  async args => {
    const packages = await packagesLoaded(args)
    expect(packages).toContain('commander')
    expect(azureIn(packages)).toEqual([])
  }
)

test('a plan on the sandbox loads the clients, but nothing to sign in with', async () => {
  const packages = await packagesLoaded('plan --sandbox')
  expect(azureIn(packages)).toContain('@azure/core-rest-pipeline')
  expect(azureIn(packages)).not.toContain('@azure/identity')
})

// `npm run bench` measures the cost of that beside a bare Node.
test('--version loads no package at all', async () => {
  expect([...(await packagesLoaded('--version'))]).toEqual([])
})
