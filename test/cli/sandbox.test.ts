import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, realpathSync, symlinkSync } from 'node:fs'
import { get, request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { cli, type Folder, folder } from '../support/cli.ts'
import { isThere } from '../support/required.ts'
import { firstLine } from '../support/sandbox.ts'
import { network } from './topologies.ts'

interface Served {
  readonly child: ChildProcess
  /** The variables that the other shell has to export. */
  readonly env: Readonly<Record<string, string>>
  /** The line that it prints. */
  readonly ready: { readonly url: string; readonly ca?: string; readonly state: string; readonly control: string }
}

const hasOpenssl = isThere('openssl', spawnSync('openssl', ['version']).status === 0, 'Install openssl.')

async function serve(here: Folder, ...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [cli, 'sandbox', ...args], { cwd: here.path, env: { PATH: process.env['PATH'] ?? '' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ready = JSON.parse(await firstLine(child.stdout))
  const { url, ca } = ready
  return { child, ready, env: { NODE_EXTRA_CA_CERTS: ca, PGLINK_ARM_ENDPOINT: url, ARM_TOKEN: 'sandbox' } }
}

/** The status and the JSON of an answer, from whoever the certificate is trusted of. */
const ask = (url: string, ca: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly [number, unknown]> =>
  new Promise((resolve, reject) => {
    const sent = get(url, { ca, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve([response.statusCode ?? 0, JSON.parse(text)]))
    })
    sent.on('error', reject)
  })

const post = (url: string, ca: string, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca, agent: false }, response => response.resume().on('end', () => resolve()))
    sent.on('error', reject)
    sent.end(body)
  })

const subscriptions = '/subscriptions?api-version=2022-12-01'

test('the folder of the certificate is made, wherever the state lies', async () => {
  const here = folder()
  const { ready } = await serve(here, '--port', '0', '--state', 'estate.json')
  expect(ready.ca).toBe(join(realpathSync(here.path), '.pglink/sandbox-ca.pem'))
  const named = folder()
  expect((await serve(named, '--port', '0', '--ca-out', 'certificates/here/ca.pem', '--state', 'estate.json')).ready.ca).toBeDefined()
})

test('it says in one line of JSON how to reach it, and ends on SIGTERM with what it has saved', async () => {
  const here = folder()
  const { child, ready } = await serve(here, '--port', '0', '--ca-out', 'trusted.pem', '--state', 'estate.json')
  expect(ready).toEqual({
    url: expect.stringMatching(/^https:\/\/localhost:\d+$/),
    ca: `${here.path}/trusted.pem`,
    state: `${here.path}/estate.json`,
    control: `${ready.url}/_sandbox/`
  })
  expect(await ask(`${ready.url}${subscriptions}`, here.read('trusted.pem'))).toMatchObject([200, { value: [{ state: 'Enabled' }] }])
  const seed = JSON.stringify({ '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg': { location: 'eastus2' } })
  await post(`${ready.url}/_sandbox/seed`, here.read('trusted.pem'), seed)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(here.read('estate.json')).toContain('/resourceGroups/rg')
})

test('a certificate of one’s own takes the place of the one that is made', async () => {
  const { chain, key, authority } = await makeCertificate()
  const here = folder({ 'cert.pem': chain, 'key.pem': key, 'other.pem': (await makeCertificate()).key })
  const { ready } = await serve(here, '--tls-cert', 'cert.pem', '--tls-key', 'key.pem')
  expect(ready).not.toHaveProperty('ca')
  expect((await ask(`${ready.url}${subscriptions}`, authority))[0]).toBe(200)
  for (const [args, says, exit] of [
    ['--tls-cert cert.pem', '--tls-cert and --tls-key go together', 64],
    ['--tls-key key.pem', '--tls-cert and --tls-key go together', 64],
    ['--tls-cert cert.pem --tls-key key.pem --ca-out ca.pem', 'not together with --tls-cert', 64],
    ['--tls-cert cert.pem --tls-key other.pem', 'cannot use cert.pem with other.pem', 1],
    ['--tls-cert none.pem --tls-key key.pem', '--tls-cert none.pem cannot be read', 1]
  ] as const) {
    const { code, stderr } = await here.pglink(`sandbox ${args}`)
    expect([args, code]).toEqual([args, exit])
    expect(stderr).toContain(says)
  }
})

test('files say how it behaves and who may ask', async () => {
  const here = folder({
    'behaviours.json': '{"subscriptions": ["44444444-4444-4444-8444-444444444444"]}',
    'principals.json':
      '[{"name": "reader", "clientId": "55555555-5555-4555-8555-555555555555", "roles": [{"scope": "/", "role": "Reader"}]}]'
  })
  const open = await serve(here, '--behaviours', 'behaviours.json', '--throttle')
  const ca = here.read('.pglink/sandbox-ca.pem')
  expect((await ask(`${open.ready.url}${subscriptions}`, ca))[1]).toMatchObject({
    value: [{ subscriptionId: expect.stringMatching(/^4444/) }]
  })
  expect(await ask(`${open.ready.url}/_sandbox/behaviours`, ca)).toMatchObject([200, { throttling: 'arm' }])
  open.child.kill('SIGTERM')
  await once(open.child, 'exit')
  const closed = await serve(here, '--principals', 'principals.json')
  const answer = await ask(`${closed.ready.url}${subscriptions}`, here.read('.pglink/sandbox-ca.pem'))
  expect(answer).toMatchObject([401, { error: { code: 'AuthenticationFailed' } }])
})

test.each([
  ['--behaviours', '{"lockSettleMs": "long"}', 'lockSettleMs'],
  ['--behaviours', '{', 'wrong.json'],
  ['--principals', '[{"name": "nobody"}]', 'clientId']
])('%s with %s is refused by the name of what is wrong', async (flag, text, says) => {
  const { code, stderr } = await folder({ 'wrong.json': text }).pglink(`sandbox ${flag} wrong.json`)
  expect(stderr).toContain('wrong.json')
  expect(stderr).toContain(says)
  expect(code).toBe(1)
})

test.skipIf(!hasOpenssl)('its certificate passes the strict verification of RFC 5280', async () => {
  const { ready } = await serve(folder(), '--ca-out', 'ca.pem')
  const { hostname, port } = new URL(ready.url)
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const leaf = socket.getPeerX509Certificate()?.toString() ?? ''
  socket.destroy()
  const verified = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', ready.ca ?? ''], { input: leaf, encoding: 'utf8' })
  expect([verified.stdout, verified.stderr]).toEqual(['stdin: OK\n', ''])
})

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

test.each([
  ['--print-env az', 'needs --port N'],
  ['--print-env pulumi --port 8443', 'takes az, terraform, sdk, powershell']
])('sandbox %s is wrong usage', async (args, says) => {
  const { code, stderr, stdout } = await folder().pglink(`sandbox ${args}`)
  expect(stderr).toContain(says)
  expect([code, stdout]).toEqual([64, ''])
})

test('a sandbox that is served takes an apply from another process, and an interrupt ends both in order', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { child, env } = await serve(here, '--speed', '20')
  const applying = spawn(process.execPath, [cli, 'apply', '--auto-approve'], {
    cwd: here.path,
    env: { PATH: process.env['PATH'] ?? '', AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111', ...env }
  })
  let said = ''
  applying.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!said.includes('networks/hub: Creating...') && `${said}${text}`.includes('networks/hub: Creating...')) applying.kill('SIGINT')
    said += text
  })
  const [code] = await once(applying, 'exit')
  expect(said).toMatch(/networks\/hub: Creation complete after/)
  expect(said).toMatch(/skipped {2}create {2}networks\/hub\/subnets\/endpoints: the run was interrupted/)
  expect(said).toContain('Interrupted. Resources: 3 added, 0 changed, 0 destroyed.')
  expect(code).toBe(130)

  const rest = await here.pglink('apply --auto-approve', env)
  expect(rest.stdout).toContain('Apply complete! Resources: 2 added, 0 changed, 0 destroyed.')
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  const after = await here.pglink('plan --sandbox')
  expect(after.stdout).toContain('No changes.')
})

test('a client without a certificate for it is told how to trust it', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { env } = await serve(here)
  const { code, stderr } = await here.pglink('plan', { ...env, NODE_EXTRA_CA_CERTS: '' })
  expect(stderr).toContain('The certificate of whoever answered is not trusted: self-signed certificate')
  expect(stderr).toContain('NODE_EXTRA_CA_CERTS')
  expect(code).toBe(1)
})
