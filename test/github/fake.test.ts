import { describe, expect, test } from 'vitest'
import type { FakeGitHub } from './fake.ts'
import { clientOf, withFake } from './fakeClient.ts'
import { startFakeOidc } from './fakeOidc.ts'
import { actionsToken, addComment, mallory, openPull } from './fakeStore.ts'

let fake: FakeGitHub
withFake(one => {
  fake = one
})

describe('the fake itself', () => {
  test('gives pages, whose links alone lead on', async () => {
    const number = openPull(fake.store, { sha: 'a' })
    for (let count = 0; count < 95; count += 1) addComment(fake.store, number, mallory, `${count}`)
    const first = await fetch(`${fake.apiUrl}/repos/acme/estate/issues/1/comments`, {
      headers: { authorization: `token ${actionsToken.token}` }
    })
    expect(await first.json()).toHaveLength(30)
    expect(first.headers.get('link')).toMatch(/<http:\/\/127\.0\.0\.1:\d+\/repositories\/7001\/issues\/1\/comments\?page=2>; rel="next"/)
    const all = await clientOf(fake).octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      owner: fake.owner,
      repo: fake.repo,
      issue_number: 1,
      per_page: 40
    })
    expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 95 }, (_, index) => `${index}`))
  })

  test('refuses what is no JSON, no route and no known field', async () => {
    const headers = { authorization: `Bearer ${actionsToken.token}` }
    openPull(fake.store, { sha: 'a' })
    const broken = await fetch(`${fake.apiUrl}/repos/acme/estate/issues/1/comments`, { method: 'POST', headers, body: '{' })
    expect(broken.status).toBe(400)
    expect((await fetch(`${fake.apiUrl}/repos/acme/other/issues`, { headers })).status).toBe(404)
    const answer = await fetch(fake.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query: '{ viewer { email } }' }) })
    expect(await answer.json()).toMatchObject({ errors: [{ type: 'undefinedField' }] })
  })

  test('gives ID tokens to who has the request token, a new one each time', async () => {
    const oidc = await startFakeOidc({ subject: 'environment:prod' })
    const ask = async (token: string) =>
      fetch(`${oidc.requestUrl}&audience=${encodeURIComponent('api://AzureADTokenExchange')}`, {
        headers: { authorization: `Bearer ${token}` }
      })
    expect((await ask('other')).status).toBe(401)
    const values = [await (await ask(oidc.requestToken)).json(), await (await ask(oidc.requestToken)).json()] as { value: string }[]
    const claims = values.map(
      ({ value }) => JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
    )
    expect(claims[0]).toMatchObject({ sub: 'repo:acme/estate:environment:prod', aud: 'api://AzureADTokenExchange' })
    expect(claims[0]?.['jti']).not.toBe(claims[1]?.['jti'])
    expect([oidc.minted.length, oidc.refused]).toEqual([2, 1])
    await oidc.close()
  })
})
