import { describe, expect, test } from 'vitest'
import { driftOf } from '../../src/drift/compare.ts'
import type { Plan } from '../../src/model/change.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { parseFaultList } from '../../src/sandbox/faults.ts'
import { arm, type Estate, estate, failures, plan, reconcile, subscription } from '../support/estate.ts'
import { privateServer, topologyFrom } from '../support/yaml.ts'

// max_connections is read at the start of a server only, work_mem at any time [TF-PG; the capture of all parameters].

const server = `/subscriptions/${subscription}/resourceGroups/rg-case/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`

const topology = (parameters: string, ...more: readonly string[]): Topology =>
  topologyFrom(privateServer(`parameters: ${parameters}`, ...more))

const allowed = 'restart: allowed'
const small = topology('{ max_connections: 300, work_mem: 8192 }', allowed)
const large = topology('{ max_connections: 500, work_mem: 8192 }', allowed)

const stepsOf = ({ steps }: Plan): string[] => steps.map(({ id }) => id.replace(server.toLowerCase(), ''))
const restarts = ({ requests }: Estate): number => requests.filter(one => /^POST .*\/restart$/.test(one)).length

/** As Azure has it: the value, and whether it waits. */
async function maxConnections(on: Estate) {
  const answer = await arm(on, 'GET', `${server}/configurations/max_connections`, '2025-08-01')
  const { properties } = (await answer.json()) as { properties: { value: string; isConfigPendingRestart: boolean } }
  return `${properties.value}${properties.isConfigPendingRestart ? ', waits' : ''}`
}

const faults = (effect: object) => parseFaultList([{ method: 'POST', path: '/restart$', nth: 'every', ...effect }], 'this test')

describe('a parameter that is not in force is a difference', () => {
  test('a new server is restarted for its static parameters in the same apply', async () => {
    const on = estate()
    const { plan: planned, ...rest } = await reconcile(on, small)
    expect(failures({ ...rest })).toEqual([])
    expect(stepsOf(planned)).toContain('invoke #restartIfWaiting')
    expect([await maxConnections(on), restarts(on)]).toEqual(['300', 1])
    expect((await plan(on, small)).plan.changes).toEqual([])
  })

  test('a new server without one is not restarted', async () => {
    const on = estate()
    expect(failures(await reconcile(on, topology('{ work_mem: 8192 }', allowed)))).toEqual([])
    expect(restarts(on)).toBe(0)
  })

  test.each([
    ['is refused', { status: 400, code: 'OperationNotAllowed', message: 'No.' }],
    ['does not reach Azure', { status: 503, code: 'ServiceUnavailable', message: 'The service is unavailable.' }],
    ['fails in its operation', { operation: { code: 'InternalServerError', message: 'An unexpected error occured.' } }]
  ])('a restart that %s is made by the next apply', async (_, effect) => {
    const on = estate()
    await reconcile(on, small)
    on.sandbox.configure({ faults: faults(effect) })
    expect(failures(await reconcile(on, large))).toHaveLength(1)
    on.sandbox.configure({ faults: [] })
    expect(await maxConnections(on)).toBe('500, waits')

    const { plan: again, wanted, live } = await plan(on, large)
    expect(stepsOf(again)).toEqual(['invoke #restart'])
    expect(again.changes.map(({ op }) => op)).toEqual(['update'])
    const drift = driftOf({ desired: wanted.desired, baseline: undefined, live, endpoints: [], plan: again })
    expect(drift.map(({ address, field, counts }) => [address, field, counts])).toEqual([
      ['servers/case-pg/parameters/max_connections', 'inForce', true]
    ])
    expect(failures(await reconcile(on, large))).toEqual([])
    expect(await maxConnections(on)).toBe('500')
    expect((await plan(on, large)).plan.changes).toEqual([])
  })

  test('a run that died between the write and the restart is finished by the next', async () => {
    const on = estate()
    await reconcile(on, small)
    await arm(on, 'PUT', `${server}/configurations/max_connections`, '2025-08-01', {
      properties: { value: '500', source: 'user-override' }
    })
    await on.azure.clock.sleep(600_000)
    expect(failures(await reconcile(on, large))).toEqual([])
    expect(await maxConnections(on)).toBe('500')
  })

  test('a parameter that was given its default back is not in force before a restart either', async () => {
    const on = estate()
    await reconcile(on, small)
    const without = topology('{ work_mem: 8192 }', allowed)
    on.sandbox.configure({ faults: faults({ status: 400, code: 'OperationNotAllowed', message: 'No.' }) })
    expect(failures(await reconcile(on, without, { baseline: small, prune: true }))).toHaveLength(1)
    on.sandbox.configure({ faults: [] })
    expect(await maxConnections(on)).toBe('859, waits')
    expect(failures(await reconcile(on, without, { baseline: small, prune: true }))).toEqual([])
    expect(await maxConnections(on)).toBe('859')
    expect((await plan(on, without, { baseline: small, prune: true })).plan.changes).toEqual([])
  })
})

describe('without the word of the file', () => {
  test('no server is restarted, and plan and drift say what waits', async () => {
    const on = estate()
    const quiet = topology('{ max_connections: 500, work_mem: 8192 }')
    expect(failures(await reconcile(on, quiet))).toEqual([])
    expect([await maxConnections(on), restarts(on)]).toEqual(['500, waits', 0])
    const { plan: again, wanted, live } = await plan(on, quiet)
    expect([again.changes, again.refusals]).toEqual([[], []])
    expect(again.notes).toEqual([
      {
        address: 'servers/case-pg/parameters/max_connections',
        message:
          'is set, and takes effect with the next restart of the server. With `restart: allowed` on the server the next apply restarts it'
      }
    ])
    const drift = driftOf({ desired: wanted.desired, baseline: undefined, live, endpoints: [], plan: again })
    expect(drift.map(({ field, message }) => [field, message])).toEqual([
      ['inForce', 'is set, and takes effect with the next restart of the server']
    ])
  })
})

describe('a refusal that passes by itself is waited for', () => {
  test.each([
    [
      'is busy',
      {
        operation: {
          code: 'ServerIsBusy',
          message: "Cannot complete operation while server 'case-pg' is busy processing another operation. Try again later."
        }
      }
    ],
    [
      'is busy, in the words of an older version',
      { operation: { code: '', message: 'Server case-pg is busy with other operations. Please try later' } }
    ],
    [
      'is not ready yet',
      {
        operation: {
          code: 'ServerIsNotReady',
          message: 'Restart or Stop Server can only be performed on Started servers. Sever Name = case-pg, Current Server State = Updating'
        }
      }
    ],
    ['is refused at once as busy', { status: 409, code: 'ServerIsBusy', message: 'Server is busy processing another operation.' }]
  ])('the server %s', async (_, effect) => {
    const on = estate()
    await reconcile(on, small)
    on.sandbox.configure({ faults: parseFaultList([{ method: 'POST', path: '/restart$', nth: 1, ...effect }], 'this test') })
    expect(failures(await reconcile(on, large))).toEqual([])
    expect(await maxConnections(on)).toBe('500')
  })

  test('a server that was stopped is not: somebody has to start it', async () => {
    const on = estate()
    await reconcile(on, small)
    const stopped = 'Restart or Stop Server can only be performed on Started servers. Sever Name = case-pg, Current Server State = Stopped'
    on.sandbox.configure({ faults: faults({ operation: { code: 'ServerIsNotReady', message: stopped } }) })
    expect(failures(await reconcile(on, large))).toEqual([expect.stringContaining('Current Server State = Stopped')])
    expect(restarts(on)).toBe(2)
  })
})
