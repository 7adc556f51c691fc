import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { realClock } from '../../src/sandbox/clock.ts'
import { parseFaults } from '../../src/sandbox/faults.ts'
import { createSandbox, type LogEntry } from '../../src/sandbox/sandbox.ts'
import { type SandboxServer, startSandboxServer } from '../../src/sandbox/serve.ts'
import { group, networks } from './arm.ts'

let server: SandboxServer | undefined
const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(folder, { recursive: true, force: true })
})

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A client that trusts the authority it was given, and no other. */
const send = (ca: string, method: string, url: string, body = '', headers: Record<string, string> = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent: false, servername: 'localhost' }, async response => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
    })
    sent.on('error', reject)
    sent.end(body)
  })

test('over https: metadata, a token, and ARM at a speed that divides every wait', async () => {
  const log: LogEntry[] = []
  const clock = realClock({ speed: 20 })
  const caOut = join(folder, 'ca.pem')
  server = await startSandboxServer({ sandbox: createSandbox({ clock, log: entry => log.push(entry) }), port: 0, caOut })
  const { url, authority = '' } = server
  expect(readFileSync(caOut, 'utf8')).toBe(authority)

  const metadata = JSON.parse((await send(authority, 'GET', `${url}/metadata/endpoints?api-version=2022-09-01`)).text)
  expect(metadata).toMatchObject({
    resourceManager: url,
    authentication: { loginEndpoint: url, tenant: 'common', identityProvider: 'AAD' }
  })
  const form = `client_id=11111111-2222-4333-8444-555555555555&client_secret=x&grant_type=client_credentials&scope=${encodeURIComponent(`${url}/.default`)}`
  const token = JSON.parse((await send(authority, 'POST', `${url}/some-tenant/oauth2/v2.0/token`, form)).text)
  expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 86_399 })
  const bearer = { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' }

  expect((await send(authority, 'PUT', `${url}${group}?api-version=2025-04-01`, '{"location":"eastus2"}', bearer)).status).toBe(201)
  const body = JSON.stringify({ location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } })
  const put = await send(authority, 'PUT', `${url}${networks}/hub?api-version=2025-05-01`, body, bearer)
  expect([put.status, put.headers['retry-after']]).toEqual([201, '1'])
  const poll = `${put.headers['azure-asyncoperation']}`
  expect(poll.startsWith(`${url}/subscriptions/`)).toBe(true)
  expect(JSON.parse((await send(authority, 'GET', poll, '', bearer)).text)).toEqual({ status: 'InProgress' })
  await clock.sleep(10_000)
  expect(JSON.parse((await send(authority, 'GET', poll, '', bearer)).text)).toEqual({ status: 'Succeeded' })
  expect(log.map(one => [one.method, one.status, one.principal])).toContainEqual(['PUT', 201, '11111111-2222-4333-8444-555555555555'])
})

test('a client that does not trust the authority is not served; a name that is not loopback is turned away', async () => {
  server = await startSandboxServer({ sandbox: createSandbox(), port: 0 })
  const { url, authority = '' } = server
  await expect(send('', 'GET', url)).rejects.toThrow(/certificate/i)
  expect((await send(authority, 'GET', url, '', { host: 'evil.example' })).status).toBe(421)
})

test('a dropped connection is dropped', async () => {
  const faults = parseFaults('[{"path": "resourceGroups", "drop": "after"}]', 'faults.json')
  server = await startSandboxServer({ sandbox: createSandbox({ faults, clock: realClock() }), port: 0 })
  const { url, authority = '' } = server
  await expect(send(authority, 'PUT', `${url}${group}?api-version=2025-04-01`, '{"location":"eastus2"}')).rejects.toMatchObject({
    code: 'ECONNRESET'
  })
  expect((await send(authority, 'GET', `${url}${group}?api-version=2025-04-01`)).status).toBe(200)
})
