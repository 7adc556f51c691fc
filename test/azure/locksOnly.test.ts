import { createHttpHeaders, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline'
import { expect, test } from 'vitest'
import { createAzure } from '../../src/azure/azure.ts'
import { deleteLock, getLock, putLock } from '../../src/azure/locks.ts'
import { permissionsThrough } from '../../src/azure/permissions.ts'
import { subscription } from '../support/estate.ts'

const group = `/subscriptions/${subscription}/resourceGroups/rg`
const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg`
const locks = `${server}/providers/Microsoft.Authorization/locks`

/** A token's credential by its name, and an Azure that notes whose token each request had. */
function seen() {
  const requests: string[] = []
  const login = (token: string) => ({ getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) })
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { pathname } = new URL(request.url)
      requests.push(`${request.headers.get('authorization')} ${request.method} ${pathname.replace(/^.*\/providers\//, '')}`)
      return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{"value":[],"id":"x","properties":{"level":"ReadOnly"}}' }
    }
  }
  return { requests, azure: createAzure({ credential: login('first'), lockCredential: login('second'), httpClient, retriesMax: 0 }) }
}

const sent = (method: HttpMethods, path: string) => ({ method, path, apiVersion: '2020-05-01', ...(method === 'PUT' && { body: {} }) })

test('the login for locks sends what is about locks, and asks for its own rights', async () => {
  const { azure, requests } = seen()
  await putLock(azure, { path: `${locks}/keep`, properties: { level: 'ReadOnly' } })
  await deleteLock(azure, { path: `${locks}/keep` })
  await getLock(azure, `${locks}/keep`)
  await azure.forLocks.send(sent('GET', locks))
  await azure.forLocks.send(sent('GET', `/subscriptions/${subscription}/providers/Microsoft.Authorization/locks`))
  await permissionsThrough(azure).forLocks?.on(server)
  await permissionsThrough(azure).on(server)
  await azure.send(sent('GET', server))
  expect(requests).toEqual([
    'Bearer second PUT Microsoft.Authorization/locks/keep',
    'Bearer second DELETE Microsoft.Authorization/locks/keep',
    'Bearer second GET Microsoft.Authorization/locks/keep',
    'Bearer second GET Microsoft.Authorization/locks',
    'Bearer second GET Microsoft.Authorization/locks',
    'Bearer second GET Microsoft.Authorization/permissions',
    'Bearer first GET Microsoft.Authorization/permissions',
    'Bearer first GET Microsoft.DBforPostgreSQL/flexibleServers/pg'
  ])
})

// The guard is asked at the wire, whatever the code above it wants.
test.each<[HttpMethods, string]>([
  ['GET', server],
  ['PUT', server],
  ['DELETE', server],
  ['DELETE', group],
  ['PUT', locks],
  ['DELETE', locks],
  ['POST', `${locks}/keep`],
  ['PATCH', `${locks}/keep`],
  ['HEAD', `${locks}/keep`],
  ['PUT', `${locks}/keep/more`],
  ['PUT', `${locks}/keep/providers/Microsoft.Network/virtualNetworks/n`],
  ['DELETE', `${server}/databases/locks`],
  ['PUT', `${server}/providers/Microsoft.Authorization/roleAssignments/r`],
  ['PUT', `${server}/providers/Microsoft.Authorization/permissions`],
  ['GET', `${server}/providers/Microsoft.Authorization/permissions/more`],
  ['GET', `${group}/providers/Microsoft.Other/locks/keep`]
])('the login for locks does not send %s %s', async (method, path) => {
  const { azure, requests } = seen()
  await expect(azure.forLocks.send(sent(method, path))).rejects.toThrow('by the login that is for locks alone')
  await expect(azure.within({}).forLocks.within({}).send(sent(method, path))).rejects.toThrow('by the login that is for locks alone')
  expect(requests).toEqual([])
})

test('nor an address that only looks like that of a lock', async () => {
  const { azure, requests } = seen()
  const at = (path: string) => `https://management.azure.com${path}?api-version=2020-05-01`
  for (const path of [`${locks}/..%2F..%2F..%2F..%2Fpg`, `${server}%2Fproviders/Microsoft.Authorization/locks/x`, `${locks}/keep/../../x`])
    await expect(azure.forLocks.send(sent('DELETE', at(path)))).rejects.toThrow('by the login that is for locks alone')
  const { managementLocks } = await azure.forLocks.client('locks', subscription)
  for await (const _ of managementLocks.listAtSubscriptionLevel()) void _
  const { privateEndpoints } = await azure.forLocks.client('network', subscription)
  await expect(privateEndpoints.get('rg', 'pe')).rejects.toThrow('by the login that is for locks alone')
  expect(requests).toEqual(['Bearer second GET Microsoft.Authorization/locks'])
})

test('with one login that one writes locks', async () => {
  const { azure } = seen()
  const alone = createAzure({ credential: { getToken: async () => null } })
  expect([alone.forLocks === alone, azure.forLocks === azure, azure.forLocks.forLocks === azure.forLocks]).toEqual([true, false, true])
})
