import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, type Ran, transcript } from '../support/cli.ts'
import { network, subnetIn } from './topologies.ts'

const documentOf = ({ stdout }: Ran) => JSON.parse(stdout) as Record<string, unknown>

test('a plan from nothing', async () => {
  const here = folder({ 'topology.yaml': network() })
  expect(transcript(await here.pglink('plan --sandbox'))).toMatchInlineSnapshot(`
    "$ pglink plan --sandbox
    Estate: sandbox .pglink/sandbox.json, subscription 11111111-1111-4111-8111-111111111111

    Steps are indicated with the following symbols:
      + create

    pglink will perform the following 5 steps in 3 waves (topology.yaml):

    + 1  resourceGroups/rg-net (resource group) will be created  topology.yaml:5:1
          wave 1
            + location = "eastus2"
            + tags     = {"pglink-topology":"net"}

    + 2  privateDnsZones/link (private DNS zone) will be created  topology.yaml:12:3
          wave 2, after step 1
            + tags = {"pglink-topology":"net"}

    + 3  networks/hub (virtual network) will be created  topology.yaml:7:3
          wave 2, after step 1
            + location     = "eastus2"
            + addressSpace = ["10.20.0.0/16"]
            + tags         = {"pglink-topology":"net"}

    + 4  privateDnsZones/link/links/hub (virtual network link) will be created  topology.yaml:12:67
          wave 3, after steps 1, 2, 3
            + network = networks/hub
            + tags    = {"pglink-topology":"net"}

    + 5  networks/hub/subnets/endpoints (subnet) will be created  topology.yaml:10:7
          wave 3, after steps 1, 3
            + addressPrefixes = ["10.20.1.0/24"]

    Plan: 5 to add, 0 to change, 0 to destroy.
    Locks: 0 to lift, 0 to restore. Approvals: 0.
    6 ARM reads.
    Plan digest: sha256:…
    [exit 0]
    "
  `)
})

test('a lock in the way is lowered and restored, and the plan says on whose word', async () => {
  const here = folder(subnetIn('ReadOnly'))
  expect(transcript(await here.pglink('plan --sandbox --sandbox-seed seed.json'))).toMatchInlineSnapshot(`
    "$ pglink plan --sandbox --sandbox-seed seed.json
    Estate: sandbox .pglink/sandbox.json, subscription 11111111-1111-4111-8111-111111111111

    Look at this first:
      Lock off: ReadOnly lock keep on networks/hub will be lowered to CanNotDelete for about 4s

    Steps are indicated with the following symbols:
      + create
      ! lift or restore a management lock

    pglink will perform the following 3 steps in 3 waves (topology.yaml):

    ! 1  ReadOnly lock keep on networks/hub will be lowered to CanNotDelete, restored in step 3
          wave 1; it stands in the way of the steps below
            required for the write in step 2: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
            remembered in its own notes while it is lowered
            lowered for about 4 seconds

    + 2  networks/hub/subnets/ours (subnet) will be created  topology.yaml:10:7
          wave 2, after step 1
            + addressPrefixes = ["10.20.1.0/24"]

    ! 3  ReadOnly lock keep on networks/hub will be restored
          wave 3, after steps 1, 2; exactly as it was found

    Plan: 1 to add, 0 to change, 0 to destroy.
    Locks: 1 to lift, 1 to restore. Approvals: 0.
    5 ARM reads.
    Plan digest: sha256:…
    [exit 0]
    "
  `)
})

test('where the terminal is not known to show more, everything is ASCII', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { stdout } = await here.pglink('plan --sandbox', { LANG: 'C' })
  expect(stdout).toMatch(/^[\x20-\x7e\n]+$/)
})

test('the exit code tells changes only with --detailed-exitcode', async () => {
  const here = folder({ 'topology.yaml': network() })
  expect((await here.pglink('plan --sandbox')).code).toBe(0)
  expect((await here.pglink('plan --sandbox --detailed-exitcode')).code).toBe(2)
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  expect((await here.pglink('plan --sandbox --detailed-exitcode')).code).toBe(0)
})

test('a plan makes no request but GET, and leaves the estate as it is, to the byte', async () => {
  const here = folder(subnetIn('ReadOnly'))
  await here.pglink('apply --sandbox --sandbox-seed seed.json --auto-approve')
  const before = here.read('.pglink/sandbox.json')
  here.write('topology.yaml', here.read('topology.yaml').replace('10.20.1.0', '10.20.2.0'))
  const { stdout } = await here.pglink('plan --sandbox --sandbox-log log.ndjson')
  expect(here.read('.pglink/sandbox.json')).toBe(before)
  const log = here.read('log.ndjson').trim().split('\n')
  const methods = log.map(line => (JSON.parse(line) as { readonly method: string }).method)
  expect(new Set(methods)).toEqual(new Set(['GET']))
  expect(stdout).toContain(`${methods.length} ARM reads.`)
})

test('a plan without writes makes no data directory but for the lock of the estate', async () => {
  const here = folder({ 'topology.yaml': network() })
  await here.pglink('plan --sandbox --sandbox-state elsewhere.json')
  expect(existsSync(join(here.path, '.pglink'))).toBe(false)
  expect(existsSync(join(here.path, 'elsewhere.json'))).toBe(false)
})

test('the document has Terraform-shaped changes, numbered steps and a summary, and stdout has nothing else', async () => {
  const here = folder(subnetIn('ReadOnly'))
  const document = documentOf(await here.pglink('plan --sandbox --sandbox-seed seed.json --json'))
  expect(document).toMatchObject({
    format_version: '2.0',
    errored: false,
    topology: { name: 'net', path: 'topology.yaml', env: null, flags: { sandbox: true, 'sandbox-seed': 'seed.json' } },
    resource_changes: [
      {
        address: 'networks/hub/subnets/ours',
        type: 'Microsoft.Network/virtualNetworks/subnets',
        mode: 'managed',
        change: { actions: ['create'], before: null, after: { addressPrefixes: ['10.20.1.0/24'] } },
        action_reason: 'missing',
        source: { file: 'topology.yaml', line: 10, column: 7 }
      }
    ],
    summary: { add: 1, change: 0, destroy: 0, locks_lift: 1, locks_restore: 1, approve: 0 }
  })
  expect(document['steps']).toMatchObject([
    { n: 1, op: 'lock.lower', lock: { level: 'ReadOnly', properties: { notes: 'owned by netops' } } },
    { n: 2, op: 'create', depends_on: [1] },
    { n: 3, op: 'lock.restore', settles: [1, 2] }
  ])
})

test('no secret is in a plan, printed or saved', async () => {
  const here = folder({
    'topology.yaml': `${network()}servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: "\${env:PG_PASSWORD}", passwordVersion: 1 }
    networking: { publicAccess: { enabled: true } }
`,
    '.env': 'PG_PASSWORD=Throw-away-1'
  })
  const text = await here.pglink('plan --sandbox --env-file .env --out plan.json')
  expect(text.code).toBe(0)
  expect(text.stdout).toContain('password        = (sensitive value)')
  const json = await here.pglink('plan --sandbox --env-file .env --json')
  for (const printed of [text.stdout, json.stdout, here.read('plan.json')]) expect(printed).not.toContain('Throw-away')
  expect(json.stdout).toContain('"after_sensitive": {\n          "password": true')
})

test('a secret that is not set is no error of a plan, and stops an apply before any write', async () => {
  const here = folder({
    'topology.yaml': `version: 1
name: pg
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-pg
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: "\${env:PG_PASSWORD}", passwordVersion: 1 }
    networking: { publicAccess: { enabled: true } }
`
  })
  const plan = await here.pglink('plan --sandbox --allow-env PG_PASSWORD')
  expect(plan.stdout).toContain('servers/orders-pg: the variable PG_PASSWORD is not set; the apply must send it')
  expect(plan.code).toBe(0)
  const apply = await here.pglink('apply --sandbox --allow-env PG_PASSWORD --auto-approve')
  expect(apply.stderr).toContain('Not set, and a step must send it: PG_PASSWORD. Nothing was changed.')
  expect(apply.code).toBe(4)
})

test('every problem of a file is reported before anything is planned', async () => {
  const here = folder({
    'topology.yaml': network('10.99.1.0/24'),
    'other.yaml': network().replace('version: 1', 'version: 2')
  })
  const ran = await here.pglink('plan --sandbox topology.yaml other.yaml')
  expect(ran.code).toBe(4)
  expect(ran.stdout).toBe('')
  expect(ran.stderr).toContain('topology.yaml:10:')
  expect(ran.stderr).toContain('other.yaml:1:')
})

test.each([
  ['a file that is not there', 'plan --sandbox nosuch.yaml', 'nosuch.yaml cannot be read'],
  ['a folder without one', 'plan --sandbox empty', 'There is no topology.yaml under empty'],
  ['a baseline that is none', 'plan --sandbox --baseline nosuch', 'neither a file nor a commit'],
  ['an entry without a place', 'plan --sandbox placeless.yaml', 'networks/hub has no subscription']
])('%s', async (_, args, says) => {
  const here = folder({
    'topology.yaml': network(),
    'empty/readme': '',
    'placeless.yaml': 'version: 1\nname: net\nlocation: eastus2\nresourceGroup: rg\nnetworks:\n  hub: { addressSpace: [10.20.0.0/16] }\n'
  })
  const { code, stderr } = await here.pglink(args)
  expect(stderr).toContain(says)
  expect(code).toBe(4)
})

test('an env file that is not there', async () => {
  const here = folder({ 'topology.yaml': network() })
  const flag = await here.pglink('plan --sandbox --env-file nosuch')
  expect(flag.code).toBe(4)
  const { code, stderr } = await here.pglink('plan --sandbox', { PGLINK_ENV_FILE: 'nosuch' })
  expect(flag.stderr).toBe(stderr)
  expect(stderr).toContain('The variables in nosuch cannot be read')
  expect(code).toBe(4)
})

test('a folder stands for every topology.yaml under it, in turn', async () => {
  const here = folder({
    'a/topology.yaml': network(),
    'b/c/topology.yaml': network().replace('name: net', 'name: other'),
    'b/else.yaml': 'x'
  })
  const document = documentOf(await here.pglink('plan --sandbox --json .'))
  expect(document).toMatchObject({ plans: [{ topology: { path: 'a/topology.yaml' } }, { topology: { path: 'b/c/topology.yaml' } }] })
  expect((await here.pglink('plan --sandbox --out plan.json .')).code).toBe(64)
})

test('names and notes cannot write to the terminal', async () => {
  const here = folder(subnetIn('ReadOnly'))
  here.write('seed.json', here.read('seed.json').replaceAll('/locks/keep', '/locks/ke\\u202eep').replace('owned by', 'owned\\u001b[2J by'))
  const planned = await here.pglink('plan --sandbox --sandbox-seed seed.json')
  expect(planned.stdout).toContain('ke\\u202eep')
  const listed = await here.pglink('locks list --sandbox --sandbox-seed seed.json')
  expect(listed.stdout).toContain('owned\\u001b[2J by netops')
  for (const { stdout } of [planned, listed]) for (const raw of ['\u001b', '\u202e']) expect(stdout).not.toContain(raw)
})
