import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, folder } from '../support/cli.ts'

/** Prints the path of every file of the bundle that the process loads: Node its first ones, and those the rest. */
const tracing = `const { Module } = process.getBuiltinModule('node:module'), vm = process.getBuiltinModule('node:vm')
const { _compile } = Module.prototype, { Script } = vm
Module.prototype._compile = function (code, path, ...more) { process._rawDebug('loaded ' + path); return _compile.call(this, code, path, ...more) }
vm.Script = class extends Script { constructor(code, options) { process._rawDebug('loaded ' + options.filename); super(code, options) } }`
const trace = ['--import', `data:text/javascript,${encodeURIComponent(tracing)}`]

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>
}

/** The npm packages whose code is in the bundle's files that a command loaded. */
async function packagesLoaded(args: string, more = ''): Promise<Set<string>> {
  const here = folder({ 'topology.yaml': `version: 1\nname: nothing\n${more}` })
  const { stderr, stdout } = await here.pglink(args, {}, trace)
  const { outputs } = JSON.parse(readFileSync(join(dirname(cli), 'meta.json'), 'utf8')) as Metafile
  const byName = new Map(Object.entries(outputs).map(([path, { inputs }]) => [basename(path), inputs]))
  const files = [...`${stdout}${stderr}`.matchAll(/^loaded (\S+)/gm)].map(([, path = '']) => basename(path))
  expect(files).toContain('cli.js')
  // The bundle leaves out what no file asks of a client: whatever is asked for all the same cannot be read.
  expect(stdout).not.toContain('could not be read: ')
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

// Only a look from this machine has a use for PostgreSQL's client, and only a data plane for DNS packets.
test.each(['validate', 'verify --help', 'verify --sandbox', 'verify --sandbox --live'])(
  '%s loads what meets a server where it does',
  async args => {
    const packages = await packagesLoaded(args)
    expect([packages.has('pg'), packages.has('dns-packet')]).toEqual([args.endsWith('--live'), false])
  }
)

// They take as long to load as all of Azure's clients.
test('a plan on the sandbox loads neither the fetch of the web nor its crypto', async () => {
  const listing = "process.on('exit', () => process._rawDebug(process.moduleLoadList.join()))"
  const loads = async (args: string): Promise<string> =>
    (await folder({ 'topology.yaml': 'version: 1\nname: nothing\n' }).pglink(args, {}, ['--import', `data:text/javascript,${listing}`]))
      .stderr
  expect(await loads('plan --sandbox')).toMatch(/ zlib\b(?!.*(undici|webcrypto))/)
})

const somewhere = 'subscription: 11111111-1111-4111-8111-111111111111\nlocation: westeurope\nresourceGroup: rg-loading\n'
const server = `servers:
  loading-pg:
    version: "17"
    compute: { tier: Burstable, size: Standard_B1ms }
    storage: { sizeGiB: 32 }
    authentication: { password: false, entra: { administrators: { dba: { objectId: 22222222-2222-4222-8222-222222222222, type: Group } } } }
    networking: { publicAccess: { enabled: false } }
`

test.each([
  ['networks', 'networks: { hub: { addressSpace: [10.0.0.0/16] } }', ['network']],
  ['servers', server, ['postgresql-flexible']],
  ['zones', 'privateDnsZones: { link: { name: privatelink.postgres.database.azure.com } }', ['privatedns']],
  ['factories', 'dataFactories: { loading-adf: {} }', ['datafactory']]
])('a plan of %s loads their client, beside those of groups and of locks, and no other', async (_, entries, clients) => {
  const packages = await packagesLoaded('plan --sandbox', `${somewhere}${entries}\n`)
  expect([...packages].filter(name => name.startsWith('@azure/arm-')).sort()).toEqual(
    [...clients, 'locks', 'resources'].map(name => `@azure/arm-${name}`).sort()
  )
})

// `npm run bench` measures the cost of that beside a bare Node.
test('a text that lies in the package is found from the bundle', async () => {
  const { stdout, code } = await folder().pglink('schema', {}, ['--no-warnings'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: readFileSync('schema/topology.schema.json', 'utf8') })
})

test('--version loads no package at all', async () => {
  expect([...(await packagesLoaded('--version'))]).toEqual([])
})
