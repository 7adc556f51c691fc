import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { cli, type Folder, folder } from '../support/cli.ts'
import { network } from './topologies.ts'

interface Served {
  readonly child: ChildProcess
  /** What the other shell has to export. */
  readonly env: Readonly<Record<string, string>>
}

async function serve(here: Folder, ...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [cli, 'sandbox', ...args], { cwd: here.path, env: { PATH: process.env['PATH'] ?? '' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text
    if (said.includes('pglink plan')) break
  }
  const exports = /export (.*)/.exec(said)?.[1]?.split(' ') ?? []
  return { child, env: Object.fromEntries(exports.map(pair => pair.split('=') as [string, string])) }
}

test('a sandbox that is served takes an apply from another process, and an interrupt ends both in order', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { child, env } = await serve(here, '--speed', '20')
  const applying = spawn(process.execPath, [cli, 'apply', '--auto-approve'], {
    cwd: here.path,
    env: { PATH: process.env['PATH'] ?? '', AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111', ...env }
  })
  let said = ''
  applying.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!said.includes('networks/hub: Creating...') && `${said}${text}`.includes('networks/hub: Creating...')) applying.kill('SIGINT')
    said += text
  })
  const [code] = await once(applying, 'exit')
  expect(said).toMatch(/networks\/hub: Creation complete after/)
  expect(said).toMatch(/skipped {2}create networks\/hub\/subnets\/endpoints: the run was interrupted/)
  expect(said).toContain('Interrupted. Resources: 3 added, 0 changed, 0 destroyed.')
  expect(code).toBe(130)

  const rest = await here.pglink('apply --auto-approve', env)
  expect(rest.stdout).toContain('Apply complete! Resources: 2 added, 0 changed, 0 destroyed.')
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  const after = await here.pglink('plan --sandbox')
  expect(after.stdout).toContain('No changes.')
})

test('who has no certificate for it is told that it cannot be reached', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { env } = await serve(here)
  const { code, stderr } = await here.pglink('plan', { ...env, NODE_EXTRA_CA_CERTS: '' })
  expect(stderr).toContain('Azure could not be reached')
  expect(code).toBe(1)
})
