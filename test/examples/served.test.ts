import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { cli, type Ran } from '../support/cli.ts'
import { firstLine } from '../support/sandbox.ts'
import { bodiesOf, type Estate, example, locksOf, requestsIn, writes } from './example.ts'

/** Waiting times shrink to nothing; what is left is the second that a client waits at least between two polls. */
const speed = 1000

test('the quickstart over HTTPS: plan, apply, no changes; and the process leaves nothing behind', async () => {
  const here = example('quickstart')
  const served = await serve(here)
  const planned = await served.run('plan topology.yaml --detailed-exitcode')
  expect(planned.code).toBe(2)
  expect(writes(served.requests())).toEqual([])
  const applied = await served.run('apply topology.yaml --auto-approve')
  expect(applied.stdout).toContain('Apply complete! Resources: 9 added, 0 changed, 0 destroyed.')
  expect(applied.code).toBe(0)
  const again = await served.run('plan topology.yaml --detailed-exitcode')
  expect(again.stdout).toContain('No changes.')
  expect(again.code).toBe(0)
  expect(await served.locks()).toMatchObject(locksOf(here.seed))

  expect(await served.stop()).toBe(0)
  const files = readdirSync(here.path)
  expect(files).toContain('estate.json')
  expect(files.filter(file => /\.(lock|tmp)$/.test(file))).toEqual([])
  const gone = await served.run('plan topology.yaml')
  expect(gone.code).toBe(1)
  expect(gone.stderr).toContain('Azure could not be reached')
})

test('an apply that is killed between lift and restore: locks restore restores everything', async () => {
  const here = example('locked')
  const served = await serve(here)
  await served.killed('apply topology.yaml --auto-approve', 'servers/vault-pg/privateEndpoints/vault-pg-pe: Creating...')
  expect(await served.locks()).not.toEqual(locksOf(here.seed))

  const listed = await served.run('locks list topology.yaml')
  const off = lifted(listed.stdout)
  expect(off.length).toBeGreaterThan(0)
  expect(
    listed.stdout.match(/^ {2}az (lock create --name .* --lock-type (CanNotDelete|ReadOnly) |rest --method put --url .* --body )/gm)
  ).toHaveLength(off.length)
  expect(listed.stdout.match(/by the run [0-9a-f-]{36}, whose lease ends/g)).toHaveLength(off.length)
  expect(listed.code).toBe(9)
  const restored = await served.run('locks restore topology.yaml')
  expect(restored.code).toBe(0)
  expect(await served.locks()).toEqual(locksOf(here.seed))
  const next = await served.run('apply topology.yaml --auto-approve')
  expect(next.code).toBe(0)
  expect(next.stdout).toContain('Apply complete!')
  expect(await served.locks()).toEqual(locksOf(here.seed))
  expect(await served.stop()).toBe(0)
})

test('a killed apply is finished by the next one, which restores the locks first: with its journal, and with its disk lost', async () => {
  for (const disk of ['kept', 'lost']) {
    const here = example('locked')
    const served = await serve(here)
    await served.killed('apply topology.yaml --auto-approve', 'servers/vault-pg/privateEndpoints/vault-pg-pe: Creating...')
    expect(await served.locks()).not.toEqual(locksOf(here.seed))
    if (disk === 'lost') rmSync(join(here.path, 'data'), { recursive: true })
    // The lease of a run that died on another machine ends by the clock alone.
    if (disk === 'lost') expect((await served.run('locks restore topology.yaml --now')).code).toBe(0)
    const next = await served.run('apply topology.yaml --auto-approve')
    expect(next.code).toBe(0)
    if (disk === 'kept') expect(next.stdout).toContain('The locks that it left off are restored first.')
    expect(await served.locks()).toEqual(locksOf(here.seed))
    expect(await served.stop()).toBe(0)
  }
})

/** The rows of the table of locks that are off. */
const lifted = (said: string): string[] => said.split('\n').filter(line => / (NOT RESTORED|LOWERED)( |$)/.test(line))

interface Served {
  run(command: string): Promise<Ran>
  /** Ends the command, without a warning, as soon as it has printed `line`. */
  killed(command: string, line: string): Promise<void>
  requests(): ReturnType<typeof requestsIn>
  /** As the estate has them now. */
  locks(): Promise<ReturnType<typeof locksOf>>
  /** @returns the exit code */
  stop(): Promise<number | null>
}

/** The example's estate in a process of its own, for commands that reach it over HTTPS. */
async function serve(here: Estate): Promise<Served> {
  const files = ['--state', 'estate.json', '--seed', 'sandbox.json', '--log', 'served.ndjson', '--ca-out', 'ca.pem']
  const path = { PATH: process.env['PATH'] ?? '' }
  const child = spawn(process.execPath, [cli, 'sandbox', '--port', '0', '--speed', String(speed), ...files], { cwd: here.path, env: path })
  onTestFinished(() => void child.kill('SIGKILL'))
  const { url } = JSON.parse(await firstLine(child.stdout))
  const env = { NODE_EXTRA_CA_CERTS: join(here.path, 'ca.pem'), ARM_TOKEN: 'any' }
  const whole = (command: string): string => `${command} --arm-endpoint ${url} --env-file .env.example --data-dir data`
  return {
    async run(command) {
      const ran = await here.files.pglink(whole(command), env)
      here.keepsSecrets(ran.stdout, ran.stderr)
      return ran
    },
    async killed(command, line) {
      const running = spawn(process.execPath, [cli, ...whole(command).split(' ')], { cwd: here.path, env: { ...path, ...env } })
      onTestFinished(() => void running.kill('SIGKILL'))
      const ended = once(running, 'exit')
      await textUntil(running.stdout, line)
      running.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
    },
    requests: () => requestsIn(join(here.path, 'served.ndjson')),
    locks: async () => locksOf(bodiesOf(await stateOf(url, readFileSync(join(here.path, 'ca.pem'), 'utf8')))),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = (await ended) as [number | null]
      return code
    }
  }
}

/** The resources in the estate, asked of the sandbox itself: the file is brought up to date when it stops. */
function stateOf(url: string, ca: string): Promise<Parameters<typeof bodiesOf>[0]> {
  return new Promise((resolve, reject) => {
    get(`${url}/_sandbox/state`, { ca }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).resources))
    }).on('error', reject)
  })
}

async function textUntil(stream: Readable, wanted: string): Promise<string> {
  let said = ''
  for await (const text of stream.iterator({ destroyOnReturn: false })) {
    said += String(text)
    if (said.includes(wanted)) return said
  }
  throw new Error(`It ended without saying ${wanted}: ${said}`)
}
