import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { type Request, requestsIn } from '../examples/example.ts'
import { type FakeOidc, startFakeOidc } from '../github/fakeOidc.ts'
import { type Job, type Runner, runner } from '../support/runner.ts'
import { estate, subscription } from './estate.ts'
import { exampleOf } from './github.ts'

const clientId = '22222222-2222-4222-8222-222222222222'
const lockClientId = '44444444-4444-4444-8444-444444444444'
const tenantId = '33333333-3333-4333-8333-333333333333'
const asJob = { 'client-id': clientId, 'tenant-id': tenantId }
const seed: object = JSON.parse(exampleOf('locked', 'sandbox.json'))

async function oidc(subject = 'environment:prod'): Promise<FakeOidc> {
  const fake = await startFakeOidc({ subject })
  onTestFinished(() => fake.close())
  return fake
}

const proving = ({ requestUrl, requestToken }: FakeOidc): Readonly<Record<string, string>> => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken
})

function jobWith(job: Job): Runner {
  const made = runner(job)
  made.write('topology.yaml', exampleOf('locked', 'topology.yaml'))
  return made
}

test('signs in as the job, for locks as another, with ID tokens for Entra that no log shows; the post step with some of its own', async () => {
  const log = join(runner().temp, 'requests.ndjson')
  const azure = await estate({ seed, args: ['--log', log] })
  const fake = await oidc()
  const { NODE_EXTRA_CA_CERTS = '' } = azure.env
  const job = jobWith({ env: { NODE_EXTRA_CA_CERTS, ...proving(fake) } })
  const applied = await job.run({ command: 'apply', 'auto-approve': 'true', ...azure.inputs, ...asJob, 'lock-client-id': lockClientId })
  expect(applied.code, applied.log).toBe(0)
  const requests = requestsIn(log) as (Request & { readonly principal?: string })[]
  const writers = (ofLocks: boolean) =>
    new Set(
      requests.flatMap(({ method, path, principal }) => (method !== 'GET' && path.includes('/locks/') === ofLocks ? [principal] : []))
    )
  expect([writers(true), writers(false)]).toEqual([new Set([lockClientId]), new Set([clientId])])
  const inMain = fake.minted.length
  expect(inMain).toBeGreaterThan(0)
  expect(fake.minted.every(({ audience }) => audience === 'api://AzureADTokenExchange')).toBe(true)
  for (const { token } of fake.minted) {
    expect(applied.commands).toContainEqual({ name: 'add-mask', properties: {}, message: token })
    expect(applied.log).not.toContain(token)
  }
  const post = await job.post()
  expect(post.code, post.log).toBe(0)
  expect(fake.minted.length).toBeGreaterThan(inMain)
  expect(new Set(fake.minted.map(({ token }) => token)).size).toBe(fake.minted.length)
})

test('asks for another ID token whenever the one for Azure runs out', async () => {
  const behaviours = join(runner().temp, 'behaviours.json')
  // Renewed two minutes before its end: a second after it was given.
  writeFileSync(behaviours, JSON.stringify({ tokenLifetimeSeconds: 121 }))
  const lifted = Object.fromEntries(Object.entries(seed).filter(([id]) => !id.includes('/locks/')))
  const azure = await estate({ seed: lifted, speed: 10, args: ['--behaviours', behaviours] })
  const fake = await oidc()
  const { NODE_EXTRA_CA_CERTS = '' } = azure.env
  const job = jobWith({ env: { NODE_EXTRA_CA_CERTS, ...proving(fake) } })
  const applied = await job.run({ command: 'apply', 'auto-approve': 'true', ...azure.inputs, ...asJob })
  expect(applied.code, applied.log).toBe(0)
  // One for the whole run is what a login that lasts needs; the endpoint alone takes four seconds here.
  expect(fake.minted.length).toBeGreaterThan(2)
})

test('without the permission it says which', async () => {
  const azure = await estate({ seed })
  const { NODE_EXTRA_CA_CERTS = '' } = azure.env
  const refused = await jobWith({ env: { NODE_EXTRA_CA_CERTS } }).run({ command: 'plan', ...azure.inputs, ...asJob })
  expect(refused.code).toBe(1)
  expect(refused.commands.at(-1)?.message).toBe('GitHub gave no ID token to sign in with. Give the job permissions: { id-token: write }.')
})

test('client-id without tenant-id is refused', async () => {
  const refused = await jobWith({}).run({ command: 'plan', 'client-id': clientId })
  expect([refused.code, refused.commands.at(-1)?.message]).toEqual([1, 'The inputs client-id and tenant-id go together: one is missing.'])
})

/** Entra, as far as it refuses: the texts are those that people have reported. */
async function refusingEntra(description: string, code: number): Promise<Readonly<Record<string, string>>> {
  const { chain, key, authority } = await makeCertificate()
  const server = createServer({ cert: chain, key }, (request, response) => {
    const origin = `https://${request.headers.host}`
    response.setHeader('content-type', 'application/json')
    if (request.url?.includes('openid-configuration')) {
      const endpoint = `${origin}/${tenantId}/oauth2/v2.0`
      response.end(
        JSON.stringify({
          token_endpoint: `${endpoint}/token`,
          authorization_endpoint: `${endpoint}/authorize`,
          issuer: `${origin}/${tenantId}/v2.0`,
          jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`
        })
      )
      return
    }
    response.statusCode = 400
    const text = `${description} Trace ID: 8335980a Correlation ID: c3a1f4bb Timestamp: 2026-01-05 08:00:00Z`
    response.end(JSON.stringify({ error: 'invalid_client', error_description: text, error_codes: [code] }))
  })
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const caFile = join(runner().temp, 'ca.pem')
  writeFileSync(caFile, authority)
  return { url: `https://localhost:${typeof address === 'object' ? address?.port : 0}`, caFile }
}

const subject = 'repo:acme/estate:environment:prod'

test.each([
  [700213, `AADSTS700213: No matching federated identity record found for presented assertion subject '${subject}'.`],
  [70021, `AADSTS70021: No matching federated identity record found for presented assertion. Assertion Subject: '${subject}'.`],
  [
    7002138,
    'AADSTS7002138: No matching federated identity record found. The subject matches with case-insensitive comparison, but not with case-sensitive comparison.'
  ]
])('AADSTS%i names the subject that is missing, and the command that adds it', async (code, description) => {
  const { url = '', caFile = '' } = await refusingEntra(description, code)
  const fake = await oidc()
  const job = jobWith({ env: { NODE_EXTRA_CA_CERTS: caFile, ...proving(fake) } })
  const refused = await job.run({ command: 'plan', 'arm-endpoint': url, 'subscription-id': subscription, ...asJob })
  expect(refused.code).toBe(1)
  expect(refused.commands.at(-1)).toMatchObject({
    name: 'error',
    message: `Azure does not trust this job: ${clientId} has no federated credential for the subject ${subject}`
  })
  expect(refused.log).toContain(
    `az ad app federated-credential create --id ${clientId} --parameters '{"name":"github-repo-acme-estate-environment-prod",`
  )
  expect(refused.log).toContain(`"subject":"${subject}","audiences":["api://AzureADTokenExchange"]}'`)
  expect(refused.log).toContain('az identity federated-credential create')
  expect(refused.log).not.toContain('Trace ID')
})

test('an application that there is not', async () => {
  const { url = '', caFile = '' } = await refusingEntra(
    `AADSTS700016: Application with identifier '${clientId}' was not found in the directory.`,
    700016
  )
  const fake = await oidc()
  const job = jobWith({ env: { NODE_EXTRA_CA_CERTS: caFile, ...proving(fake) } })
  const refused = await job.run({ command: 'plan', 'arm-endpoint': url, 'subscription-id': subscription, ...asJob })
  expect(refused.commands.at(-1)?.message).toBe(
    `There is no application ${clientId} in the tenant ${tenantId}: look at client-id and tenant-id.`
  )
})

test.each([
  ['a minute', 60, true],
  ['a day', 86_400, false]
])('a login that nothing renews and that is good for %s: warned of is %s', async (_, seconds, warned) => {
  const azure = await estate({ seed })
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ typ: 'JWT', alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1_000) + seconds, appid: clientId })}.x`
  const job = jobWith({ env: { ...azure.env, ARM_TOKEN: token } })
  const planned = await job.run({ command: 'plan', ...azure.inputs })
  expect(planned.code, planned.log).toBe(0)
  job.write('plan.json', readFileSync(planned.outputs['plan-file'] ?? '', 'utf8'))
  // Told before anything else, so that what is refused afterwards tells it as well.
  job.write('topology.yaml', exampleOf('locked', 'topology.yaml').replace('location: eastus2', 'location: westus2'))
  const applied = await job.run({ command: 'apply', ...azure.inputs, 'plan-file': 'plan.json', 'auto-approve': 'true' })
  expect(applied.code, applied.log).toBe(5)
  for (const { commands } of [planned, applied]) {
    const warnings = commands.filter(({ name, message }) => name === 'warning' && /the login is good for/.test(message))
    expect(warnings.map(({ message }) => /takes about \d+ min.*client-id and tenant-id/.test(message))).toEqual(warned ? [true] : [])
  }
})
