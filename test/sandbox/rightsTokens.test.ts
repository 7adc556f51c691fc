import { describe, expect } from 'vitest'
import { arm, armWithGroup, group, ours, subscription } from './arm.ts'
import { clientId, everywhere, formOf, objectId, office, said, somebody, tenant, words } from './principals.ts'

const ann = somebody(1, 'ann', { scope: everywhere, role: 'Reader' })

const jwt = (claims: object): string =>
  [{ typ: 'JWT', alg: 'HS256' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')

describe('without principals', () => {
  ours('RIGHT-01 whoever asks is Owner of everything, with a token or without', async () => {
    const { send } = await armWithGroup()
    for (const token of ['', 'anything', `${jwt({ oid: objectId(7) })}.x`]) {
      expect(await send('DELETE', `${group}/providers/Microsoft.Authorization/locks/none`, undefined, { token })).toMatchObject({
        status: 204
      })
      const own = await send('GET', `${group}/providers/Microsoft.Authorization/permissions`, undefined, { token })
      expect(own.body).toEqual({ value: [{ actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }] })
    }
  })
})

describe('a token', () => {
  ours('RIGHT-02 that is missing is 401, and the answer says where to get one', async () => {
    const { send } = await office([ann])
    const answer = await send('GET', group, undefined, { token: '' })
    expect([...said(answer), words(answer)]).toEqual([
      401,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing."
    ])
    expect(answer.headers.get('x-ms-failure-cause')).toBe('gateway')
    expect(answer.headers.get('www-authenticate')).toMatch(
      new RegExp(
        `^Bearer authorization_uri="https://[^"]+/${tenant}", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."$`
      )
    )
  })

  ours('RIGHT-02 is asked for before anything else, even for an address that is none', async () => {
    const { send } = await office([ann])
    expect(said(await send('GET', '/nowhere', undefined, { token: '', apiVersion: '1' }))).toEqual([401, 'AuthenticationFailed'])
  })

  ours('RIGHT-03 in a header of another form is 401', async () => {
    const { send } = await office([ann])
    const answer = await send('GET', group, undefined, { token: '', headers: { authorization: 'Basic YW5uOmFubg==' } })
    expect([...said(answer), words(answer)]).toEqual([
      401,
      'AuthenticationFailedInvalidHeader',
      "Authentication failed. The 'Authorization' header is provided in an invalid format."
    ])
  })

  ours('RIGHT-04 of nobody known, or that nobody signed, is 401', async () => {
    const { send } = await office([ann])
    const forged = `${jwt({ oid: objectId(1), appid: clientId(1), exp: 4_000_000_000 })}.c2lnbmVk`
    for (const token of ['sandbox', forged]) {
      const answer = await send('GET', group, undefined, { token })
      expect([...said(answer), words(answer)]).toEqual([401, 'InvalidAuthenticationToken', 'The access token is invalid.'])
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token", error_description="The access token is invalid."')
    }
  })

  ours('RIGHT-05 that has run out is 401 with both times, also where nobody is configured', async () => {
    const { send } = await arm()
    const token = `${jwt({ oid: objectId(1), exp: Date.UTC(2023, 2, 21, 12, 4, 6) / 1000 })}.x`
    const answer = await send('GET', subscription, undefined, { token })
    expect(said(answer)).toEqual([401, 'ExpiredAuthenticationToken'])
    expect(words(answer)).toMatch(
      /^The access token expiry UTC time '3\/21\/2023 12:04:06 PM' is earlier than current UTC time '\d+\/\d+\/\d{4} \d+:\d\d:\d\d [AP]M'\.$/
    )
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })
})

describe('the token endpoint', () => {
  ours('RIGHT-06 refuses a secret that is wrong or missing', async () => {
    const { signIn } = await office([ann])
    const { client_secret: _left, ...without } = formOf(ann)
    for (const form of [{ ...formOf(ann), client_secret: 'guessed' }, without]) {
      const { status, body } = await signIn(form)
      expect([status, body['error'], body['error_codes']]).toEqual([401, 'invalid_client', [7_000_215]])
      expect(body['error_description']).toMatch(
        new RegExp(
          `^AADSTS7000215: Invalid client secret provided. Ensure the secret .* for a secret added to app '${clientId(1)}'. Trace ID: `
        )
      )
      expect(body).toMatchObject({ trace_id: expect.any(String), correlation_id: expect.any(String), timestamp: expect.any(String) })
    }
  })

  ours('RIGHT-07 refuses a client that nobody knows', async () => {
    const { signIn } = await office([ann])
    const { status, body } = await signIn({ ...formOf(ann), client_id: clientId(5) })
    expect([status, body['error'], body['error_codes']]).toEqual([400, 'unauthorized_client', [700_016]])
    expect(body['error_description']).toContain(
      `AADSTS700016: Application with identifier '${clientId(5)}' was not found in the directory '${tenant}'.`
    )
  })

  ours('RIGHT-08 gives a token that says who it is for and how long it is good', async () => {
    const { signIn } = await office([ann])
    const token = String((await signIn(formOf(ann))).body['access_token'])
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ appid: clientId(1), oid: objectId(1), tid: tenant, aud: 'https://management.azure.com' })
    expect([claims.exp - claims.iat, claims.nbf]).toEqual([86_399, claims.iat])
    expect(Math.abs(claims.iat - Date.now() / 1000)).toBeLessThan(30)
  })

  ours('RIGHT-08 takes the client id for the object id, and any secret, where none is given', async () => {
    const { secret: _any, objectId: _same, ...short } = ann
    const { control, signIn, send } = await office([ann])
    await control('PUT', 'principals', [{ ...short, roles: [{ scope: everywhere, role: 'Reader' }] }])
    const token = String((await signIn({ ...formOf(ann), client_secret: 'whatever' })).body['access_token'])
    expect((await send('GET', group, undefined, { token })).status).toBe(200)
    const refused = await send('DELETE', group, undefined, { token })
    expect(words(refused)).toContain(`The client '${clientId(1)}' with object id '${clientId(1)}' does not have`)
  })

  ours('RIGHT-09 gives tokens that are good for as long as the switch says', async () => {
    const { as, control } = await office([ann])
    await control('PATCH', 'behaviours', { tokenLifetimeSeconds: 0 })
    expect(said(await (await as(ann)).send('GET', group))).toEqual([401, 'ExpiredAuthenticationToken'])
  })
})

describe('the principals', () => {
  ours('RIGHT-62 are managed identities too, by their client id', async () => {
    const { send } = await office([ann])
    const identity = `/metadata/identity/oauth2/token?resource=https://management.azure.com&client_id=${clientId(1)}`
    const answer = await send('GET', identity, undefined, { token: '', headers: { metadata: 'true' } })
    const token = String(answer.body['access_token'])
    expect((await send('GET', group, undefined, { token })).status).toBe(200)
    expect(words(await send('DELETE', group, undefined, { token }))).toContain(`with object id '${objectId(1)}'`)
  })

  ours('RIGHT-60 are set and read at /_sandbox/principals, their secrets never', async () => {
    const { control, send } = await office([ann])
    const custom = { scope: '/', actions: ['*/read'], notActions: ['Microsoft.Network/*'] }
    await control('PUT', 'principals', [{ name: 'bob', clientId: clientId(2), secret: 'hidden', roles: [custom] }])
    expect(await control('GET', 'principals')).toEqual([{ name: 'bob', clientId: clientId(2), objectId: clientId(2), roles: [custom] }])
    await control('PUT', 'principals', [])
    expect((await send('GET', group)).status).toBe(200)
  })

  ours.each([
    [{}, 'must be an array'],
    [['ann'], 'principal 1: must be an object'],
    [[{ name: 'ann', roles: [] }], 'principal 1: "clientId" must be a text'],
    [[{ name: 'ann', clientId: 'a', roles: {} }], '"roles" must be an array'],
    [[{ name: 'ann', clientId: 'a', password: 'x', roles: [] }], 'unknown member "password"'],
    [
      [{ name: 'ann', clientId: 'a', roles: [{ scope: '/', role: 'King' }] }],
      'role 1: there is no role "King"; there are Owner, Contributor'
    ],
    [[{ name: 'ann', clientId: 'a', roles: [{ scope: 'rg-net', role: 'Owner' }] }], '"scope" must be "/" or begin with /subscriptions/'],
    [[{ name: 'ann', clientId: 'a', roles: [{ scope: '/', role: 'Owner', actions: [] }] }], 'either "role" or "actions", not both'],
    [[{ name: 'ann', clientId: 'a', roles: [{ scope: '/', actions: [1] }] }], '"actions" must be an array of texts'],
    [
      [
        { name: 'ann', clientId: 'a', roles: [] },
        { name: 'bob', clientId: 'A', roles: [] }
      ],
      '"ann" and "bob" have the same "clientId"'
    ]
  ])('RIGHT-61 are refused with the entry and the member that is wrong, and stay: %j', async (list, why) => {
    const { control } = await office([ann])
    await expect(control('PUT', 'principals', list)).rejects.toThrow(why.replaceAll('"', '\\"'))
    expect(JSON.stringify(await control('GET', 'principals'))).toContain(clientId(1))
  })
})
