import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { cli, type Ran } from '../support/cli.ts'
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
  expect(locksOf(bodiesOf(here.resources()))).toMatchObject(locksOf(here.seed))

  expect(await served.stop()).toBe(143)
  const files = readdirSync(here.path)
  expect(files).toContain('estate.json')
  expect(files.filter(file => /\.(lock|tmp)$/.test(file))).toEqual([])
  const gone = await served.run('plan topology.yaml')
  expect(gone.code).toBe(1)
  expect(gone.stderr).toContain('Azure could not be reached')
})

test('an apply that is killed between unlock and relock: the next one stops, and locks restore ends it', async () => {
  const here = example('locked')
  const served = await serve(here)
  await served.killed('apply topology.yaml --auto-approve', 'servers/vault-pg/privateEndpoints/vault-pg-pe: Creating...')
  expect(locksIn(here)).not.toEqual(locksOf(here.seed))

  const stopped = await served.run('apply topology.yaml --auto-approve')
  expect(stopped.stderr).toContain('pglink locks restore topology.yaml')
  expect(stopped.code).toBe(9)
  const listed = await served.run('locks list topology.yaml')
  expect(listed.stdout.match(/NOT RESTORED/g)).toHaveLength(4)
  expect(listed.code).toBe(9)
  const restored = await served.run('locks restore topology.yaml')
  expect(restored.code).toBe(0)
  expect(locksIn(here)).toEqual(locksOf(here.seed))
  const next = await served.run('apply topology.yaml --auto-approve')
  expect(next.code).toBe(0)
  expect(next.stdout).toContain('Apply complete!')
  expect(locksIn(here)).toEqual(locksOf(here.seed))
  expect(await served.stop()).toBe(143)
})

const locksIn = (here: Estate) => locksOf(bodiesOf(here.resources()))

interface Served {
  run(command: string): Promise<Ran>
  /** Ends the command, without a warning, as soon as it has printed `line`. */
  killed(command: string, line: string): Promise<void>
  requests(): ReturnType<typeof requestsIn>
  /** @returns the exit code */
  stop(): Promise<number | null>
}

/** The example's estate in a process of its own, for commands that reach it over HTTPS. */
async function serve(here: Estate): Promise<Served> {
  const files = ['--sandbox-state', 'estate.json', '--sandbox-seed', 'sandbox.json', '--sandbox-log', 'served.ndjson', '--ca-out', 'ca.pem']
  const path = { PATH: process.env['PATH'] ?? '' }
  const child = spawn(process.execPath, [cli, 'sandbox', '--port', '0', '--speed', String(speed), ...files], { cwd: here.path, env: path })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = await textUntil(child.stdout, 'pglink plan')
  const [url = ''] = /https:\/\/localhost:\d+/.exec(said) ?? []
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
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = (await ended) as [number | null]
      return code
    }
  }
}

async function textUntil(stream: Readable, wanted: string): Promise<string> {
  let said = ''
  for await (const text of stream.iterator({ destroyOnReturn: false })) {
    said += String(text)
    if (said.includes(wanted)) return said
  }
  throw new Error(`It ended without saying ${wanted}: ${said}`)
}
