import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import pkg from '../package.json' with { type: 'json' }
import { network, subnetIn } from './cli/topologies.ts'
import { variable } from './simulate/commandLine.ts'
import { folder } from './support/cli.ts'
import { runner } from './support/runner.ts'
import { serveSandbox } from './support/sandbox.ts'
import { temporaryFolder } from './support/temporary.ts'

// The parts of pglink that only a process shows, once each. `npm run test:rest` runs all transcripts in processes, and these at length.

const dist = fileURLToPath(new URL('../dist/', import.meta.url))

test('--version is that of the package', async () => {
  expect(await folder().start('--version').ended).toMatchObject({ stdout: `${pkg.version}\n`, stderr: '', code: 0 })
})

test('a plan is on standard output alone, with the exit code that was asked for, and reads --env-file itself', async () => {
  const named = network().replace('name: net\n', `name: net\ntags: { stage: "${variable('STAGE')}" }\n`)
  const here = folder({ 'topology.yaml': named, '.env': 'STAGE=blue\n' })
  const { stdout, stderr, code } = await here.start('plan --sandbox --detailed-exitcode --env-file .env').ended
  expect(stdout).toContain('Plan: 5 to add, 0 to change, 0 to destroy.')
  expect(stdout).toContain('blue')
  expect([stderr, code]).toEqual(['', 2])
})

test('a reader that goes away does not stop an apply', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { child, ended } = here.start('apply --sandbox --auto-approve')
  child.stdout.destroy()
  expect((await ended).code).toBe(0)
  expect((await here.pglink('plan --sandbox --detailed-exitcode')).code).toBe(0)
})

test('an error that nothing waits for is told in one line, and is 1', async () => {
  // Thrown as soon as the command line listens to such errors.
  const odd = "process.on('newListener', event => { if (event === 'uncaughtException') setTimeout(() => { throw new Error('odd') }) })"
  const here = folder({ ...subnetIn('ReadOnly'), 'odd.mjs': odd })
  const ran = await here.pglink('plan --sandbox --sandbox-seed seed.json', {}, ['--import', './odd.mjs'])
  expect(ran.stderr).toMatch(/^Error: pglink has a bug: odd\. Please report it[^\n]*\n$/)
  expect(ran.code).toBe(1)
})

test('over HTTPS, Ctrl-C lets what is in flight finish and restores the lock: 130', async () => {
  const here = folder(subnetIn('ReadOnly'))
  const served = await serveSandbox(['--speed', '10', '--seed', join(here.path, 'seed.json')])
  onTestFinished(async () => void (await served.stop()))
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, PGLINK_ARM_ENDPOINT: served.url, ARM_TOKEN: 'sandbox' }
  const { child, ended } = here.start('apply --auto-approve', env)
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) if (String(text).includes('Creating...')) break
  child.kill('SIGINT')
  const { stdout, stderr, code } = await ended
  expect(`${stdout}${stderr}`).toContain('Interrupt received. Nothing new is started')
  expect(code).toBe(130)
  const locks = await here.pglink('locks list', env)
  expect(locks.stdout).toMatch(/keep +ReadOnly +networks\/hub +on /)
  expect(locks.code).toBe(0)
})

test('the action and its post step, from a release, where nothing is installed', async () => {
  const action = temporaryFolder()
  for (const name of ['action.yml', 'package.json', 'dist']) cpSync(name, join(action, name), { recursive: true })
  const job = runner({ action })
  job.write('topology.yaml', network())
  const inputs = { command: 'apply', sandbox: 'true', 'auto-approve': 'true', 'subscription-id': '11111111-1111-4111-8111-111111111111' }
  const applied = await job.start(inputs).ended()
  expect(applied.code, applied.log).toBe(0)
  expect(applied.outputs['exit-code']).toBe('0')
  const post = await job.post({ inOwnProcess: true })
  expect(post.code, post.log).toBe(0)
})

test('a program imports the library', async () => {
  const here = folder({
    'topology.yaml': network(),
    'main.mjs': `import { validate } from ${JSON.stringify(pathToFileURL(join(dist, 'index.js')).href)}
console.log(JSON.stringify(await validate({ environment: { AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111' } })))`
  })
  const { stdout } = await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: here.path })
  expect(JSON.parse(stdout)).toMatchObject({ code: 0, valid: true })
})
