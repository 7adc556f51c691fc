import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Folder, folder } from '../support/cli.ts'
import { sandboxHere } from '../support/sandbox.ts'
import { network } from './topologies.ts'

const locker = '66666666-6666-4666-8666-666666666666'

/** The libraries that sign in read the environment of the process, and not the one that a command is given. */
function withVariables(here: Folder, variables: Readonly<Record<string, string>>): (command: string) => ReturnType<Folder['pglink']> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  return command => here.pglink(command, variables)
}

test.each(['managed identity', 'federated token file'])('the login for locks signs in by a %s', async way => {
  const here = folder({ 'topology.yaml': network(), token: 'ey.ey.x' })
  const served = await sandboxHere(['--speed', '600'])
  onTestFinished(async () => void (await served.stop()))
  const variables =
    way === 'managed identity'
      ? { IDENTITY_ENDPOINT: `${served.url}/msi/token`, IDENTITY_HEADER: 'any' }
      : { AZURE_FEDERATED_TOKEN_FILE: join(here.path, 'token'), AZURE_TENANT_ID: '72f988bf-0000-4000-8000-2d7cd011db47' }
  // The first token is good for any sandbox: it names the tenant and nothing else that is looked at.
  const claims = { tid: '72f988bf-0000-4000-8000-2d7cd011db47', appid: 'first' }
  const token = ['{}', JSON.stringify(claims), ''].map(part => Buffer.from(part).toString('base64url')).join('.')
  const run = withVariables(here, { NODE_EXTRA_CA_CERTS: served.caFile, ARM_TOKEN: token, ...variables })
  const ran = await run(`doctor --json --lock-identity ${locker} --arm-endpoint ${served.url}`)
  const logins = JSON.parse(ran.stdout).findings.filter(({ check }: { check: string }) => check === 'login')
  expect(logins.map(({ says }: { says: string }) => says)).toEqual([
    expect.stringContaining('Signed in: the application first'),
    expect.stringContaining(`Signed in for locks: the application ${locker}`)
  ])
})

test('beside the login of the Azure CLI there is no second one', async () => {
  const body = { tid: '72f988bf-0000-4000-8000-2d7cd011db47', upn: 'dba@example.com', exp: Math.floor(Date.now() / 1000) + 3600 }
  const accessToken = ['{}', JSON.stringify(body), ''].map(part => Buffer.from(part).toString('base64url')).join('.')
  const answer = JSON.stringify({ accessToken, expires_on: body.exp, expiresOn: '2099-01-01 00:00:00.000000', tenant: body.tid })
  const here = folder({ 'topology.yaml': network(), 'bin/az': `#!/bin/sh\necho '${answer}'\n` })
  chmodSync(join(here.path, 'bin/az'), 0o755)
  const path = `${join(here.path, 'bin')}:${process.env['PATH']}`
  const run = withVariables(here, { PATH: path, AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential', AZURE_LOCK_CLIENT_SECRET: 'l0ck-s3cret' })
  const ran = await run(`apply --auto-approve --verbose --lock-identity ${locker}`)
  expect(ran.stderr).toContain('--lock-identity needs a login that can sign in twice')
  expect(ran.stderr).not.toMatch(/GET|l0ck-s3cret/)
  expect([ran.code, ran.stdout]).toEqual([64, ''])
})
