import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Duty, duties } from '../../src/model/duty.ts'
import { type Estate, example, exampleNames, requestsIn, writes } from '../examples/example.ts'
import { isQuick } from '../support/parts.ts'
import { type ServedSandbox, sandboxHere, tokenFrom } from '../support/sandbox.ts'

/*
 * The law of the roles of duties: logins that have the printed role of one duty each, and nothing else, bring the topology about in turn. A
 * login whose role lacks any one of these rights to write or to call, or to read what is its own, is refused before it writes anything.
 */

interface Role {
  readonly Actions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

/** No table of Microsoft's names the right to test a linked service, so that a role cannot: Data Factory Contributor has it. */
const unnamed = 'Microsoft.DataFactory/factories/testConnectivity/action'

const isWritten = (action: string): boolean => !action.endsWith('/read') && !action.endsWith('/checkNameAvailability/action')

/** The providers of each duty: a right to read anything of theirs is needed. */
const ofDuty: Readonly<Record<Duty, RegExp>> = {
  network:
    /^Microsoft\.(Network\/(virtualNetworks|privateEndpoints|privateDnsZones)(\/(?!A\/).*)?|Resources\/subscriptions\/resourceGroups)\/read$/,
  dba: /^Microsoft\.DBforPostgreSQL\/flexibleServers(\/(?!privateEndpointConnections).*)?\/read$/,
  data: /^Microsoft\.DataFactory\/factories(\/(?!.*getstatus).*)?\/read$/i,
  locks: /^Microsoft\.Authorization\/locks\/read$/
}

/** Whoever looks at the end reads everything, the locks of subscriptions as well. */
const auditor = '66666666-6666-4666-8666-666666666666'

interface Looked {
  readonly steps: readonly unknown[]
  readonly rights?: { readonly lacking: readonly object[] }
}

interface Principal {
  readonly clientId: string
  readonly duty: Duty
  /** The right that it lacks; absent for the one that has all. */
  readonly lacks?: string
}

/** The rights of duties that were missing in an example already: one example is enough for each. */
const missed = new Set<string>()

/** The principals of an example: one of each duty that has all its rights, and one for each right that lacks it. */
async function principalsFor(here: Estate, name: string) {
  const principals: (Principal & { readonly roles: readonly object[] })[] = []
  for (const duty of isQuick ? duties.slice(0, 1) : duties) {
    const printed = await here.run(`plan topology.yaml --duty ${duty} --show-permissions`)
    const role = JSON.parse(printed.stdout) as Role
    expect([printed.stderr, role.Actions.filter(action => action.includes('*'))]).toEqual(['', []])
    const lacking = role.Actions.filter(one => isWritten(one) || ofDuty[duty].test(one) || ofDuty.locks.test(one))
    const some = (isQuick ? lacking.filter((_, nth) => nth % 3 === 0) : lacking).filter(one => !missed.has(`${duty} ${one}`))
    for (const lacks of [undefined, ...some]) {
      const own = role.Actions.filter(action => action !== lacks)
      const actions = duty === 'data' && name === 'data-factory' ? [...own, unnamed] : own
      const clientId = `55555555-5555-4555-8555-${String(principals.length + 1).padStart(12, '0')}`
      principals.push({
        clientId,
        duty,
        ...(lacks !== undefined && { lacks }),
        roles: role.AssignableScopes.map(scope => ({ scope, actions }))
      })
    }
  }
  const file = principals.map(({ clientId, duty, lacks = 'nothing', roles }) => ({
    name: `${duty} without ${lacks}`,
    clientId,
    secret: 's',
    roles
  }))
  const reader = { name: 'auditor', clientId: auditor, secret: 's', roles: [{ scope: '/', role: 'Reader' }] }
  here.files.write('principals.json', JSON.stringify([...file, reader]))
  return principals
}

/** Runs a command as a principal. @returns also the writes that it sent */
function asking(here: Estate, served: ServedSandbox, log: string) {
  let seen = 0
  return async (clientId: string, command: string) => {
    const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, clientId) }
    const ran = await here.files.pglink(`${command} --env-file .env.example --data-dir data --arm-endpoint ${served.url}`, env)
    const all = requestsIn(log)
    const wrote = writes(all.slice(seen)).filter(({ path }) => path.startsWith('/subscriptions/'))
    seen = all.length
    return { ...ran, wrote }
  }
}

describe.each(isQuick ? ['quickstart'] : exampleNames)('%s', name => {
  test('the roles that the parts print bring it about in turn, and all of each is needed', async () => {
    const here = example(name)
    const principals = await principalsFor(here, name)
    const seeded = existsSync(join(here.path, 'sandbox.json')) ? ['--seed', join(here.path, 'sandbox.json')] : []
    const log = join(here.path, 'served.ndjson')
    const served = await sandboxHere([...seeded, '--principals', join(here.path, 'principals.json'), '--speed', '3600', '--log', log])
    const run = asking(here, served, log)
    const whole = (duty: Duty): string => principals.find(one => one.duty === duty && one.lacks === undefined)?.clientId ?? ''
    const begun = new Set<Duty>()
    try {
      for (let wrote = true; wrote; ) {
        wrote = false
        // The share of the quick part: the first run of the network's login, where it may not and where it may.
        for (const duty of isQuick ? duties.slice(0, 1) : duties) {
          if (!begun.has(duty)) {
            const looked = await run(whole(duty), `plan topology.yaml --json --duty ${duty}`)
            const { steps, rights } = JSON.parse(looked.stdout) as Looked
            expect([duty, rights?.lacking ?? []]).toEqual([duty, []])
            if (steps.length === 0) continue
            for (const { clientId, lacks = '' } of principals.filter(one => one.duty === duty && one.lacks !== undefined)) {
              const refused = await run(clientId, `apply topology.yaml --auto-approve --duty ${duty}`)
              expect([lacks, refused.code, refused.wrote]).toEqual([lacks, 7, []])
              missed.add(`${duty} ${lacks}`)
              // An entry that may not be read leaves nothing to be done, and Azure's own words are told of it.
              if (isWritten(lacks)) expect(refused.stderr).toContain(lacks)
            }
          }
          begun.add(duty)
          const applied = await run(whole(duty), `apply topology.yaml --auto-approve --duty ${duty}`)
          expect([duty, applied.stderr]).toEqual([duty, ''])
          expect([0, 7]).toContain(applied.code)
          wrote ||= applied.wrote.length > 0
        }
      }
      expect(begun.size).toBeGreaterThan(0)
      if (isQuick) return
      const end = await run(auditor, 'plan topology.yaml')
      // Its endpoint waits for the owner of the server, who has a file of his own.
      if (name === 'approval') expect([end.code, end.stdout]).toEqual([7, expect.stringContaining('is Pending on the server')])
      else expect([end.code, end.stdout]).toEqual([0, expect.stringContaining('No changes. Your infrastructure matches the topology.')])
    } finally {
      await served.stop()
    }
  }, 600_000)
})
