import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StoredResource } from '../../src/sandbox/state.ts'
import { ask } from '../cli/serving.ts'
import { inProcesses, isQuick } from '../support/parts.ts'
import { sandboxHere, tokenFrom } from '../support/sandbox.ts'
import { bodiesOf, example, locksOf, type Request, requestsIn, writes } from './example.ts'

interface Role {
  readonly Actions: readonly string[]
  readonly AssignableScopes: readonly string[]
}

interface Principal {
  readonly name: string
  readonly clientId: string
  readonly roles: readonly { readonly scope: string; readonly actions: readonly string[] }[]
}

/** The providers that each login writes to: a lock, or its marker, only where it is in the way. */
const providers: Readonly<Record<string, readonly string[]>> = {
  network: ['Microsoft.Authorization', 'Microsoft.Network'],
  dba: ['Microsoft.DBforPostgreSQL'],
  data: ['Microsoft.DataFactory']
}

const providerOf = ({ path }: Request): string => /.*\/providers\/([^/]+)\//.exec(path)?.[1] ?? ''

/** As the README of the example has it: who applies, how that ends, and the last key of what the run makes or decides. */
const rows = [
  ['network', 7, ['privatelink.postgres.database.azure.com']],
  ['dba', 7, ['ledger', 'ledger-pg']],
  ['data', 7, ['default', 'ledger-adf', 'managed', 'to-ledger']],
  ['network', 7, ['default', 'hub', 'ledger-pe']],
  ['dba', 7, 2],
  ['data', 0, ['ledger_pg']],
  ['network', 0, []],
  ['dba', 0, []]
] as const

test('three principals, each with the role that its part prints and nothing else, bring it about', async () => {
  const here = example('three-duties')
  const principals = JSON.parse(here.files.read('principals.json')) as readonly Principal[]
  for (const { name, roles } of principals) {
    const printed = await here.run(`plan topology.yaml --duty ${name} --show-permissions`)
    const { Actions: actions, AssignableScopes: scopes } = JSON.parse(printed.stdout) as Role
    expect([name, roles]).toEqual([name, scopes.map(scope => ({ scope, actions }))])
  }
  const log = join(here.path, 'served.ndjson')
  const at = (file: string): string => join(here.path, file)
  const served = await sandboxHere(
    ['--seed', at('sandbox.json'), '--principals', at('principals.json'), '--speed', '3600', '--log', log],
    at('estate.json')
  )
  try {
    let seen = 0
    // The first four runs are the window of the locks as well.
    for (const [who, code, makes] of isQuick ? rows.slice(0, 4) : rows) {
      const { clientId = '' } = principals.find(({ name }) => name === who) ?? {}
      const env = { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: await tokenFrom(served, clientId) }
      const command = `apply topology.yaml --duty ${who} --auto-approve --env-file .env.example --data-dir data --arm-endpoint ${served.url}`
      const ran = await here.files.pglink(command, env)
      const all = requestsIn(log)
      const wrote = writes(all.slice(seen)).filter(({ path }) => path.startsWith('/subscriptions/'))
      seen = all.length
      expect([who, ran.code, ran.stderr]).toEqual([who, code, ''])
      // No login of these may approve what it asks for.
      expect(ran.stdout).not.toContain('Approves its own request')
      expect(wrote.filter(one => !providers[who]?.includes(providerOf(one)))).toEqual([])
      const made = wrote.filter(one => one.method === 'PUT' && providerOf(one) !== 'Microsoft.Authorization')
      if (typeof makes === 'number') expect(made).toHaveLength(makes)
      else expect(made.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([...makes].sort())
      // No lock is off between two runs.
      const [, state] = await ask(`${served.url}/_sandbox/state`, served.ca)
      expect(locksOf(bodiesOf((state as { readonly resources: readonly StoredResource[] }).resources))).toEqual(locksOf(here.seed))
    }
  } finally {
    await served.stop()
  }
})

test.runIf(inProcesses)(
  'its program does the same',
  () => {
    const { status, stdout } = spawnSync(process.execPath, ['examples/three-duties/run.mjs'], { encoding: 'utf8' })
    expect([...stdout.matchAll(/^\[exit (\d+)\]$/gm)].map(([, code]) => Number(code))).toEqual([7, 7, 7, 7, 7, 0, 0, 0, 0])
    expect(status).toBe(0)
  },
  120_000
)
