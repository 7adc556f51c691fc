import { expect, test } from 'vitest'
import { armWithGroup, group, hub, type Json, networks, ours, subscription, subscriptionId } from './arm.ts'

const zone = `${networks.replace('virtualNetworks', 'privateDnsZones')}/example.com`
const servers = networks.replace('Microsoft.Network/virtualNetworks', 'Microsoft.DBforPostgreSQL/flexibleServers')
const on = (throttlingLimits: Json, more: Record<string, Json> = {}) =>
  armWithGroup({ behaviours: { throttling: 'arm', throttlingLimits, ...more } })
const left = (reply: { readonly headers: Headers }): Record<string, string> =>
  Object.fromEntries(
    [...reply.headers].filter(([name]) => name.startsWith('x-ms-ratelimit-remaining-')).map(([name, value]) => [name.slice(25), value])
  )

test('THROTTLE-01 every answer that comes from beyond the gateway says how much is left', async () => {
  const { send } = await armWithGroup()
  for (const [method, kind] of [
    ['GET', 'reads'],
    ['HEAD', 'reads'],
    ['PUT', 'writes']
  ] as const) {
    const reply = await send(method, group, method === 'PUT' ? { location: 'eastus2' } : undefined)
    expect(Object.keys(left(reply))).toContain(`subscription-global-${kind}`)
    expect(Number(left(reply)[`subscription-global-${kind}`])).toBeGreaterThan(1000)
  }
  expect(Object.keys(left(await send('PUT', group, { location: 'eastus2' })))).toContain('subscription-writes')
  expect(left(await send('GET', `${servers}/nobody`))).toEqual({})
})

ours(
  'THROTTLE-02 each caller has buckets of its own, for reads, writes and deletes, and the subscription fifteen times as much',
  async () => {
    const { send, control } = await armWithGroup()
    await control('DELETE', 'throttling')
    expect(left(await send('GET', group))).toEqual({ 'subscription-reads': '249', 'subscription-global-reads': '3749' })
    expect(left(await send('PUT', group, { location: 'eastus2' }))).toEqual({
      'subscription-writes': '199',
      'subscription-global-writes': '2999'
    })
    expect(left(await send('DELETE', zone, undefined, '2024-06-01'))).toEqual({ 'subscription-resource-requests': '11999' })
    expect(left(await send('DELETE', hub))).toEqual({ 'subscription-deletes': '198', 'subscription-global-deletes': '2998' })
    const form = 'client_id=22222222-2222-4222-8222-222222222222&client_secret=x&grant_type=client_credentials'
    const other = await send('POST', '/common/oauth2/v2.0/token', form, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
    const token = String(other.body['access_token'])
    expect(left(await send('GET', group, undefined, { token }))).toEqual({
      'subscription-reads': '249',
      'subscription-global-reads': '3748'
    })
    expect(left(await send('GET', '/subscriptions', undefined, '2022-12-01'))).toEqual({ 'tenant-reads': '249' })
  }
)

ours('THROTTLE-03 a bucket fills again as time passes on the clock, never beyond its size', async () => {
  const { send, wait, control } = await armWithGroup()
  await control('DELETE', 'throttling')
  const reads = async (): Promise<string | undefined> => left(await send('GET', group))['subscription-reads']
  for (let request = 0; request < 100; request += 1) await send('GET', group)
  expect(await reads()).toBe('149')
  await wait(2)
  expect(await reads()).toBe('198')
  await wait(3600)
  expect(await reads()).toBe('249')
})

ours('THROTTLE-04 nobody is refused unless it is switched on', async () => {
  const { send } = await armWithGroup({ behaviours: { throttlingLimits: { reads: 1, readsPerSecond: 0 } } })
  for (let request = 0; request < 3; request += 1) expect((await send('GET', group)).status).toBe(200)
})

ours(
  'THROTTLE-05 THROTTLE-06 with an empty bucket ARM refuses with 429 and says when to come again, by a value of its own each time',
  async () => {
    const { send, wait } = await on({ writes: 3, writesPerSecond: 0.1 })
    const write = () => send('PUT', `${networks}/hub?api-version=2025-05-01`, { location: 'eastus2' })
    await write()
    await write()
    const refused = await write()
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-ms-failure-cause')]).toEqual([429, '10', 'gateway'])
    expect(refused.body).toEqual({
      error: {
        code: 'SubscriptionRequestsThrottled',
        message: `Number of requests for subscription '${subscriptionId}' and operation 'PUT/SUBSCRIPTIONS/RESOURCEGROUPS/PROVIDERS/MICROSOFT.NETWORK/VIRTUALNETWORKS/' exceeded the backend storage limit. Please try again after '10' seconds.`
      }
    })
    await wait(4)
    expect((await write()).headers.get('retry-after')).toBe('6')
    expect((await write()).headers.get('retry-after')).toBe('6')
    expect((await send('GET', group)).status).toBe(200)
    await wait(6)
    expect((await write()).status).not.toBe(429)
    expect((await write()).status).toBe(429)
  }
)

ours('THROTTLE-07 the refusal can name the caller in place of the operation', async () => {
  const { send } = await on({ reads: 1, readsPerSecond: 0.5 }, { throttlingMessage: 'actor' })
  await send('GET', group)
  expect((await send('GET', group)).body['error']?.['message']).toBe(
    `Number of 'read' requests for subscription '${subscriptionId}' actor 'anonymous' exceeded. Please try again after '2' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`
  )
})

ours('THROTTLE-08 a refusal can come without Retry-After', async () => {
  const { send } = await on({ reads: 1, readsPerSecond: 0.5 }, { throttlingRetryAfter: false })
  await send('GET', group)
  const refused = await send('GET', group)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null])
})

ours(
  'THROTTLE-09 the network provider takes so many reads, and so many writes and deletes, in five minutes, and refuses in its own words',
  async () => {
    const { send, wait } = await on({ networkReads: 2, networkWrites: 2 })
    await send('GET', hub)
    await wait(100)
    await send('GET', hub)
    const refused = await send('GET', hub)
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-ms-failure-cause')]).toEqual([429, '200', 'service'])
    expect(refused.body).toEqual({
      error: {
        code: 'RetryableError',
        message: 'A retryable error occurred.',
        details: [
          {
            code: 'RetryableErrorDueToTooManyCalls',
            message: `Subscription ${subscriptionId} was used to perform too many calls within last 5 minutes. The number of calls exceeds Microsoft.Network throttling limit. The call can be retried in 200 seconds.`
          }
        ]
      }
    })
    await send('PUT', hub, { location: 'eastus2' })
    await send('DELETE', hub)
    expect((await send('PUT', hub, { location: 'eastus2' })).status).toBe(429)
    expect((await send('GET', `${servers}/orders-pg`)).status).toBe(404)
    await wait(200)
    expect((await send('GET', hub)).status).not.toBe(429)
  }
)

ours(
  'THROTTLE-10 THROTTLE-11 Private DNS has a limit of its own on reads, says what is left of it, and refuses by the action',
  async () => {
    const { send, wait } = await on({ privateDnsReads: 2 })
    expect(left(await send('PUT', zone, { location: 'global' }))).toEqual({ 'subscription-resource-requests': '11999' })
    await wait(120)
    expect(left(await send('GET', `${zone}/A`, undefined, '2024-06-01'))).toEqual({ 'subscription-resource-requests': '1' })
    await send('GET', zone)
    const refused = await send('GET', zone)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '300'])
    expect(refused.body).toEqual({
      error: {
        code: 'ResourceRequestsThrottled',
        message:
          "Number of requests for action 'Microsoft.Network/privateDnsZones/read' exceeded the limit of '2' for time interval '00:05:00'. Please try again after '300' seconds."
      }
    })
    await wait(300)
    expect((await send('GET', zone)).status).toBe(200)
  }
)

ours('THROTTLE-12 Microsoft.Authorization takes 120 requests in a minute', async () => {
  const { send, wait } = await on({ reads: 1000 })
  const locks = `${subscription}/providers/Microsoft.Authorization/locks`
  for (let request = 0; request < 120; request += 1) expect((await send('GET', locks)).status).toBe(200)
  const refused = await send('GET', locks)
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-ms-failure-cause')]).toEqual([429, '60', 'gateway'])
  expect(refused.body).toEqual({
    error: {
      code: 'ResourceRequestsThrottled',
      message:
        "Number of requests for Microsoft.Authorization exceeded the limit of '120' for time interval '00:01:00'. Please try again after '60' seconds."
    }
  })
  await wait(60)
  expect((await send('GET', locks)).status).toBe(200)
})
