import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, request } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { cli, type Folder, folder } from '../support/cli.ts'
import { firstLine } from '../support/sandbox.ts'
import { network } from './topologies.ts'

interface Served {
  readonly child: ChildProcess
  /** The variables that the other shell has to export. */
  readonly env: Readonly<Record<string, string>>
  /** The line that it prints. */
  readonly ready: { readonly url: string; readonly ca?: string; readonly state: string; readonly control: string }
}

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

test('--print-env az prints what points the Azure CLI at a sandbox', async () => {
  const here = folder()
  const { stdout, code } = await here.pglink('sandbox --print-env az --port 8443 --ca-out ca.pem')
  expect(code).toBe(0)
  expect(stdout.replaceAll(here.path, '/home/me')).toMatchInlineSnapshot(`
    "# Azure CLI, signed in to the sandbox on port 8443. Only this shell is changed: its settings are in a folder of their own.
    export AZURE_CONFIG_DIR=/home/me/azure-cli-8443
    export REQUESTS_CA_BUNDLE=/home/me/ca.pem
    export AZURE_CORE_COLLECT_TELEMETRY=false
    az cloud show --name sandbox >/dev/null 2>&1 || az cloud register --name sandbox --endpoint-resource-manager https://localhost:8443 --endpoint-active-directory https://localhost:8443/adfs
    az cloud set --name sandbox 2>/dev/null
    az login --service-principal --username 00000000-0000-4000-8000-000000000001 --password sandbox --tenant 72f988bf-0000-4000-8000-2d7cd011db47 --output none
    az account set --subscription 11111111-1111-4111-8111-111111111111
    "
  `)
})

test('--print-env terraform prints what points its azurerm provider at a sandbox', async () => {
  const here = folder()
  const { stdout } = await here.pglink("sandbox --print-env terraform --port 8443 --ca-out it's.pem")
  expect(stdout.replaceAll(here.path, '/home/me')).toMatchInlineSnapshot(`
    "# Terraform's azurerm provider, pointed at the sandbox on port 8443. Run \`terraform init\` first: with SSL_CERT_FILE set, this
    # shell trusts the sandbox alone. The configuration needs nothing but: provider "azurerm" { features {} }
    export SSL_CERT_FILE='/home/me/it'\\''s.pem'
    export ARM_METADATA_HOSTNAME=localhost:8443
    export ARM_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111
    export ARM_TENANT_ID=72f988bf-0000-4000-8000-2d7cd011db47
    export ARM_CLIENT_ID=00000000-0000-4000-8000-000000000001
    export ARM_CLIENT_SECRET=sandbox
    export ARM_USE_CLI=false
    export ARM_RESOURCE_PROVIDER_REGISTRATIONS=none
    # Without this the provider waits 10 seconds before it first asks after anything.
    export GO_AZURE_SDK_SKIP_POLLING_DELAY=true
    "
  `)
})

test.each([
  ['--print-env az', 'needs --port N'],
  ['--print-env pulumi --port 8443', 'takes az or terraform']
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
  expect(said).toMatch(/skipped {2}create networks\/hub\/subnets\/endpoints: the run was interrupted/)
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

test('who has no certificate for it is told how to trust it', async () => {
  const here = folder({ 'topology.yaml': network() })
  const { env } = await serve(here)
  const { code, stderr } = await here.pglink('plan', { ...env, NODE_EXTRA_CA_CERTS: '' })
  expect(stderr).toContain('The certificate of whoever answered is not trusted: self-signed certificate')
  expect(stderr).toContain('NODE_EXTRA_CA_CERTS')
  expect(code).toBe(1)
})
