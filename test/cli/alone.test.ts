import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cli, type Folder, folder } from '../support/cli.ts'
import { serveSandbox } from '../support/sandbox.ts'
import { network } from './topologies.ts'

const subscription = '11111111-1111-4111-8111-111111111111'

test('two applies of one topology on one machine: the second is told who is at it, and a dead one is taken over from', async () => {
  const here = folder({ 'topology.yaml': network() })
  const served = await serveSandbox(['--speed', '20'])
  onTestFinished(async () => void (await served.stop()))
  const env = { NODE_EXTRA_CA_CERTS: served.caFile, PGLINK_ARM_ENDPOINT: served.url, ARM_TOKEN: 'sandbox' }
  const first = spawn(process.execPath, ['--', cli, 'apply', '--auto-approve'], {
    cwd: here.path,
    env: { PATH: process.env['PATH'] ?? '', AZURE_SUBSCRIPTION_ID: subscription, ...env }
  })
  onTestFinished(() => void first.kill('SIGKILL'))
  let said = ''
  for await (const text of first.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(text)
    if (said.includes('Creating...')) break
  }
  const lock = join(here.path, '.pglink', folderOf(here), `${nameIn(here.read('topology.yaml'))}.lock`)
  const second = await here.pglink('apply --auto-approve', env)
  expect(second.stderr).toContain(`process ${first.pid}`)
  expect(second.stderr).toContain('Nothing was changed.')
  expect(second.code).toBe(1)
  // A run that only looks is not kept away; it says where Azure is just then at it.
  const looked = await here.pglink('plan', env)
  expect(looked.stdout).toContain('Plan digest')
  expect([0, 7]).toContain(looked.code)

  const ended = once(first, 'exit')
  first.kill('SIGKILL')
  await ended
  expect(existsSync(lock)).toBe(true)
  const third = await here.pglink('apply --auto-approve', env)
  expect(third.code).toBe(0)
  expect(existsSync(lock)).toBe(false)

  // Torn by a crash, it keeps nobody away.
  writeFileSync(lock, readFileSync(join(here.path, 'topology.yaml')).subarray(0, 3))
  expect((await here.pglink('locks restore', env)).code).toBe(0)
})

test.skipIf(process.platform !== 'linux')('a process that has ended and was never asked how keeps nobody away', async () => {
  const here = folder({ 'topology.yaml': network() })
  // The child ends when the shell, which would ask how, has become something that does not.
  const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'])
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [pid] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  const fields = () => readFileSync(`/proc/${pid.trim()}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  while (fields()[0] !== 'Z') await new Promise(resolve => setTimeout(resolve, 20))
  await here.pglink('locks restore --sandbox')
  const lock = join(here.path, '.pglink', folderOf(here), 'net.lock')
  writeFileSync(lock, JSON.stringify({ pid: Number(pid), started: fields()[19], run: 'one', since: 'then' }))
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect(readdirSync(join(here.path, '.pglink', folderOf(here))).filter(name => name.includes('.lock'))).toEqual([])
})

const folderOf = ({ path }: Folder): string => readdirSync(join(path, '.pglink')).find(name => name.startsWith('sandbox-')) ?? ''

const nameIn = (topology: string): string => /^name: (\S+)/m.exec(topology)?.[1] ?? ''
