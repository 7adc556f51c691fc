import { request } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { isRunId, runId } from '../../src/engine/runId.ts'
import { realClock } from '../../src/sandbox/clock.ts'
import { control } from '../../src/sandbox/control.ts'
import { requestLog } from '../../src/sandbox/requestLog.ts'
import { parsePrincipalList } from '../../src/sandbox/rights/principals.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import { startSandboxServer } from '../../src/sandbox/serve.ts'
import { issueToken } from '../../src/sandbox/token.ts'
import { type Folder, folder } from '../support/cli.ts'
import { documentOf, topology } from './driftScene.ts'

const [us, ana, ben] = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map(head => `${head}-0000-4000-8000-000000000000`) as [string, string, string]
const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-net'
const network = `${group}/providers/Microsoft.Network/virtualNetworks/hub`

interface Scene {
  readonly here: Folder
  /** A request by a login that is not ours. */
  as(who: string, method: string, path: string, body: object): Promise<void>
  drift(...more: readonly string[]): ReturnType<Folder['pglink']>
  readonly sandbox: ReturnType<typeof createSandbox>
  readonly paths: () => string[]
}

/** An estate that we applied, in a sandbox that is served. */
async function scene(): Promise<Scene> {
  const log = requestLog()
  const seen: string[] = []
  const add = (entry: Parameters<typeof log.add>[0]): void => {
    seen.push(`${entry.method} ${entry.path}`)
    log.add(entry)
  }
  const sandbox = createSandbox({ clock: realClock({ speed: 6_000 }), log: add })
  const { url, authority = '', close } = await startSandboxServer({ sandbox, control: control(sandbox, log), port: 0 })
  onTestFinished(close)
  const here = folder({ 'topology.yaml': topology, 'ca.pem': authority })
  const token = (who: string): string => issueToken(who, url, Date.now(), 3_600)
  const env = { PGLINK_ARM_ENDPOINT: url, ARM_TOKEN: token(us), NODE_EXTRA_CA_CERTS: `${here.path}/ca.pem` }
  const done = await here.pglink('apply --auto-approve', env)
  expect(done.code, done.stdout + done.stderr).toBe(0)
  const as: Scene['as'] = (who, method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token(who)}`, 'content-type': 'application/json' }
      const sent = request(`${url}${path}`, { method, headers, ca: authority, agent: false }, answer => {
        answer
          .resume()
          .on('end', () => ((answer.statusCode ?? 0) < 300 ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode}`))))
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
  return { here, as, sandbox, paths: () => seen, drift: (...more) => here.pglink(`drift ${more.join(' ')}`, env) }
}

const retagged = (team: string) => ({ tags: { team, 'pglink-topology': 'net' } })
const lock = `${network}/providers/Microsoft.Authorization/locks/keep`

test('drift --who names the writers, the newest first, and our own runs as ours', async () => {
  const { as, drift, sandbox, paths } = await scene()
  sandbox.configure({ behaviours: { logDelayMs: 0 } })
  await as(ana, 'PATCH', `${network}?api-version=2025-05-01`, retagged('ana'))
  await as(ben, 'PATCH', `${network}?api-version=2025-05-01`, retagged('ben'))
  await as(ben, 'PUT', `${lock}?api-version=2020-05-01`, { properties: { level: 'CanNotDelete', notes: 'theirs' } })
  const { entries } = documentOf(await drift('--who', '--json'))
  const who = (address: string) => entries.find(one => one.address === address)?.who
  const writers = who('networks/hub')?.writers ?? []
  expect(writers.map(({ by, pglink }) => (pglink ? 'pglink' : by))).toEqual([ben, ana, 'pglink'])
  expect(isRunId(writers.at(-1)?.by ?? '')).toBe(true)
  expect(who('networks/hub/locks/keep')).toMatchObject({ as: 'known', writers: [{ by: ben }, { pglink: true }] })
  expect(paths().filter(path => path.includes('ResourceGraph'))).toHaveLength(1)

  const { stdout } = await drift('--who')
  expect(stdout).toMatch(new RegExp(`^      written by ${ben} on [0-9-]+ [0-9:]+ UTC; before that by ${ana} on `, 'm'))
  const without = await drift()
  expect(without.stdout).not.toContain('written by')
  expect(paths().filter(path => path.includes('ResourceGraph'))).toHaveLength(2)
})

test('an entry that is late, missing or foreign names nobody, and a log that may not be read is no error', async () => {
  const { as, drift, sandbox } = await scene()
  await as(ana, 'PATCH', `${network}?api-version=2025-05-01`, retagged('ana'))
  await as(ben, 'PUT', `${network}x?api-version=2025-05-01`, {
    location: 'eastus2',
    properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } }
  })
  await as(ana, 'PUT', `${lock}?api-version=2020-05-01`, { properties: { level: 'CanNotDelete', notes: 'theirs' } })
  sandbox.configure({ behaviours: { logDelayMs: Number.MAX_SAFE_INTEGER } })
  const late = await drift('--who', '--json')
  const whos = documentOf(late).entries.flatMap(one => one.who ?? [])
  expect(whos.map(({ as: of }) => of)).toEqual(['unknown', 'unknown'])
  expect(JSON.stringify(whos)).not.toMatch(/[abc]{8}-0000/)

  const actions = ['Microsoft.Network/*/read', 'Microsoft.Resources/*/read', 'Microsoft.Authorization/*/read']
  const reader = { name: 'reader', clientId: us, objectId: us, secret: 'x', roles: [{ scope: '/', actions, notActions: [] }] }
  sandbox.configure({ behaviours: { logDelayMs: 0 }, principals: parsePrincipalList([reader], 'the test') })
  const unread = await drift('--who', '--json')
  expect([late.code, unread.code]).toEqual([3, 3])
  const entries = documentOf(unread).entries
  expect(entries.find(one => one.address === 'networks/hub/locks/keep')?.who?.text).toContain('may not be read by this login')
  expect(entries.find(one => one.address === 'networks/hub')?.who).toMatchObject({ as: 'known' })
})

test('a run is known by its id, and no other id is', () => {
  expect(isRunId(runId())).toBe(true)
  expect([runId().replace(/.$/, last => (last === '0' ? '1' : '0')), crypto.randomUUID(), '', 'x'].filter(isRunId)).toEqual([])
})
