import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { example, exampleNames } from '../examples/example.ts'
import { isQuick } from '../support/parts.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'

/*
 * The law of the role that a plan prints: whoever has it, and nothing else, makes that plan and carries it out; without one of its rights
 * to write or to call, nothing is written. An example is enough for each right.
 */

interface Role {
  readonly Actions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

const client = '55555555-5555-4555-8555-555555555555'

/** No table of Microsoft's names the right to test a linked service, so that a role cannot: Data Factory Contributor has it. */
const unnamed = 'Microsoft.DataFactory/factories/testConnectivity/action'

/** A fresh estate of the example whose login has these rights on the role's scopes. */
async function applied(name: string, { Actions: actions, AssignableScopes: scopes }: Role) {
  const here = example(name)
  const roles = scopes.map(scope => ({ scope, actions: name === 'data-factory' ? [...actions, unnamed] : actions }))
  here.files.write('principals.json', JSON.stringify([{ name: 'deployer', clientId: client, secret: 's', roles }]))
  const seeded = existsSync(join(here.path, 'sandbox.json')) ? ['--seed', join(here.path, 'sandbox.json')] : []
  const served = await sandboxHere([...seeded, '--principals', join(here.path, 'principals.json'), '--speed', '3600'])
  try {
    const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, client) }
    const ran = await here.files.pglink(`apply topology.yaml --auto-approve --env-file .env.example --arm-endpoint ${served.url}`, env)
    // The sandbox keeps what was written, from the first write on.
    return { ...ran, wrote: existsSync(served.stateFile) }
  } finally {
    await served.stop()
  }
}

/** The rights that were missing in an example already. */
const missed = new Set<string>()

const isWritten = (action: string): boolean => !action.endsWith('/read') && !action.endsWith('/checkNameAvailability/action')

describe.each(isQuick ? ['quickstart'] : exampleNames)('%s', name => {
  test('the role that its plan prints is enough for the plan and the apply, and all of it is needed', async () => {
    const printed = await example(name).run('plan topology.yaml --show-permissions')
    expect([printed.code, printed.stderr]).toEqual([0, ''])
    const role = JSON.parse(printed.stdout) as Role
    expect(role.Actions.filter(action => action.includes('*'))).toEqual([])
    expect(role.Actions).toEqual([...new Set(role.Actions)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)))
    const whole = await applied(name, role)
    expect(`${whole.stdout}${whole.stderr}`).toContain('Apply complete!')
    // Its endpoint waits for the owner of the server.
    expect(whole.code).toBe(name === 'approval' ? 7 : 0)
    const needed = role.Actions.filter(isWritten)
    expect(needed.length).toBeGreaterThan(1)
    for (const action of needed.filter((one, index) => (isQuick ? index % 6 === 0 : !missed.has(one)))) {
      missed.add(action)
      const less = await applied(name, { ...role, Actions: role.Actions.filter(one => one !== action) })
      expect([action, less.code, less.wrote, less.stderr.includes(action)]).toEqual([action, 7, false, true])
    }
  }, 300_000)
})
