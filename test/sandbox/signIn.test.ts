import { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { expect } from 'vitest'
import { arm, type Body, ours, type Reply, type Sent, theSandbox } from './arm.ts'

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()
const asForm: Sent = { token: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
const nobody: Sent = { token: '' }

/** The claims of a token, as clients read them: without looking at its signature. */
function claimsOf(token: unknown): Body {
  const parts = String(token).split('.')
  expect(parts).toHaveLength(3)
  return JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
}

async function askToken(path: string, fields: Readonly<Record<string, string>>): Promise<Reply> {
  const { send } = await arm()
  return send('POST', path, form(fields), asForm)
}

const clientId = '33333333-3333-4333-8333-333333333333'
const secret = { client_id: clientId, client_secret: 'any', grant_type: 'client_credentials' }

ours('SIGN-01 the metadata says without a token where everything is, in the form that Terraform wants', async () => {
  const { send } = await arm()
  const { status, body } = await send('GET', '/metadata/endpoints?api-version=2022-09-01', undefined, nobody)
  const { url } = await theSandbox()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    name: expect.any(String),
    resourceManager: url,
    microsoftGraphResourceId: url,
    authentication: { loginEndpoint: url, tenant: 'common', identityProvider: 'AAD', audiences: [`${url}/`] },
    suffixes: { storage: expect.any(String), keyVaultDns: expect.any(String) }
  })
  expect(body['name']).not.toBe('AzureStackCloud')
})

ours('SIGN-02 older api-versions have a list of clouds, and still older ones the graph; both sign in as AD FS does', async () => {
  const { send } = await arm()
  const { url } = await theSandbox()
  const listed = await send('GET', '/metadata/endpoints?api-version=2020-06-01', undefined, nobody)
  expect(listed.body).toMatchObject([{ resourceManager: url, authentication: { loginEndpoint: `${url}/adfs` }, suffixes: {} }])
  const oldest = await send('GET', '/metadata/endpoints?api-version=2015-01-01', undefined, nobody)
  expect(oldest.body).toMatchObject({ graphAudience: `${url}/`, authentication: { loginEndpoint: `${url}/adfs`, audiences: [`${url}/`] } })
})

ours('SIGN-13 every form of the metadata says which estate is served and whether it throttles, and the state keeps it', async () => {
  const { send } = await arm()
  const { estate } = (await send('GET', '/_sandbox/state')).body
  expect(estate).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  for (const version of ['2022-09-01', '2020-06-01', '2015-01-01']) {
    const { body } = await send('GET', `/metadata/endpoints?api-version=${version}`, undefined, nobody)
    expect([body].flat()).toMatchObject([{ sandboxEstate: estate, sandboxThrottling: 'off' }])
  }
})

ours('SIGN-03 the OpenID configuration leads to the token endpoint of its own form', async () => {
  const { send } = await arm()
  const { url } = await theSandbox()
  for (const [path, tokens, issuer] of [
    ['/some-tenant/v2.0', '/some-tenant/oauth2/v2.0', `${url}/some-tenant/v2.0`],
    ['/some-tenant', '/some-tenant/oauth2', expect.stringContaining('https://sts.windows.net/')],
    ['/adfs', '/adfs/oauth2', `${url}/adfs`]
  ] as const) {
    const { body } = await send('GET', `${path}/.well-known/openid-configuration`, undefined, nobody)
    expect(body).toMatchObject({
      issuer,
      token_endpoint: `${url}${tokens}/token`,
      authorization_endpoint: `${url}${tokens}/authorize`,
      device_authorization_endpoint: `${url}${tokens}/devicecode`
    })
  }
})

ours.each(['/t/oauth2/v2.0/token', '/adfs/oauth2/token', '/t/oauth2/token'])(
  'SIGN-04 SIGN-05 %s gives whoever asks a token that says who it is for',
  async path => {
    const before = Math.floor(Date.now() / 1000)
    const { status, body } = await askToken(path, { ...secret, scope: 'https://management.azure.com//.default' })
    expect([status, body['token_type']]).toEqual([200, 'Bearer'])
    const claims = claimsOf(body['access_token'])
    expect(claims).toMatchObject({
      aud: 'https://management.azure.com/',
      appid: clientId,
      oid: expect.any(String),
      tid: expect.any(String)
    })
    const [from, to] = [Number(claims['iat']), Number(claims['exp'])]
    expect(from).toBeGreaterThanOrEqual(before)
    expect(to - from).toBe(Number(body['expires_in']))
    const { send } = await arm()
    expect((await send('GET', '/subscriptions', undefined, { token: String(body['access_token']) })).status).toBe(200)
  }
)

ours('SIGN-04 the older form of Entra has numbers as texts and the time at which a token ends', async () => {
  const { body } = await askToken('/t/oauth2/token', { ...secret, resource: 'https://management.azure.com/' })
  expect(body).toMatchObject({ expires_in: '86399', resource: 'https://management.azure.com/' })
  expect(body['expires_on']).toBe(String(claimsOf(body['access_token'])['exp']))
})

ours('SIGN-14 `az account get-access-token --resource-type oss-rdbms` gets a token for the databases', async () => {
  const { send } = await arm()
  // The member that azure-cli-core reads of a registered cloud (cloud.py), and the audience of the public cloud.
  const { body } = await send('GET', '/metadata/endpoints?api-version=2022-09-01', undefined, nobody)
  const audience = 'https://ossrdbms-aad.database.windows.net'
  expect(body).toMatchObject({ ossrdbmsResourceId: audience })
  for (const path of ['/t/oauth2/v2.0/token', '/adfs/oauth2/token']) {
    const token = await askToken(path, { ...secret, scope: `${audience}/.default` })
    expect([token.status, claimsOf(token.body['access_token'])['aud']]).toEqual([200, audience])
  }
  const older = await askToken('/t/oauth2/token', { ...secret, resource: audience })
  expect([older.body['resource'], claimsOf(older.body['access_token'])['aud']]).toEqual([audience, audience])
})

ours('SIGN-06 a person gets a token with a password, and the next one without', async () => {
  const person = { client_id: clientId, scope: 'openid offline_access https://localhost//.default' }
  const first = await askToken('/adfs/oauth2/token', { ...person, grant_type: 'password', username: 'ann@sandbox.local', password: 'x' })
  expect(claimsOf(first.body['id_token'])).toMatchObject({ upn: 'ann@sandbox.local', tid: expect.any(String), aud: clientId })
  expect(claimsOf(first.body['access_token'])).toMatchObject({ aud: 'https://localhost/' })
  expect(JSON.parse(Buffer.from(String(first.body['client_info']), 'base64url').toString())).toMatchObject({ uid: 'ann@sandbox.local' })
  const next = await askToken('/t/oauth2/v2.0/token', {
    ...person,
    grant_type: 'refresh_token',
    refresh_token: String(first.body['refresh_token'])
  })
  expect(claimsOf(next.body['id_token'])).toMatchObject({ upn: 'ann@sandbox.local' })
  const forged = await askToken('/t/oauth2/v2.0/token', { ...person, grant_type: 'refresh_token', refresh_token: 'none' })
  expect([forged.status, forged.body['error']]).toEqual([400, 'invalid_grant'])
})

ours.each(['/t/oauth2/v2.0', '/adfs/oauth2'])('SIGN-07 at %s a device code is good at once', async path => {
  const begun = await askToken(`${path}/devicecode`, { client_id: clientId, scope: 'openid' })
  expect(begun.body).toMatchObject({ user_code: expect.any(String), verification_uri: expect.any(String), interval: 1 })
  const { body } = await askToken(`${path}/token`, {
    client_id: clientId,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(begun.body['device_code'])
  })
  expect(body).toMatchObject({ access_token: expect.any(String), id_token: expect.any(String), refresh_token: expect.any(String) })
})

ours('SIGN-08 a machine gets a token from the App Service endpoint and from the metadata service, each asked in its way', async () => {
  const { send } = await arm()
  const ask = (path: string, headers: Readonly<Record<string, string>>) =>
    send('GET', `${path}&resource=https://management.azure.com/`, undefined, { token: '', headers })
  const service = '/msi/token?api-version=2019-08-01'
  const metadata = '/metadata/identity/oauth2/token?api-version=2018-02-01'
  for (const { status, body } of [
    await ask(service, { 'x-identity-header': 'x', metadata: 'true' }),
    await ask(metadata, { metadata: 'true' }),
    // Terraform asks whatever endpoint it is given as it would ask the metadata service.
    await ask('/msi/token?api-version=2018-02-01', { metadata: 'true' })
  ]) {
    expect([status, body['token_type'], body['resource']]).toEqual([200, 'Bearer', 'https://management.azure.com/'])
    expect(body['expires_on']).toBe(String(claimsOf(body['access_token'])['exp']))
    expect(claimsOf(body['access_token'])).toMatchObject({ tid: expect.any(String), oid: expect.any(String) })
  }
  const named = await ask(`${metadata}&client_id=${clientId}`, { metadata: 'true' })
  expect(claimsOf(named.body['access_token'])).toMatchObject({ appid: clientId })
  expect((await ask(service, {})).status).toBe(401)
  expect((await ask(metadata, {})).body).toMatchObject({ error: 'invalid_request' })
  expect((await send('GET', metadata, undefined, { token: '', headers: { metadata: 'true' } })).status).toBe(400)
})

ours('SIGN-12 where principals are configured a machine is the first of them, or the one it names', async () => {
  const principals = [clientId, '99999999-9999-4999-8999-999999999999'].map((id, index) => ({ name: `p${index}`, clientId: id, roles: [] }))
  const { send } = await arm({ principals })
  const ask = (more = '') =>
    send('GET', `/msi/token?api-version=2019-08-01&resource=x${more}`, undefined, { token: '', headers: { 'x-identity-header': 'x' } })
  expect(claimsOf((await ask()).body['access_token'])).toMatchObject({ appid: clientId })
  const named = await ask(`&client_id=${principals[1]?.clientId}`)
  expect(claimsOf(named.body['access_token'])).toMatchObject({ appid: principals[1]?.clientId })
  expect((await ask('&client_id=00000000-0000-4000-8000-000000000000')).status).toBe(400)
})

ours('SIGN-09 a token is good for as long as the switch says, usually so long that Terraform keeps it', async () => {
  const usual = await askToken('/t/oauth2/v2.0/token', secret)
  expect(Number(usual.body['expires_in'])).toBeGreaterThan(1200)
  const { send } = await arm({ behaviours: { tokenLifetimeSeconds: 300 } })
  const { body } = await send('POST', '/t/oauth2/v2.0/token', form(secret), asForm)
  const { iat, exp } = claimsOf(body['access_token'])
  expect([body['expires_in'], Number(exp) - Number(iat)]).toEqual([300, 300])
})

ours('SIGN-10 what is no request for a token is refused with the numbers of Entra', async () => {
  const without = await askToken('/t/oauth2/v2.0/token', { grant_type: 'client_credentials' })
  expect(without.body).toMatchObject({ error: 'invalid_request', error_codes: [900144] })
  const unknown = await askToken('/t/oauth2/v2.0/token', { ...secret, grant_type: 'guess' })
  expect(unknown.status).toBe(400)
  expect(unknown.body).toMatchObject({ error: 'unsupported_grant_type', error_codes: [70003] })
})

ours('SIGN-11 the certificate is elliptic, for localhost and the loopback addresses, from an authority of its own', async () => {
  const { url, ca } = await theSandbox()
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened: TLSSocket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), servername: 'localhost', ca }, () =>
      resolve(opened)
    )
    opened.on('error', reject)
  })
  const certificate = new X509Certificate(socket.getPeerCertificate().raw)
  socket.destroy()
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
  const authority = new X509Certificate(ca)
  expect([authority.ca, certificate.ca, certificate.verify(authority.publicKey)]).toEqual([true, false, true])
})
