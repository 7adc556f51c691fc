import { describe, expect, test } from 'vitest'
import { address, agreed, begun, behindEndpoint, integrated, networkOf, refusalsOf, server } from '../../plan/migrationWorld.ts'
import { arm, plan } from '../../support/estate.ts'

describe('a migration is refused', () => {
  test("while a replica follows it: 'PGL102'", async () => {
    const on = await begun()
    const properties = { createMode: 'Replica', sourceServerResourceId: server }
    await arm(on, 'PUT', `${server}-two`, '2025-08-01', {
      location: 'westeurope',
      properties: { ...properties, network: await networkOf(on) }
    })
    await on.sandbox.clock.sleep(3_600_000)
    expect(await refusalsOf(on)).toEqual(['PGL102 6'])
    expect(await refusalsOf(on, behindEndpoint(), { allowMigrateUnproven: [address] })).toEqual([])
  })

  test("where no version has the call, with those that there are: 'PGL100'", async () => {
    const on = await begun(
      {},
      { behaviours: { apiVersions: { 'Microsoft.DBforPostgreSQL/flexibleServers': ['2024-08-01', '2025-08-01'] } } }
    )
    const { plan: made } = await plan(on, behindEndpoint(), agreed(integrated()))
    expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['PGL100', 1]])
    expect(made.refusals[0]?.message).toContain('2025-08-01, 2024-08-01')
  })

  test("where the range of its subnet, the versions or the replicas cannot be read: 'PGL101'", async () => {
    let closed: RegExp | undefined
    const on = await begun({}, {}, async (request, sandbox) =>
      request.method === 'GET' && closed?.test(new URL(request.url).pathname)
        ? Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 })
        : sandbox.handle(request)
    )
    closed = /\/providers\/Microsoft\.DBforPostgreSQL$/i
    expect(await refusalsOf(on)).toEqual(['PGL100 1'])
    closed = /\/shop-pg\/replicas$/i
    expect(await refusalsOf(on)).toEqual(['PGL102 6'])
    closed = /^\/subscriptions$|\/providers\/Microsoft\.Network\/privateDnsZones$/i
    expect(await refusalsOf(on)).toContain('PGL101 6')
  })
})
