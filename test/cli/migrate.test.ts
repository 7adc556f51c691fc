import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { endpointFile, integratedFile } from '../plan/migrationWorld.ts'
import { type Folder, folder } from '../support/cli.ts'
import { subscription } from '../support/estate.ts'
import { isQuick } from '../support/parts.ts'

const usual = '--sandbox --allow-env PG_PASSWORD'
const env = { PG_PASSWORD: 'Abcdefg-12345' }
const flag = '--allow-migrate servers/shop-pg'

/** The world of the plans, as a file: there a password comes from a variable. */
const fileOf = (world: object): string =>
  stringify({ version: 1, name: 'case', subscription, location: 'westeurope', resourceGroup: 'rg-case', ...world }).replaceAll(
    'drawn',
    `$\{env:PG_PASSWORD}`
  )

async function begun(): Promise<Folder> {
  const here = folder({ 'topology.yaml': fileOf(integratedFile()), 'faults.json': '[]' })
  const made = await here.pglink(`apply topology.yaml ${usual} --auto-approve`, env)
  expect([made.code, made.stdout + made.stderr]).toEqual([0, expect.stringContaining('Proven')])
  here.write('topology.yaml', fileOf(endpointFile()))
  return here
}

test('the consent is of the command line alone, names a server of the file, and is in a saved plan', async () => {
  const here = await begun()
  const refused = await here.pglink(`plan topology.yaml ${usual}`, { ...env, PGLINK_ALLOW_MIGRATE: 'servers/shop-pg' })
  expect([refused.code, refused.stdout]).toEqual([6, expect.stringContaining('To agree, give `--allow-migrate servers/shop-pg`.')])
  const unknown = await here.pglink(`plan topology.yaml ${usual} --allow-migrate servers/shop-pq`, env)
  expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining('did you mean servers/shop-pg?')])
  const promoted = await here.pglink(`plan topology.yaml ${usual} --allow-promote servers/shop-pq`, env)
  expect([promoted.code, promoted.stderr]).toEqual([64, expect.stringContaining('did you mean servers/shop-pg?')])
  const planned = await here.pglink(
    `plan topology.yaml ${usual} --allow-migrate shop-pg --out plan.json --markdown plan.md --html plan.html`,
    env
  )
  expect(planned.code).toBe(0)
  for (const text of [planned.stdout, here.read('plan.md'), here.read('plan.html'), here.read('plan.json')]) {
    expect(text).toContain(
      'no connections for about 10 minutes, within the 20 minutes that Azure takes to migrate it; there is no way back'
    )
    expect(text).toContain('no client reaches it from the end of the migration until its private endpoint is made and its record proven')
    expect(text).toContain('migrated out of its virtual network')
  }
  expect(JSON.parse(here.read('plan.json'))).toMatchObject({ topology: { flags: { 'allow-migrate': ['shop-pg'] } } })
  const applied = await here.pglink('apply plan.json --allow-env PG_PASSWORD', env)
  expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('Proven by a fresh read')])
  const again = await here.pglink(`apply topology.yaml ${usual} ${flag} --auto-approve`, env)
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('names no server that this plan migrates')])
})

const permissions = { method: 'GET', path: 'Microsoft.Authorization/permissions$', nth: 'every' }

test.skipIf(isQuick)('without a word on the rights for the new path nothing is migrated', async () => {
  const here = await begun()
  here.write('faults.json', JSON.stringify([{ ...permissions, status: 403, code: 'AuthorizationFailed', message: 'no' }]))
  for (const command of ['plan', 'apply --auto-approve']) {
    const ran = await here.pglink(`${command} topology.yaml ${usual} ${flag} --sandbox-faults faults.json`, env)
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([6, expect.stringContaining('this login is not known to have the rights for that')])
  }
})

test.skipIf(isQuick)('the role for it has the right of the call', async () => {
  const here = await begun()
  const ran = await here.pglink(`plan topology.yaml ${usual} ${flag} --show-permissions`, env)
  expect(ran.stdout).toContain('Microsoft.DBforPostgreSQL/flexibleServers/migrateNetwork/action')
})

test.skipIf(isQuick)('a part of it, and that of the DBA', async () => {
  const here = await begun()
  const without = await here.pglink(`plan topology.yaml ${usual} ${flag} --exclude servers/shop-pg/privateEndpoints/pe`, env)
  expect([without.code, without.stdout]).toEqual([0, expect.stringContaining('is left out, and with it what needs it')])
  expect(without.stdout).not.toContain('migrated')
  const target = await here.pglink(`plan topology.yaml ${usual} ${flag} --target servers/shop-pg`, env)
  expect([target.code, target.stdout]).toEqual([0, expect.stringContaining('will be migrated out of its virtual network')])
  const apply = (duty: string, more = '') => here.pglink(`apply topology.yaml ${usual} ${more} --duty ${duty} --auto-approve`, env)
  const early = await apply('dba', flag)
  expect([early.code, early.stdout]).toEqual([7, expect.stringContaining('servers/shop-pg waits for network')])
  for (const [duty, more, code] of [
    ['network', '', 7],
    ['dba', flag, 7],
    ['network', '', 0]
  ] as const) {
    const ran = await apply(duty, more)
    expect([duty, ran.code, ran.code === code ? '' : ran.stdout + ran.stderr]).toEqual([duty, code, ''])
  }
  expect((await here.pglink(`plan topology.yaml ${usual} --detailed-exitcode`, env)).code).toBe(0)
})
