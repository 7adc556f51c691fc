import { describe, expect, test } from 'vitest'
import type { Topology } from '../../../src/model/topology.generated.ts'
import { type Estate, estate, failures, plan, reconcile } from '../../support/estate.ts'
import { topologyFrom } from '../../support/yaml.ts'
import { group, refusals, seeded, small } from './seeded.ts'

describe('the offer of a region', () => {
  const server = (more: string): Topology => topologyFrom(`servers:\n  case-pg: ${small}\n    ${more}`)
  const regions = { behaviours: { serverRegions: { westeurope: { zones: ['1', '2'] } } } } as never

  test.each([
    ['a zone', 'zone: "3"', /no zone 3 for Standard_D2ds_v5.*It offers zone 1, zone 2\./],
    ['the zone of a standby', 'highAvailability: { mode: ZoneRedundant, standbyZone: "3" }\n    zone: "1"', /no zone 3/]
  ])("%s that it does not have is 'PGL077'", async (_what, more, says) => {
    const { plan: made } = await plan(seeded({}, regions), server(more))
    expect(made.refusals.map(({ code, exit }) => [code, exit])).toEqual([['PGL077', 4]])
    expect(made.refusals[0]?.message).toMatch(says)
    expect(await refusals(seeded({}), server(more))).toEqual([])
  })

  test('a version, size or sort of high availability that is not in the list is refused with what is', async () => {
    const offer = async (change: (set: Record<string, unknown>) => void): Promise<string[]> => {
      const on = estate({}, {}, async (request, sandbox) => {
        const answer = await sandbox.handle(request)
        if (!request.url.includes('/capabilities')) return answer
        const body = (await answer.json()) as { value: Record<string, unknown>[] }
        for (const set of body.value) change(set)
        return Response.json(body)
      })
      const { plan: made } = await plan(on, server('highAvailability: { mode: SameZone }'))
      return made.refusals.map(({ code, message }) => `${code} ${message}`)
    }
    type Sku = { name: string; supportedHaMode: string[] }
    const skus = (set: Record<string, unknown>) =>
      (set['supportedServerEditions'] as { supportedServerSkus: Sku[] }[]).flatMap(one => one.supportedServerSkus)
    expect(await offer(set => Object.assign(set, { supportedServerVersions: [{ name: '16' }] }))).toEqual([
      'PGL077 westeurope offers this subscription no PostgreSQL 17. Azure would refuse it (ParameterOutOfRange). It offers 16.'
    ])
    expect((await offer(set => void skus(set).map(one => Object.assign(one, { name: `${one.name}x` }))))[0]).toContain(
      'no size Standard_D2ds_v5'
    )
    expect((await offer(set => void skus(set).map(one => Object.assign(one, { supportedHaMode: ['ZoneRedundant'] }))))[0]).toContain(
      'no high availability SameZone for Standard_D2ds_v5. Azure would refuse it (ParameterOutOfRange). It offers ZoneRedundant.'
    )
    expect(await offer(() => undefined)).toEqual([])
  })

  test.each([
    ['what the region has', 'iops: 3000, throughputMBps: 125', 'GeneralPurpose, size: Standard_D2ds_v5', undefined],
    [
      'more than the compute does',
      'iops: 4000, throughputMBps: 125',
      'GeneralPurpose, size: Standard_D2ds_v5',
      /no 4000 operations a second with Standard_D2ds_v5.*It offers up to 3750\./
    ],
    ['a larger compute', 'iops: 4000, throughputMBps: 125', 'GeneralPurpose, size: Standard_D4ds_v5', undefined],
    [
      'less than the region has',
      'iops: 2000, throughputMBps: 1300',
      'GeneralPurpose, size: Standard_D2ds_v5',
      /no 2000 operations a second on Premium SSD v2.*It offers 3000 to 80000\./
    ]
  ])('Premium SSD v2 with %s', async (_what, figures, size, says) => {
    const text = `servers:\n  case-pg: ${small}`
      .replace('{ sizeGiB: 128 }', `{ type: PremiumV2_LRS, sizeGiB: 100, ${figures} }`)
      .replace('GeneralPurpose, size: Standard_D2ds_v5', size)
    const { plan: made } = await plan(seeded({}), topologyFrom(text))
    const found = made.refusals.map(({ code, message }) => `${code} ${message}`)
    if (says === undefined) expect(found).toEqual([])
    else expect(found[0]).toMatch(says)
  })

  test('a change of the speed of Premium SSD v2 is noted with the limit that it counts towards', async () => {
    const at = (iops: number): Topology =>
      topologyFrom(
        `servers:\n  case-pg: ${small}`.replace(
          '{ sizeGiB: 128 }',
          `{ type: PremiumV2_LRS, sizeGiB: 100, iops: ${iops}, throughputMBps: 125 }`
        )
      )
    const on = estate()
    const made = await reconcile(on, at(3000))
    const limit = /four changes of iops and throughputMBps/
    expect(made.plan.notes.filter(({ message }) => limit.test(message))).toEqual([])
    const { plan: changed } = await plan(on, at(3400))
    expect(changed.notes.filter(({ message }) => limit.test(message)).map(({ address }) => address)).toEqual(['servers/case-pg'])
  })

  test("a region without Premium SSD v2 for the tier is 'PGL077'", async () => {
    const on = estate({}, {}, async (request, sandbox) => {
      const answer = await sandbox.handle(request)
      return request.url.includes('/capabilities') ? new Response((await answer.text()).replaceAll('ManagedDiskV2', 'Other')) : answer
    })
    const wanted = topologyFrom(
      `servers:\n  case-pg: ${small}`.replace('{ sizeGiB: 128 }', '{ type: PremiumV2_LRS, sizeGiB: 100, iops: 3000, throughputMBps: 125 }')
    )
    const { plan: made } = await plan(on, wanted)
    expect(made.refusals.map(({ code, message }) => `${code} ${message}`).join()).toContain(
      'PGL077 westeurope offers this subscription no Premium SSD v2 for the tier GeneralPurpose.'
    )
  })

  test("a region that is closed to the subscription is 'PGL083', as Azure refuses it, and may be lowered", async () => {
    const on = (): Estate => seeded({}, { behaviours: { serverRegions: { westeurope: { restricted: true } } } } as never)
    const wanted = server('zone: "1"')
    expect(await refusals(on(), wanted)).toEqual(['PGL083 4 servers/case-pg'])
    const { plan: made } = await plan(on(), { ...wanted, rules: { PGL083: { level: 'warn', reason: 'the quota is coming' } } } as Topology)
    expect(made.refusals).toEqual([])
    expect(made.notes.map(({ message }) => message).join()).toContain('PGL083, lowered in the file: this subscription may not make servers')
    const forced = { ...wanted, rules: { PGL083: { level: 'off', reason: 'seen' } } } as Topology
    const lowered = await reconcile(on(), forced)
    expect(failures(lowered).join()).toContain("The value of the 'Version' should be in: []")
    expect(lowered.plan.notes).toEqual([])
  })
})

describe('a parameter of a server that stands', () => {
  const server = (parameters: string): Topology => topologyFrom(`servers:\n  case-pg: ${small}\n    parameters: { ${parameters} }`)
  const standing = async (): Promise<Estate> => {
    const on = estate()
    expect(failures(await reconcile(on, topologyFrom(`servers:\n  case-pg: ${small}`)))).toEqual([])
    return on
  }

  test.each([
    ['work_mem: 1', 'PGL079'],
    ['work_mem: lots', 'PGL079'],
    ['log_checkpoints: maybe', 'PGL079'],
    ['azure.extensions: "pgcrypto,nonsense"', 'PGL079'],
    ['work_mem: 8192', undefined],
    ['log_checkpoints: "OFF"', undefined],
    ['azure.extensions: "hypopg, PLPGSQL"', undefined],
    ['search_path: "anything at all"', undefined]
  ])('%s', async (text, rule) => {
    const on = await standing()
    expect((await plan(on, server(text))).plan.refusals.map(({ code, exit }) => [code, exit])).toEqual(
      rule === undefined ? [] : [[rule, 4]]
    )
  })

  test("that it does not have is a warning, 'PGL080'", async () => {
    const { plan: made } = await plan(await standing(), server('work_memory: 8192'))
    expect(made.refusals).toEqual([])
    expect(made.notes.map(({ message }) => message).join()).toContain('PGL080: the server has no parameter work_memory')
  })
})

test("a read replica that is only referred to takes no database: 'PGL084'", async () => {
  const replica = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/case-pg`
  const source = replica.replace('case-pg', 'source-pg')
  const body = (properties: object) => ({
    location: 'westeurope',
    tags: { 'pglink-topology': 'case' },
    sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
    properties: {
      version: '17',
      administratorLogin: 'case_admin',
      storage: { storageSizeGB: 128 },
      network: { publicNetworkAccess: 'Disabled' },
      ...properties
    }
  })
  const on = seeded({
    [group]: { location: 'westeurope', tags: { 'pglink-topology': 'case' } },
    [source]: body({}),
    [replica]: body({ createMode: 'Replica', sourceServerResourceId: source })
  })
  expect(await refusals(on, topologyFrom(`servers: { case-pg: { id: ${replica}, databases: { shop: {} } } }`))).toEqual([
    'PGL084 6 servers/case-pg/databases/shop'
  ])
  // As a server of its own it would have to be promoted first.
  const wanted = topologyFrom(`servers:\n  case-pg: ${small}\n    highAvailability: { mode: SameZone }\n    databases: { shop: {} }`)
  expect(await refusals(on, wanted)).toContain('promotion 6 servers/case-pg')
})
