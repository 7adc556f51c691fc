import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { cli, folder } from '../support/cli.ts'
import { isThere } from '../support/required.ts'
import { ask, post, serve, subscriptions } from './serving.ts'
import { network } from './topologies.ts'

const hasOpenssl = isThere('openssl', spawnSync('openssl', ['version']).status === 0, 'Install openssl.')

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
    ['--data-plane --tls-cert cert.pem --tls-key key.pem', '--data-plane makes certificates of its own', 64],
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
