import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requestsIn, writes } from '../examples/example.ts'
import { transcript } from '../support/cli.ts'
import { type Here, locks, on, server, serverBody } from './portalEstate.ts'

const owner = 'pglink-topology'
const importedFrom = async (here: Here): Promise<Here> => {
  await here.import(`--server ${server} --out topology.yaml`)
  return here
}

/** The tags of a resource as Azure has them. */
const tagsIn = (here: Here, id: string): unknown =>
  (JSON.parse(here.read('estate.json')) as { resources: { id: string; body: { tags?: unknown } }[] }).resources.find(
    one => one.id.toLowerCase() === id.toLowerCase()
  )?.body.tags

const requests = (here: Here) => requestsIn(join(here.path, 'requests.ndjson'))
const sent = (here: Here): string[] => writes(requests(here)).map(({ method, path }) => `${method} ${path}`)

test('adopt puts our tag on what is named, by the call for tags alone, and the plan after it is empty', async () => {
  const here = await importedFrom(on())
  const adopted = await here.run('adopt servers/shop-pg --auto-approve')
  expect(transcript(adopted)).toMatchInlineSnapshot(`
    "$ pglink adopt servers/shop-pg --auto-approve --sandbox --sandbox-state estate.json --sandbox-seed seed.json --sandbox-log requests.ndjson --allow-env SHOP_PG_PASSWORD
    Estate: sandbox estate.json, subscription 11111111-1111-4111-8111-111111111111

    Steps are indicated with the following symbols:
      ~ update in-place (current -> planned)

    pglink will perform the following 1 step in 1 wave (topology.yaml):

    ~ 1  servers/shop-pg (server) will be updated in-place  topology.yaml:33:3
          wave 1; it gets the topology's tag
            ~ tags = {"env":"prod"} -> {"env":"prod","pglink-topology":"shop-pg"}

    Notes:
      servers/shop-pg: /subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop-pg has the tags env=prod

    Plan: 0 to add, 1 to change, 0 to destroy.
    Locks: 0 to lift, 0 to restore. Approvals: 0.
    12 ARM reads.
    Plan digest: sha256:…
    servers/shop-pg: Modifying...
    servers/shop-pg: Modifications complete after 0s

    Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
    Read again. The tag pglink-topology is on servers/shop-pg.
    Endpoints:
      servers/shop-pg/privateEndpoints/shop-pe
        10.10.1.4 for shop-pg.postgres.database.azure.com, Approved
        ✓ connection, zone group, record, link, public access
    [exit 0]
    "
  `)
  expect(sent(here)).toEqual([`PATCH ${server}/providers/Microsoft.Resources/tags/default`])
  expect(tagsIn(here, server)).toEqual({ env: 'prod', [owner]: 'shop-pg' })
  expect((await here.plan()).stdout).toContain('No changes. Your infrastructure matches the topology.')
  const again = await here.run('adopt servers/shop-pg --auto-approve')
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('The tag pglink-topology is on servers/shop-pg.')])
  expect(sent(here)).toHaveLength(1)
})

test('release takes our tags off whatever their case, leaves the others, and the plan after it is empty', async () => {
  const here = await importedFrom(on())
  const tagged = on({ [server]: serverBody({ env: 'prod', 'PGLink-Topology': 'shop-pg' }) })
  tagged.write('topology.yaml', here.read('topology.yaml'))
  const released = await tagged.run('release servers/shop-pg --auto-approve')
  expect([released.code, released.stderr]).toEqual([0, ''])
  expect(tagsIn(tagged, server)).toEqual({ env: 'prod' })
  expect(sent(tagged)).toEqual([`PATCH ${server}/providers/Microsoft.Resources/tags/default`])
  expect((await tagged.plan()).stdout).toContain('No changes. Your infrastructure matches the topology.')
})

test.each([
  ['another topology owns it', 'servers/shop-pg', 6, 'belongs to the topology "theirs"'],
  ['it is only referred to', 'networks/vnet-app', 4, 'only refers to what is there'],
  ['it carries no tags', 'servers/shop-pg/databases/shop', 4, 'carries no tags in Azure'],
  ['there is no such entry', 'servers/shop-gp', 4, 'topology.yaml has no entry servers/shop-gp: did you mean servers/shop-pg?']
])('nothing is adopted where %s', async (_, address, code, said) => {
  const here = await importedFrom(on())
  const theirs = on({ [server]: serverBody({ [owner]: 'theirs' }) })
  theirs.write('topology.yaml', here.read('topology.yaml'))
  const { code: ended, stdout, stderr } = await theirs.run(`adopt ${address} --auto-approve`)
  expect(ended).toBe(code)
  expect(`${stdout}${stderr}`).toContain(said)
  expect(sent(theirs)).toEqual([])
})

test('no user, no tag: the digest of the plan that was shown agrees to it, and another one does not', async () => {
  const here = await importedFrom(on())
  const asked = await here.run('adopt servers/shop-pg')
  expect([asked.code, asked.stderr]).toEqual([6, expect.stringContaining('Nothing was changed')])
  const digest = /sha256:[0-9a-f]{64}/.exec(asked.stdout)?.[0] ?? ''
  const released = await here.run(`release servers/shop-pg --plan-digest ${digest} --auto-approve`)
  expect(released.code).toBe(5)
  expect(sent(here)).toEqual([])
  expect((await here.run(`adopt servers/shop-pg --plan-digest ${digest} --auto-approve`)).code).toBe(0)
  expect(tagsIn(here, server)).toEqual({ env: 'prod', [owner]: 'shop-pg' })
})

test('a ReadOnly lock on what is adopted is lifted for the tag and restored', async () => {
  const lock = { [`${server}/${locks}/frozen`]: { properties: { level: 'ReadOnly', notes: 'audit' } } }
  const here = await importedFrom(on(lock))
  const adopted = await here.run('adopt servers/shop-pg --auto-approve')
  expect([adopted.code, adopted.stderr]).toEqual([0, ''])
  expect(adopted.stdout).toContain('Locks: 1 to lift, 1 to restore.')
  expect(tagsIn(here, server)).toEqual({ env: 'prod', [owner]: 'shop-pg' })
  expect(here.read('estate.json')).toContain('"notes":"audit"')
})

test.each([
  ['adopt', 'before'],
  ['adopt', 'after'],
  ['release', 'before'],
  ['release', 'after']
] as const)('the answer to %s is lost %s the write: the tags tell which', async (verb, when) => {
  const first = await importedFrom(on())
  const [ours, without] = [{ env: 'prod', [owner]: 'shop-pg' }, { env: 'prod' }]
  const [before, after] = verb === 'adopt' ? [without, ours] : [ours, without]
  const here = on({ [server]: serverBody(before) }, [{ method: 'PATCH', path: '/tags/default', drop: when }])
  here.write('topology.yaml', first.read('topology.yaml'))
  const ended = await here.run(`${verb} servers/shop-pg --auto-approve`)
  expect(ended.code).toBe(when === 'after' ? 0 : 1)
  expect(ended.stdout.includes('Read again.')).toBe(when === 'after')
  expect(tagsIn(here, server)).toEqual(when === 'after' ? after : before)
})
