import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { example, type Request, requestsIn } from '../examples/example.ts'
import { folder, jsonLines } from '../support/cli.ts'
import { isQuick } from '../support/parts.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'
import { runsIn } from './runs.ts'
import { subnetIn } from './topologies.ts'

const deployer = '55555555-5555-4555-8555-555555555555'
const locker = '66666666-6666-4666-8666-666666666666'
const subscription = '11111111-1111-4111-8111-111111111111'

const isOfLocks = (text: string): boolean => /microsoft\.authorization\/locks/i.test(text)

interface Role {
  readonly Actions: readonly string[]
}

type Asked = Request & { readonly principal?: string }

/** Folders with a lock in the way of their plan: one that is done in no time, and all the locks of the example. */
const scenes = {
  subnet: () => folder({ ...subnetIn('ReadOnly'), '.env.example': '' }),
  locked: () => {
    const here = example('locked').files
    here.write('seed.json', here.read('sandbox.json'))
    return here
  }
}

/** A sandbox with two principals: one has the role that the plan of the scene prints beside a login for locks, the other that of the login for locks. */
async function served({ without = '', scene = 'subnet' as keyof typeof scenes, faults = [] as readonly object[] } = {}) {
  const here = scenes[scene]()
  const roleOf = async (duty: string): Promise<Role> => {
    const sandbox = `--env-file .env.example --sandbox --sandbox-seed seed.json --lock-identity ${locker}`
    return JSON.parse((await here.pglink(`plan --show-permissions ${duty} ${sandbox}`)).stdout)
  }
  const [own, ofLocks] = [await roleOf(''), await roleOf('--duty locks')]
  expect([
    own.Actions.filter(isOfLocks),
    ofLocks.Actions.filter(one => !/^Microsoft\.Authorization\/(locks|permissions)\//.test(one))
  ]).toEqual([[], []])
  const rolesWith = (actions: readonly string[]) => [{ scope: `/subscriptions/${subscription}`, actions }]
  const principals = [
    { name: 'deployer', clientId: deployer, secret: 's', roles: rolesWith(own.Actions) },
    { name: 'locker', clientId: locker, secret: 'l0ck-s3cret', roles: rolesWith(ofLocks.Actions.filter(one => one !== without)) }
  ]
  here.write('principals.json', JSON.stringify(principals))
  here.write('faults.json', JSON.stringify(faults))
  const at = (file: string): string => join(here.path, file)
  const files = [
    '--seed',
    at('seed.json'),
    '--principals',
    at('principals.json'),
    '--log',
    at('requests.ndjson'),
    '--faults',
    at('faults.json')
  ]
  const sandbox = await sandboxHere([...files, '--speed', '3600'])
  onTestFinished(async () => void (await sandbox.stop()))
  const token = await tokenFrom(sandbox, deployer)
  const env = { NODE_EXTRA_CA_CERTS: sandbox.caFile, ARM_TOKEN: token, AZURE_LOCK_CLIENT_SECRET: 'l0ck-s3cret' }
  return {
    here,
    sandbox,
    wrote: () => existsSync(sandbox.stateFile),
    requests: () => requestsIn(at('requests.ndjson')) as Asked[],
    run: async (command: string, more: Readonly<Record<string, string>> = {}) => {
      const ran = await here.pglink(`${command} --env-file .env.example --arm-endpoint ${sandbox.url}`, { ...env, ...more })
      const files = readdirSync(here.path, { recursive: true, withFileTypes: true }).filter(
        one => one.isFile() && one.name !== 'principals.json'
      )
      const written = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
      for (const text of [ran.stdout, ran.stderr, ...written]) expect(text).not.toContain('l0ck-s3cret')
      return ran
    }
  }
}

test.each(isQuick ? ['subnet' as const] : ['subnet' as const, 'locked' as const])(
  '%s: a login without any right on locks applies with a second one that has no other: each asks only for what is its own',
  async scene => {
    const { run, requests } = await served({ scene })
    const alone = await run('plan topology.yaml')
    expect(alone.stdout).toContain('the locks on it and above it may not be listed')
    const planned = await run(`plan topology.yaml --check-rights --lock-identity ${locker}`)
    expect([planned.code, planned.stderr]).toEqual([0, ''])
    const applied = await run(`apply topology.yaml --auto-approve --lock-identity ${locker.toUpperCase()}`)
    expect(applied.stdout).toContain('Apply complete!')
    expect(applied.code).toBe(0)
    const done = requests().filter(({ status }) => status < 400)
    const by = (principal: string) => done.filter(one => one.principal === principal)
    expect(by(locker).filter(({ path }) => !isOfLocks(path) && !/microsoft\.authorization\/permissions$/i.test(path))).toEqual([])
    expect(by(deployer).filter(({ path, method }) => isOfLocks(path) && method !== 'GET')).toEqual([])
    expect(by(locker).some(({ method, path }) => method === 'PUT' && isOfLocks(path))).toBe(true)
    const after = await run(`plan topology.yaml --detailed-exitcode --lock-identity ${locker}`)
    expect(after.stdout).toContain('No changes.')
  }
)

test.each(['delete', 'read', 'write'])('without its right to %s locks the apply is refused before anything is lifted', async verb => {
  const without = `Microsoft.Authorization/locks/${verb}`
  const { run, wrote } = await served({ without })
  const applied = await run(`apply topology.yaml --auto-approve --lock-identity ${locker}`)
  expect(applied.stderr).toContain(without)
  expect(applied.stderr).toContain('by the login for locks')
  expect([applied.code, wrote()]).toEqual([7, false])
})

test('a lock that a login for locks left off is restored by that one; a run without it, and without rights on locks, says so', async () => {
  const faults = [{ method: 'PUT', path: '/locks/keep$', nth: 2, status: 400, code: 'InvalidRequest' }]
  const { run, here, requests } = await served({ faults })
  const left = await run(`apply topology.yaml --auto-approve --lock-identity ${locker}`)
  expect([left.code, left.stdout.includes(`--lock-identity ${locker}`)]).toEqual([9, true])
  const entries = runsIn(here).flatMap(file => jsonLines<{ type: string; by?: string }>(here, file))
  expect(entries.filter(({ type }) => type === 'unlocking').map(({ by }) => by)).toEqual([locker])
  const alone = await run('apply topology.yaml --auto-approve')
  expect(alone.code).toBe(9)
  expect(alone.stderr + alone.stdout).toContain(`This login may not write a lock that the login ${locker} lifted.`)
  expect(requests().filter(({ path, method, status }) => method === 'PUT' && !isOfLocks(path) && status < 400)).toHaveLength(1)
  const restored = await run(`locks restore topology.yaml --lock-identity ${locker}`)
  expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining('keep on networks/hub: restored')])
}, 120_000)

test('a login for locks that does not sign in, is of another tenant, or has no way to sign in, ends the run before anything is asked', async () => {
  const { run, requests } = await served()
  const tried = async (more: Readonly<Record<string, string>>, id = locker) => {
    const { code, stderr } = await run(`apply topology.yaml --auto-approve --lock-identity ${id}`, more)
    return [code, stderr]
  }
  expect(await tried({ AZURE_LOCK_CLIENT_SECRET: 'another-l0ck-s3cret' })).toEqual([
    1,
    expect.stringMatching(/for locks, 6{8}.*does not sign in.*AADSTS7000215/s)
  ])
  expect(await tried({ AZURE_LOCK_CLIENT_SECRET: '' })).toEqual([64, expect.stringContaining('has no way to sign in as 66666666')])
  expect(await tried({}, 'locker')).toEqual([64, expect.stringContaining('--lock-identity takes the client id')])
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const foreign = `${part({ alg: 'none' })}.${part({ tid: '99999999-9999-4999-8999-999999999999', appid: deployer })}.x`
  expect(await tried({ ARM_TOKEN: foreign })).toEqual([6, expect.stringContaining('both have to be of one tenant')])
  expect(requests().filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([])
}, 60_000)

test('a saved plan says how it is applied by both logins, and chooses none of them', async () => {
  const here = scenes.subnet()
  const sandbox = '--sandbox --sandbox-seed seed.json'
  const planned = await here.pglink(`plan --out plan.json --markdown plan.md ${sandbox} --lock-identity ${locker}`)
  expect(planned.stdout).toContain(`Saved. Apply exactly this with: pglink apply plan.json --lock-identity=${locker}`)
  expect(here.read('plan.md')).toContain(`--lock-identity=${locker}`)
  const applied = await here.pglink('apply plan.json --sandbox-log log.ndjson')
  expect(applied.code).toBe(0)
  const principals = (requestsIn(join(here.path, 'log.ndjson')) as Asked[]).map(({ principal }) => principal)
  expect(new Set(principals)).toEqual(new Set([undefined]))
})

test('in the built-in sandbox the second login is another principal in the log', async () => {
  const here = scenes.subnet()
  const applied = await here.pglink(
    `apply --auto-approve --sandbox --sandbox-seed seed.json --sandbox-log log.ndjson --lock-identity ${locker}`
  )
  expect(applied.code).toBe(0)
  const written = (requestsIn(join(here.path, 'log.ndjson')) as Asked[]).filter(({ method }) => method !== 'GET')
  expect(new Set(written.filter(({ path }) => isOfLocks(path)).map(({ principal }) => principal))).toEqual(new Set([locker]))
  expect(written.filter(({ path }) => !isOfLocks(path)).map(({ principal }) => principal)).toEqual([undefined])
})
