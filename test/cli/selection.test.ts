import { expect, test } from 'vitest'
import { type Estate, example, writes } from '../examples/example.ts'
import { transcript } from '../support/cli.ts'

const endpoint = 'servers/orders-pg/privateEndpoints/orders-pg-pe'

interface Document {
  readonly digest: string
  readonly partial?: { readonly target: string[]; readonly exclude: string[]; readonly left_out: string[] }
  readonly verdict: { readonly as: string }
  readonly resource_changes: readonly { readonly address: string }[]
  readonly refusals: readonly { readonly code: string; readonly message: string }[]
}

async function planned(here: Estate, flags = ''): Promise<Document & { readonly code: number | null }> {
  const ran = await here.run(`plan topology.yaml --json ${flags}`)
  return { ...(JSON.parse(ran.stdout) as Document), code: ran.code }
}

const changesIn = ({ resource_changes: changes }: Document): string[] => changes.map(({ address }) => address).sort()

test('a plan of a part says so first, its apply never says that Azure matches, and the rest is left for the next', async () => {
  const here = example('quickstart')
  const whole = await planned(here)
  const part = await planned(here, `--target ${endpoint}`)
  expect(changesIn(part)).toEqual([
    'privateDnsZones/link',
    'resourceGroups/rg-orders',
    'servers/orders-pg',
    endpoint,
    `${endpoint}/privateDns`
  ])
  expect([...changesIn(part), ...(part.partial?.left_out ?? [])].sort()).toEqual(changesIn(whole))
  expect(part.digest).not.toBe(whole.digest)
  const applied = await here.run(`apply topology.yaml --auto-approve --target ${endpoint}`)
  expect(applied.stdout.split('\n').slice(1, 4).join('\n')).toBe(`
Look at this first:
  Partial: only ${endpoint}, with all that is needed for it; 4 changes of the whole plan are left out`)
  expect(transcript({ ...applied, stdout: applied.stdout.slice(applied.stdout.indexOf('\nApply complete!')) })).toMatchInlineSnapshot(`
    "$ pglink apply topology.yaml --auto-approve --target servers/orders-pg/privateEndpoints/orders-pg-pe --env-file .env.example --data-dir data --sandbox --sandbox-state estate.json --sandbox-log requests-3.ndjson --sandbox-seed sandbox.json

    Apply complete! Resources: 5 added, 0 changed, 0 destroyed.
    Locks were off or lowered for 1m20s in all, each lock's time added up.
    Read again. Nothing to do in this part. Partial: 3 changes of the whole plan are left out.
    Endpoints:
      servers/orders-pg/privateEndpoints/orders-pg-pe
        10.20.1.4 for orders-pg.postgres.database.azure.com, Approved (path broken)
        ✓ connection, zone group, record, public access
        ✗ link: privatelink.postgres.database.azure.com is not linked to vnet-hub
    [exit 0]
    "
  `)
  const again = await here.run(`plan topology.yaml --detailed-exitcode --target ${endpoint}`)
  // The parameter has that value by default, once the server is there.
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do in this part. Partial: 3 changes')])
  const left = await planned(here, `--target ${endpoint}`)
  expect([left.verdict.as, [...(left.partial?.left_out ?? [])].sort()]).toEqual(['partial', changesIn(await planned(here))])
  for (const { stdout } of [applied, again]) expect(stdout).not.toMatch(/No changes|matches|Proven/)
  expect((await here.run('apply topology.yaml --auto-approve')).code).toBe(0)
  // Nothing is left out any more.
  expect((await here.run(`plan topology.yaml --target ${endpoint}`)).stdout).toContain(
    'No changes. Your infrastructure matches the topology.'
  )
})

test('an excluded entry takes along what needs it, and is not let fall with a delete', async () => {
  const here = example('quickstart')
  const out = await planned(here, '--exclude privateDnsZones/link')
  expect([...(out.partial?.left_out ?? [])].sort()).toEqual([
    'privateDnsZones/link',
    'privateDnsZones/link/links/hub',
    `${endpoint}/privateDns`
  ])
  const torn = await planned(here, `--target ${endpoint} --exclude privateDnsZones/link`)
  expect([torn.code, torn.refusals.map(({ message }) => message)]).toEqual([
    6,
    [`${endpoint} needs privateDnsZones/link, and \`--exclude privateDnsZones/link\` leaves it out: take one of the two back.`]
  ])
  expect((await here.run('apply topology.yaml --auto-approve')).code).toBe(0)
  const [, kept = ''] = /^(servers:[\s\S]*)/m.exec(here.files.read('topology.yaml')) ?? []
  here.files.write('gone.yaml', here.files.read('topology.yaml').replace(kept, ''))
  const flags =
    'plan gone.yaml --json --prune --baseline topology.yaml --max-deletes 9 --allow-delete servers/orders-pg --allow-locked-delete servers/orders-pg'
  const falls = JSON.parse((await here.run(`${flags} --exclude servers/orders-pg/databases/orders`)).stdout) as Document
  expect(falls.refusals.map(({ message }) => message)).toContain(
    'servers/orders-pg/databases/orders is left out, and would go with servers/orders-pg, which this plan deletes. Leave that out as well: `--exclude servers/orders-pg`'
  )
  const stays = JSON.parse((await here.run(`${flags} --exclude servers/orders-pg`)).stdout) as Document
  expect([stays.refusals, changesIn(stays).filter(address => address.startsWith('servers/orders-pg'))]).toEqual([[], []])
})

test.each([
  ['a misspelt address', '--target servers/orders-gp', 4, 'servers/orders-gp is no entry of the topology: did you mean servers/orders-pg?'],
  ['a wildcard', '--exclude servers/*', 4, 'servers/* is no entry of the topology: Wildcards are not taken: give each address'],
  ['a collection', '--target servers', 4, 'servers is no entry of the topology: give the address of an entry, or an ARM id'],
  ['several files', 'dba.yaml --target servers/orders-pg', 64, 'error: --target is about the entries of one topology; there are several.']
])('%s is refused before anything is written', async (_, flags, code, said) => {
  const here = example('quickstart')
  here.files.write('dba.yaml', here.files.read('topology.yaml').replace('name: orders', 'name: dba'))
  const applied = await here.run(`apply topology.yaml ${flags} --auto-approve`)
  expect([applied.code, `${applied.stdout}${applied.stderr}`]).toEqual([code, expect.stringContaining(said)])
  expect(writes(applied.requests)).toEqual([])
})

test('a plan is applied with the part that it was made for, and with no other', async () => {
  const here = example('quickstart')
  const saved = await here.run('plan topology.yaml --target networks/hub --out hub.json')
  expect(saved.code).toBe(0)
  const other = await here.run('apply hub.json --target servers/orders-pg')
  expect([other.code, other.stderr]).toEqual([64, expect.stringContaining('The saved plan was made with another --target')])
  const { digest } = await planned(here, '--target servers/orders-pg/databases/orders')
  const stale = await here.run(`apply topology.yaml --auto-approve --target servers/orders-pg --plan-digest ${digest}`)
  expect([stale.code, writes(stale.requests)]).toEqual([5, []])
  // The steps may be the same: the part that was agreed to is not.
  const [one, two] = [await planned(here, '--target networks/hub'), await planned(here, '--target networks/hub/subnets/endpoints')]
  expect([one.resource_changes, two.resource_changes, one.digest === two.digest]).toEqual([[], [], false])
  const applied = await here.run(`apply topology.yaml --auto-approve --target servers/orders-pg/databases/orders --plan-digest ${digest}`)
  expect(applied.code).toBe(0)
})
