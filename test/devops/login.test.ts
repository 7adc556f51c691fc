import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { estate } from '../action/estate.ts'
import { exampleOf } from '../action/github.ts'
import { folder, type Ran } from '../support/cli.ts'
import { token } from './fake.ts'

const [connection, client, tenant] = ['4', '5', '6'].map(digit => `${digit.repeat(8)}-0000-4000-8000-000000000000`)
const jwt = ['{"alg":"none"}', '{"sub":"sc://org/estate/azure"}', ''].map(part => Buffer.from(part).toString('base64url')).join('.')

interface Asked {
  readonly ended: Ran
  readonly asked: readonly string[]
}

/** A plan in a job of Azure Pipelines, whose service gives ID tokens as @azure/identity asks for them; another one gets none. */
async function planned(bearer: string, command = 'plan'): Promise<Asked> {
  const azure = await estate({ seed: JSON.parse(exampleOf('locked', 'sandbox.json')) })
  const { chain, key, authority } = await makeCertificate()
  const asked: string[] = []
  const service = createServer({ cert: chain, key }, ({ method, url, headers }, response) => {
    asked.push(`${method} ${url} ${headers.authorization}`)
    response.setHeader('content-type', 'application/json')
    response.end(headers.authorization === `Bearer ${token}` ? JSON.stringify({ oidcToken: jwt }) : '{"message":"no"}')
  })
  await new Promise<void>(resolve => service.listen(0, 'localhost', resolve))
  onTestFinished(() => void service.close())
  const here = folder({ 'topology.yaml': exampleOf('locked', 'topology.yaml') })
  const ca = join(here.path, 'ca.pem')
  writeFileSync(ca, `${azure.served.ca}\n${authority}`)
  // The package reads this one of the process itself.
  const uri = `https://localhost:${(service.address() as AddressInfo).port}/oidc`
  vi.stubEnv('SYSTEM_OIDCREQUESTURI', uri)
  onTestFinished(() => void vi.unstubAllEnvs())
  const ended = await here.pglink(`${command} --arm-endpoint ${azure.inputs['arm-endpoint']}`, {
    NODE_EXTRA_CA_CERTS: ca,
    TF_BUILD: 'True',
    SYSTEM_OIDCREQUESTURI: uri,
    SYSTEM_ACCESSTOKEN: bearer,
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: connection ?? '',
    AZURESUBSCRIPTION_CLIENT_ID: client ?? '',
    AZURESUBSCRIPTION_TENANT_ID: tenant ?? ''
  })
  return { ended, asked }
}

test('a job of Azure Pipelines signs in through its service connection', async () => {
  const { ended, asked } = await planned(token)
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Plan:') })
  expect(new Set(asked)).toEqual(new Set([`POST /oidc?api-version=7.1&serviceConnectionId=${connection} Bearer ${token}`]))
})

test('it signs in for locks through the same service connection, as another identity', async () => {
  const locker = '66666666-6666-4666-8666-666666666666'
  const { ended, asked } = await planned(token, `doctor --lock-identity ${locker}`)
  expect(ended.stdout).toContain(`Signed in: the application ${client}`)
  expect(ended.stdout).toContain(`Signed in for locks: the application ${locker}`)
  expect(asked.length).toBeGreaterThan(1)
})

test('a job whose service connection is not its own is told the way out, without the token', async () => {
  const { ended } = await planned('another-token-0123')
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('This job is not signed in to Azure') })
  expect(ended.stderr).toContain('AzureCLI@2 with a service connection that this pipeline may use')
  expect(ended.stderr).not.toContain('another-token')
})
