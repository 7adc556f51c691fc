import { spawnSync } from 'node:child_process'
import { chmodSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { folder } from '../support/cli.ts'
import { serve, subscriptions } from './serving.ts'

/** An `az` that writes down how it is called, and fails where the call has `FAIL` in it. */
const recordingAz = '#!/bin/sh\necho "$1 $2" >> "$CALLS"\ncase "$1 $2" in "$FAIL") exit 1 ;; esac\n'

test.each([
  ['', ['cloud list', 'cloud register', 'cloud set', 'login --service-principal', 'account set']],
  ['cloud register', ['cloud list', 'cloud register']],
  ['cloud set', ['cloud list', 'cloud register', 'cloud set']],
  ['login --service-principal', ['cloud list', 'cloud register', 'cloud set', 'login --service-principal']]
])('the lines for az are run as one: after a failed %j nothing goes on', async (fail, calls) => {
  const here = folder({ 'ca.pem': '', az: recordingAz })
  chmodSync(join(here.path, 'az'), 0o755)
  const { stdout } = await here.pglink('sandbox --print-env az --port 8443 --ca-out ca.pem')
  expect(stdout).not.toContain('/dev/null')
  const env = { PATH: `${here.path}:${process.env['PATH']}`, CALLS: join(here.path, 'calls'), FAIL: fail }
  const { status } = spawnSync('sh', ['-c', stdout], { env })
  expect(here.read('calls').trim().split('\n')).toEqual(calls)
  expect(status === 0).toBe(fail === '')
})

test('--print-env az prints the lines that sign the Azure CLI in to a sandbox', async () => {
  const here = folder({ 'real.pem': '' })
  symlinkSync('real.pem', join(here.path, 'ca.pem'))
  const { stdout, code } = await here.pglink('sandbox --print-env az --port 8443 --ca-out ca.pem')
  expect(code).toBe(0)
  expect(stdout.replaceAll(realpathSync(here.path), '/home/me')).toMatchInlineSnapshot(`
    "# Azure CLI, signed in to the sandbox on port 8443. Only this shell is changed: its settings are in a folder of their own.
    export AZURE_CONFIG_DIR=/home/me/azure-cli-8443 &&
    export REQUESTS_CA_BUNDLE=/home/me/real.pem &&
    export AZURE_CORE_COLLECT_TELEMETRY=false &&
    { az cloud list --query '[].name' --output tsv | grep -qx sandbox ||
      az cloud register --name sandbox --endpoint-resource-manager https://localhost:8443 --endpoint-active-directory https://localhost:8443/adfs; } &&
    az cloud set --name sandbox &&
    az login --service-principal --username 00000000-0000-4000-8000-000000000001 --password sandbox --tenant 72f988bf-0000-4000-8000-2d7cd011db47 --output none &&
    az account set --subscription 11111111-1111-4111-8111-111111111111
    "
  `)
})

test('--print-env terraform prints the variables of its azurerm and azapi providers', async () => {
  const here = folder({ "it's.pem": '' })
  const { stdout } = await here.pglink("sandbox --print-env terraform --port 8443 --ca-out it's.pem")
  expect(stdout.replaceAll(realpathSync(here.path), '/home/me')).toMatchInlineSnapshot(`
    "# Terraform's azurerm and azapi providers, pointed at the sandbox on port 8443. Run \`terraform init\` first: with SSL_CERT_FILE
    # set, this shell trusts the sandbox alone. The configuration needs nothing but: provider "azurerm" { features {} }
    export SSL_CERT_FILE='/home/me/it'\\''s.pem' &&
    export ARM_METADATA_HOSTNAME=localhost:8443 &&
    export ARM_ENVIRONMENT=custom &&
    export ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=https://localhost:8443/ &&
    export ARM_RESOURCE_MANAGER_ENDPOINT=https://localhost:8443 &&
    export ARM_RESOURCE_MANAGER_AUDIENCE=https://localhost:8443 &&
    export ARM_DISABLE_INSTANCE_DISCOVERY=true &&
    export ARM_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111 &&
    export ARM_TENANT_ID=72f988bf-0000-4000-8000-2d7cd011db47 &&
    export ARM_CLIENT_ID=00000000-0000-4000-8000-000000000001 &&
    export ARM_CLIENT_SECRET=sandbox &&
    export ARM_USE_CLI=false &&
    export ARM_SKIP_PROVIDER_REGISTRATION=true &&
    export ARM_RESOURCE_PROVIDER_REGISTRATIONS=none
    "
  `)
})

test('--print-env powershell prints the lines that sign Azure PowerShell in', async () => {
  const here = folder({ "it's.pem": '' })
  const { stdout } = await here.pglink("sandbox --print-env powershell --port 8443 --ca-out it's.pem")
  expect(stdout.replaceAll(realpathSync(here.path), '/home/me')).toMatchInlineSnapshot(`
    "# Azure PowerShell, signed in to the sandbox on port 8443 in this session alone.
    $ErrorActionPreference = 'Stop'
    $env:NODE_EXTRA_CA_CERTS = '/home/me/it''s.pem'
    $env:REQUESTS_CA_BUNDLE = '/home/me/it''s.pem'
    $env:SSL_CERT_FILE = '/home/me/it''s.pem'
    $env:AZURE_AUTHORITY_HOST = 'https://localhost:8443'
    $env:AZURE_TENANT_ID = 'adfs'
    $env:AZURE_CLIENT_ID = '00000000-0000-4000-8000-000000000001'
    $env:AZURE_CLIENT_SECRET = 'sandbox'
    $env:AZURE_SUBSCRIPTION_ID = '11111111-1111-4111-8111-111111111111'
    $env:ARM_ENDPOINT = 'https://localhost:8443'
    Disable-AzContextAutosave -Scope Process | Out-Null
    Add-AzEnvironment -Name sandbox -ARMEndpoint https://localhost:8443 -ActiveDirectoryEndpoint https://localhost:8443/adfs -EnableAdfsAuthentication | Out-Null
    $secret = ConvertTo-SecureString 'sandbox' -AsPlainText -Force
    $credential = New-Object PSCredential('00000000-0000-4000-8000-000000000001', $secret)
    Connect-AzAccount -Environment sandbox -ServicePrincipal -Credential $credential -Tenant adfs -Subscription 11111111-1111-4111-8111-111111111111 -Scope Process | Out-Null
    "
  `)
})

test('with the variables of --print-env sdk the credential of the SDKs signs in as the first principal', async () => {
  const secret = 'its $secret'
  const principals = [{ name: 'dba', clientId: '55555555-5555-4555-8555-555555555555', secret, roles: [{ scope: '/', role: 'Reader' }] }]
  const here = folder({ 'principals.json': JSON.stringify(principals) })
  const { ready } = await serve(here, '--principals', 'principals.json')
  const { stdout } = await here.pglink(`sandbox --print-env sdk --port ${new URL(ready.url).port} --principals principals.json`)
  const program = `
    import { EnvironmentCredential } from '@azure/identity'
    const { token } = await new EnvironmentCredential().getToken(process.env.ARM_ENDPOINT + '/.default')
    const answer = await fetch(process.env.ARM_ENDPOINT + '${subscriptions}', { headers: { authorization: 'Bearer ' + token } })
    console.log(answer.status)`
  const said = spawnSync('sh', ['-c', `${stdout}\nexec "$NODE" --input-type=module -e "$PROGRAM"`], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE: process.execPath, PROGRAM: program }
  })
  expect([said.stdout, said.stderr]).toEqual(['200\n', ''])
})

test('the hint and the lines name the file that a client has to trust, and say when it is not there', async () => {
  const { chain, key } = await makeCertificate()
  const here = folder({ 'my cert.pem': chain, 'key.pem': key })
  const { child } = await serve(here, '--tls-cert', 'my cert.pem', '--tls-key', 'key.pem')
  let hint = ''
  for await (const text of child.stderr?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    hint += text
    if (/Other clients: .*\n/.test(hint)) break
  }
  expect(hint).toMatch(/Other clients: pglink sandbox --port \d+ --tls-cert 'my cert\.pem' --print-env az /)
  const own = await here.pglink('sandbox --print-env az --port 8443', { PGLINK_TLS_CERT: 'my cert.pem' })
  expect(own.stdout).toContain(`REQUESTS_CA_BUNDLE='${realpathSync(here.path)}/my cert.pem'`)
  const none = await here.pglink('sandbox --print-env az --port 8443 --ca-out none.pem')
  expect([none.code, none.stdout]).toEqual([1, ''])
  expect(none.stderr).toContain('There is no none.pem, which a client has to trust.')
})
