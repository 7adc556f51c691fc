import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { describe, expect, test } from 'vitest'
import { forgetSecrets, keepHidden } from '../../src/model/redact.ts'
import { digestOf, type Foundation, movedSince } from '../../src/plan/digest.ts'
import { arm, type Estate, estate, failures, plan, putLockOn, reconcile, type Settings, subscription } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg-case`
const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`

const text = (over: Readonly<Record<string, string>> = {}): string => `
networks: { hub: { addressSpace: [10.0.0.0/16${over['more'] ?? ''}], tags: { team: ${over['team'] ?? 'a'} }, subnets: { a: { addressPrefix: 10.0.1.0/24 } } } }
privateDnsZones: { link: { name: privatelink.postgres.database.azure.com } }
servers:
  orders-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: ${over['size'] ?? '128'} }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: ${over['open'] ?? 'true'} } }
    privateEndpoints: { pe: { subnet: hub/a, privateDns: ${over['dns'] ?? 'none'}, approval: automatic${over['wait'] ?? ''} } }
`

const made = async (on: Estate, want: Readonly<Record<string, string>>, settings: Settings = {}) => {
  const { plan: planned, wanted, live } = await plan(on, topologyFrom(text(want)), settings)
  return digestOf(planned, wanted.desired, live)
}

const start = async () => {
  const on = estate()
  expect(failures(await reconcile(on, topologyFrom(text())))).toEqual([])
  return on
}

async function patchHub(on: Estate, body: object): Promise<void> {
  expect((await arm(on, 'PATCH', hub, '2024-05-01', body)).status).toBe(200)
  await on.sandbox.clock.sleep(600_000)
}

describe('a plan has another digest when', () => {
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['a declared field', { more: ', 10.1.0.0/16' }, { more: ', 10.2.0.0/16' }],
    ['a declared tag', { team: 'b' }, { team: 'c' }],
    ['what a proof looks at', { open: 'false' }, { open: 'false', dns: '{ managedBy: policy, zone: link }' }],
    ['how long a proof waits', { open: 'false' }, { open: 'false', wait: ', timeouts: { wait: 5m }' }],
    ['how long a step may take', { open: 'false' }, { open: 'false', wait: ', timeouts: { create: 5m }' }],
    ['what is left undone', { size: '256' }, {}]
  ])('the file changes in %s', async (_name, one, other) => {
    const on = await start()
    const [before, after] = [await made(on, one), await made(on, other)]
    expect(after.digest).not.toBe(before.digest)
    expect(movedSince(before.foundation(), after.foundation()).length).toBeGreaterThan(0)
  })

  test('a lock that the plan lifts is changed, put or taken off', async () => {
    const on = await start()
    const want = { more: ', 10.1.0.0/16' }
    const digests = [(await made(on, want)).digest]
    for (const notes of ['one', 'two']) {
      await putLockOn(on, hub, 'keep', { level: 'ReadOnly', notes })
      digests.push((await made(on, want)).digest)
    }
    expect(new Set(digests).size).toBe(3)
  })

  test('a lock is removed and no longer lowered', async () => {
    const on = await start()
    await putLockOn(on, hub, 'keep', { level: 'ReadOnly' })
    const one = await made(on, { more: ', 10.1.0.0/16' })
    expect(JSON.stringify(one.foundation()['steps'])).toContain('"how":"lower"')
  })

  test.each<[string, object]>([
    ['a field of a subject', { tags: { team: 'z', 'pglink-topology': 'case' } }],
    ['the owner of a subject', { tags: { team: 'a', 'pglink-topology': 'other' } }]
  ])('somebody changes %s', async (_name, body) => {
    const on = await start()
    const want = { team: 'b', more: ', 10.1.0.0/16' }
    const before = await made(on, want)
    await patchHub(on, body)
    const after = await made(on, want)
    expect(after.digest).not.toBe(before.digest)
    expect(movedSince(before.foundation(), after.foundation())).toEqual([
      expect.stringMatching(/^live networks\/hub\/(tags\/team|owner) was /)
    ])
  })
})

describe('a plan keeps its digest', () => {
  test('when it is made again', async () => {
    const on = await start()
    const [one, again] = [await made(on, { size: '256' }), await made(on, { size: '256' })]
    expect([again.digest, again.foundation()]).toEqual([one.digest, one.foundation()])
  })

  test('when something moves that nobody declared, or a neighbour', async () => {
    const on = await start()
    const want = { more: ', 10.1.0.0/16' }
    const before = await made(on, want)
    await patchHub(on, { tags: { team: 'a', 'pglink-topology': 'case', seen: 'today' } })
    await putLockOn(on, `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`, 'aside', { level: 'CanNotDelete' })
    await arm(on, 'PUT', `${hub}2`, '2024-05-01', {
      location: 'westeurope',
      properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] } }
    })
    expect((await made(on, want)).digest).toBe(before.digest)
  })
})

test('a secret is in a digest by its variable’s name alone', async () => {
  const { plan: planned, wanted, live } = await plan(estate(), topologyFrom(text()))
  const { foundation } = digestOf(planned, wanted.desired, live)
  const saved = JSON.stringify(foundation())
  expect(saved).toContain('secret TEST_PASSWORD')
  expect(saved).not.toContain('Test-only-1')
})

test('a digest is of the canonical JSON; of texts that have none, by half a surrogate pair, each has its own', async () => {
  const on = await start()
  const want = { more: ', 10.1.0.0/16' }
  const withNotes = async (notes: string) => {
    await putLockOn(on, hub, 'keep', { level: 'ReadOnly', notes })
    return made(on, want)
  }
  const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
  for (const notes of ['plain', 'a\\ud800', '\\\\"\u0001é🔒']) {
    const { digest, foundation } = await withNotes(notes)
    expect(digest).toBe(sha256(canonicalize(foundation()) ?? ''))
  }
  const all = ['\ud800', '\\\ud800', '\ud801', '\udc00', '\udc00\ud800', '\\ud800', '\\\\ud800', '\ufffd', '\ud800\\ud800', '\\ud800\ud800']
  const plans: Awaited<ReturnType<typeof made>>[] = []
  for (const notes of all) plans.push(await withNotes(notes))
  expect(new Set(plans.map(({ digest }) => digest)).size).toBe(all.length)
  expect(movedSince(plans[0]?.foundation() ?? {}, plans[2]?.foundation() ?? {})).toEqual([
    expect.stringContaining('was "\\ud800" and is "\\ud801"')
  ])
})

describe('the text of an edited plan is told in short', () => {
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown
  test.each<[string, Foundation, Foundation, string[]]>([
    ['nested without end', { a: deep }, { a: 1 }, ['a is not what it was']],
    ['nested without end, in its steps', { steps: deep }, { steps: [] }, ['the steps that follow from it']],
    ['a member of every object', JSON.parse('{"a":{"__proto__":1}}'), { a: {} }, ['a is not what it was']],
    ['an entry of such a name', JSON.parse('{"__proto__":1,"constructor":1}'), {}, ['__proto__', 'constructor'].map(gone)],
    ['a long text', { a: 'x'.repeat(1_000_000) }, { a: 1 }, [`a was "${'x'.repeat(399)}… and is 1`]],
    ['a long name', { ['x'.repeat(1_000_000)]: 1 }, {}, [gone(`${'x'.repeat(400)}…`)]]
  ])('%s', (_name, saved, fresh, said) => {
    expect(movedSince(saved, fresh)).toEqual(said)
  })

  test('and a secret is not cut to where it is not known', () => {
    keepHidden('Correct-Horse-1')
    try {
      expect(movedSince({ a: `${'x'.repeat(390)}Correct-Horse-1` }, { a: 1 })[0]).toContain('x(secret)" and')
    } finally {
      forgetSecrets()
    }
  })
})

function gone(name: string): string {
  return `${name} is no longer part of the plan`
}
