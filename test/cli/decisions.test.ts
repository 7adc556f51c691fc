import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Folder, folder, jsonLines } from '../support/cli.ts'
import { ranOn, silentTerminal } from '../support/terminal.ts'

const subscription = '11111111-1111-4111-8111-111111111111'
const foreign = '99999999-9999-4999-8999-999999999999'
const server = `/subscriptions/${subscription}/resourceGroups/rg-claims-data/providers/Microsoft.DBforPostgreSQL/flexibleServers/claims-pg`
const ours = `/subscriptions/${subscription}/resourceGroups/rg-claims-network/providers/Microsoft.Network/privateEndpoints/claims-pg-pe`
const theirs = ours.replace(subscription, foreign)
const connection = (name: string): string => `${server}/privateEndpointConnections/${name}`
const impostor = connection('claims-pg-pe.6a1f0c52-0000-4000-8000-000000000001')

const seeded = (status: string, endpoint: string, description: string, more: object = {}) => ({
  ...more,
  properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: { status, description, actionsRequired: 'None' } }
})

const files = ['topology.yaml', 'dba.yaml', '.pglink/sandbox.json'] as const
let applied: Promise<readonly string[]> | undefined

/** The example of two duties, with a request of a stranger who has taken our endpoint's name and text. Applied once, and copied for each test. */
async function withImpostor(): Promise<Folder> {
  applied ??= applyOnce()
  const texts = await applied
  return folder(Object.fromEntries(files.map((file, nth) => [file, texts[nth] ?? ''])))
}

async function applyOnce(): Promise<readonly string[]> {
  const here = folder()
  cpSync(fileURLToPath(new URL('../../examples/approval', import.meta.url)), here.path, { recursive: true })
  const seed = JSON.parse(here.read('sandbox.json')) as Readonly<Record<string, object>>
  const made = { systemData: { createdAt: '2026-01-01T00:00:00Z' } }
  const theirRequest = seeded('Pending', theirs, 'CHG-3051: the claims service reaches claims-pg', made)
  here.write('sandbox.json', JSON.stringify({ ...seed, [impostor]: theirRequest }))
  expect((await here.pglink('apply --sandbox --sandbox-seed sandbox.json --auto-approve')).code).toBe(7)
  return files.map(file => here.read(file))
}

interface Shown {
  readonly id: string
  readonly endpoint_id: string
  readonly state: string
  readonly endpoint_state: string | null
  readonly foreign: boolean
  readonly declared: boolean | null
  readonly age_seconds: number | null
  readonly request: string | null
  readonly response: string | null
}

const all = async (here: Folder, args = ''): Promise<readonly Shown[]> =>
  (JSON.parse((await here.pglink(`connections list --sandbox --json ${args}`)).stdout) as { readonly connections: readonly Shown[] })
    .connections

const ourConnection = async (here: Folder): Promise<Shown> => {
  const found = (await all(here)).find(one => one.endpoint_id === ours)
  if (found === undefined) throw new Error('our endpoint has no connection')
  return found
}

const audit = (here: Folder) => {
  const [estate = ''] = readdirSync(join(here.path, '.pglink')).filter(name => name.startsWith('sandbox-') || /^[a-z]+-[0-9a-f]/.test(name))
  return jsonLines<Readonly<Record<string, unknown>>>(here, `.pglink/${estate}/audit.ndjson`)
}

describe('a list', () => {
  test('tells the impostor from ours, by what a file declares and where it asks from', async () => {
    const here = await withImpostor()
    const listed = await all(here)
    expect(listed.map(({ endpoint_id: from, declared, foreign: isForeign, request }) => [from, declared, isForeign, request])).toEqual([
      [theirs, false, true, 'CHG-3051: the claims service reaches claims-pg'],
      [ours, true, false, 'CHG-3051: the claims service reaches claims-pg']
    ])
    expect(listed.map(one => one.age_seconds !== null)).toEqual([true, false])
    // The endpoint of a stranger may not be looked at, and is not ours by its name.
    expect(listed.map(one => one.endpoint_state)).toEqual([null, 'Pending'])
    const byServer = await all(here, `--server ${server}`)
    expect([byServer, await all(here, '--all')].map(each => each.map(({ id, declared }) => [id, declared]))).toEqual([
      listed.map(({ id }) => [id, null]),
      listed.map(({ id }) => [id, null])
    ])
  })

  test('fits the terminal: shortened where that is enough, else in blocks', async () => {
    const here = await withImpostor()
    for (const columns of [80, 100, 120, 200]) {
      let out = ''
      const terminal = silentTerminal(
        { cwd: here.path, env: { AZURE_SUBSCRIPTION_ID: subscription } },
        text => (out += text),
        () => undefined
      )
      expect(await ranOn({ ...terminal, columns }, ['connections', 'list', '--sandbox'])).toBe(0)
      const [table = ''] = out.split('\nThese wait')
      expect(Math.max(...table.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns)
      expect(table.includes('SERVER')).toBe(columns > 80)
      expect(table).toContain(columns >= 200 ? foreign : foreign.slice(0, 5))
    }
  })
})

describe('a decision without a file', () => {
  test('takes one full id, and the endpoint that has to be behind it', async () => {
    const here = await withImpostor()
    const { id } = await ourConnection(here)
    const decide = (args: string) => here.pglink(`connections approve ${args} --sandbox --auto-approve`)
    for (const args of [
      id,
      `claims-pg-pe --expect ${ours}`,
      `${server} --expect ${ours}`,
      `${id}* --expect ${ours}`,
      `${id} --expect claims-pg-pe`,
      `${id} ${impostor} --expect ${ours}`
    ])
      expect((await decide(args)).code, args).toBe(64)
    // The ids are taken for each other's.
    for (const args of [`${id} --expect ${theirs}`, `${impostor} --expect ${ours}`]) {
      const refused = await decide(args)
      expect([refused.code, refused.stderr.includes('does not come from the endpoint that is expected')]).toEqual([6, true])
    }
    expect((await decide(`${connection('nosuch')} --expect ${ours}`)).code).toBe(1)
    const unconfirmed = await here.pglink(`connections approve ${id} --expect ${ours} --sandbox`)
    expect([unconfirmed.code, unconfirmed.stderr.includes('--auto-approve')]).toEqual([6, true])
    expect((await all(here)).map(({ state }) => state)).toEqual(['Pending', 'Pending'])
    const done = await here.pglink(
      `connections approve ${id.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')} --expect ${ours.toUpperCase()} --sandbox --auto-approve`,
      { PGLINK_RESPONSE: 'CHG-1 ok' }
    )
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringMatching(/was Pending, and is Approved at the server\. The endpoint shows it, too\./)
    ])
    expect((await all(here)).map(({ state, response }) => [state, response])).toEqual([
      ['Pending', null],
      ['Approved', 'CHG-1 ok']
    ])
    expect(audit(here)).toEqual([
      expect.objectContaining({
        server: expect.any(String),
        endpoint: ours,
        from: 'Pending',
        to: 'Approved',
        response: 'CHG-1 ok',
        objectId: null,
        outcome: 'written'
      })
    ])
    expect((await decide(`${id} --expect ${ours}`)).stdout).toContain('Approved already. Nothing was written.')
    expect(audit(here)).toHaveLength(1)
  })

  test('rejects for good, removes, and says whom it interrupts', async () => {
    const here = await withImpostor()
    const { id } = await ourConnection(here)
    const decide = (verb: string) => here.pglink(`connections ${verb} ${id} --expect ${ours} --sandbox --auto-approve`)
    expect((await decide('approve')).stderr).not.toContain('Interrupts')
    const rejected = await decide('reject')
    expect([rejected.code, rejected.stderr.includes('Interrupts: the connection is Approved')]).toEqual([0, true])
    const again = await decide('approve')
    expect([again.code, again.stderr.includes('cannot approve a connection that was rejected')]).toEqual([7, true])
    expect((await decide('remove')).stdout).toContain('is gone from the server')
    expect((await all(here)).map(({ endpoint_id: from }) => from)).toEqual([theirs])
    expect(audit(here).map(({ from, to }) => [from, to])).toEqual([
      ['Pending', 'Approved'],
      ['Approved', 'Rejected'],
      ['Rejected', 'Removed']
    ])
  })

  test('asks on a terminal, with who asks, and takes nothing but yes', async () => {
    const here = await withImpostor()
    let err = ''
    const terminal = silentTerminal(
      { cwd: here.path, env: {} },
      () => undefined,
      text => (err += text)
    )
    const answering = (answer: string) =>
      ranOn({ ...terminal, interactive: true, ask: async () => answer }, [
        'connections',
        'reject',
        impostor,
        '--expect',
        theirs,
        '--sandbox'
      ])
    expect(await answering('y')).toBe(6)
    for (const told of [
      `${foreign}, which is not the subscription of the server`,
      'CHG-3051: the claims service',
      'postgresqlServer',
      server,
      "Only 'yes' will be accepted to reject"
    ])
      expect(err).toContain(told)
    expect(await answering('yes')).toBe(0)
    expect((await all(here)).map(({ state }) => state)).toEqual(['Rejected', 'Pending'])
  })

  test('lifts no lock that Azure would refuse it under', async () => {
    const lock = (level: string) => ({ [`${server}/providers/Microsoft.Authorization/locks/hold`]: { properties: { level } } })
    for (const [level, verb, code] of [
      ['ReadOnly', 'reject', 6],
      ['CanNotDelete', 'remove', 6],
      ['CanNotDelete', 'reject', 0]
    ] as const) {
      const here = folder({
        'seed.json': JSON.stringify({
          ...JSON.parse(readFileSync(new URL('../../examples/approval/sandbox.json', import.meta.url), 'utf8')),
          [impostor]: seeded('Pending', theirs, 'hello'),
          ...lock(level)
        })
      })
      const ran = await here.pglink(`connections ${verb} ${impostor} --expect ${theirs} --sandbox --sandbox-seed seed.json --auto-approve`)
      expect([level, verb, ran.code, ran.stderr.includes('/locks/hold')]).toEqual([level, verb, code, code === 6])
    }
  })
})

describe('a decision with a file', () => {
  test('approves only what that declares, and prints what to add', async () => {
    const here = await withImpostor()
    const { id } = await ourConnection(here)
    const approve = (id: string, from: string, file: string) =>
      here.pglink(`connections approve ${id} --expect ${from} --file ${file} --sandbox --auto-approve`)
    const undeclared = await approve(id, ours, 'topology.yaml')
    expect(undeclared.code).toBe(6)
    expect(undeclared.stderr).toContain('- from: servers/claims-pg/privateEndpoints/claims-pg-pe\n          decision: approve')
    const stranger = await approve(impostor, theirs, 'dba.yaml')
    expect([stranger.code, stranger.stderr.includes(`- from: { id: ${theirs} }`)]).toEqual([6, true])
    expect((await approve(id, ours, 'dba.yaml')).code).toBe(0)
    expect((await all(here)).map(({ state }) => state)).toEqual(['Pending', 'Approved'])
    for (const verb of ['reject', 'remove']) {
      const cut = await here.pglink(`connections ${verb} ${id} --expect ${ours} --file topology.yaml --sandbox --auto-approve`)
      expect([cut.code, cut.stderr.includes('the only path of servers/claims-pg/privateEndpoints/claims-pg-pe')]).toEqual([6, true])
    }
    const opposite = await here.pglink(`connections reject ${id} --expect ${ours} --file dba.yaml --sandbox --auto-approve`)
    expect([opposite.code, opposite.stderr.includes('says the opposite')]).toEqual([6, true])
  })
})

describe('the account of decisions', () => {
  test('has those of an apply, too', async () => {
    const here = await withImpostor()
    expect((await here.pglink('apply --sandbox --auto-approve dba.yaml')).code).toBe(0)
    const { id } = await ourConnection(here)
    expect(audit(here)).toEqual([
      expect.objectContaining({ connection: id, endpoint: ours, from: 'Pending', to: 'Approved', response: 'CHG-3051' })
    ])
  })

  test('tells of a decision whose run ended before Azure answered', async () => {
    const here = await withImpostor()
    const { id } = await ourConnection(here)
    const decide = (verb: string, of: string, from: string) =>
      here.pglink(`connections ${verb} ${of} --expect ${from} --sandbox --auto-approve`)
    expect((await decide('approve', id, ours)).code).toBe(0)
    const [estate = ''] = readdirSync(join(here.path, '.pglink')).filter(name => !name.includes('.'))
    const claim = {
      process: { host: (await import('node:os')).hostname(), pid: 2 ** 30, started: '1' },
      entry: { connection: id, from: 'Approved', to: 'Rejected' }
    }
    writeFileSync(join(here.path, '.pglink', estate, 'audit.claims', 'dead-1.json'), JSON.stringify(claim))
    expect((await decide('reject', impostor, theirs)).code).toBe(0)
    expect(audit(here).map(({ to, outcome }) => [to, outcome])).toEqual([
      ['Approved', 'written'],
      ['Rejected', 'unknown'],
      ['Rejected', 'written']
    ])
    expect(readdirSync(join(here.path, '.pglink', estate, 'audit.claims'))).toEqual([])
  })

  test('that cannot be kept stops a decision before Azure is written', async () => {
    const here = await withImpostor()
    const { id } = await ourConnection(here)
    expect((await here.pglink(`connections reject ${impostor} --expect ${theirs} --sandbox --auto-approve`)).code).toBe(0)
    const [estate = ''] = readdirSync(join(here.path, '.pglink')).filter(name => !name.includes('.'))
    rmSync(join(here.path, '.pglink', estate, 'audit.ndjson'))
    mkdirSync(join(here.path, '.pglink', estate, 'audit.ndjson'))
    const refused = await here.pglink(`connections approve ${id} --expect ${ours} --sandbox --auto-approve`)
    expect([refused.code, refused.stderr.includes('nothing was written to Azure')]).toEqual([1, true])
    expect((await ourConnection(here)).state).toBe('Pending')
  })
})
