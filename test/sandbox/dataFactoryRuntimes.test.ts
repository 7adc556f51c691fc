import { describe, expect, test } from 'vitest'
import { type Arm, ours } from './arm.ts'
import {
  actionAt,
  armWithFactory,
  code,
  cosmos,
  factoryId,
  factoryName,
  managedRuntime,
  message,
  namesIn,
  properties,
  refusalOf,
  runtimeAt,
  serviceAt
} from './dataFactories.ts'

const runtime = runtimeAt('ir-vnet')
const self = runtimeAt('self')
const ssis = runtimeAt('ssis')
const ssisBody = {
  properties: { type: 'Managed', typeProperties: { computeProperties: { location: 'eastus2', numberOfNodes: 1 }, ssisProperties: {} } }
}

const interactive = async ({ send }: Arm): Promise<unknown> =>
  properties(await send('POST', actionAt(runtime, 'getStatus')))['typeProperties']?.['interactiveQuery']?.['status']

const stateOf = async ({ send }: Arm): Promise<unknown[]> => [
  properties(await send('GET', ssis))['state'],
  properties(await send('POST', actionAt(ssis, 'getStatus')))['state']
]

describe('an integration runtime', () => {
  test('IR-01 comes back as it was sent, without the location that some clients send', async () => {
    const { send } = await armWithFactory()
    const unheardOf = { deep: [1, { of: null }] }
    const body = { properties: { ...managedRuntime.properties, unheardOf } }
    const put = await send('PUT', runtime, { location: 'eastus2', ...body })
    expect([put.status, put.body]).toEqual([
      200,
      {
        id: `${factoryId}/integrationruntimes/ir-vnet`,
        name: 'ir-vnet',
        type: 'Microsoft.DataFactory/factories/integrationruntimes',
        ...body,
        etag: expect.stringMatching(cosmos)
      }
    ])
    expect((await send('GET', runtime)).body).toEqual(put.body)
  })

  test('IR-02 a PATCH with settings of its nodes changes neither body nor etag', async () => {
    const { send } = await armWithFactory()
    await send('PUT', self, { properties: { type: 'SelfHosted', description: 'ours' } })
    const got = await send('GET', self)
    expect(properties(got)).toEqual({ type: 'SelfHosted', description: 'ours' })
    const patched = await send('PATCH', self, { autoUpdate: 'Off' })
    expect([patched.status, patched.body]).toEqual([200, got.body])
    expect(refusalOf(await send('PATCH', runtimeAt('none'), {}))).toEqual([404, 'NotFound'])
  })

  test('IR-03 is refused in a managed network that is not there', async () => {
    const { send } = await armWithFactory()
    const managedVirtualNetwork = { type: 'ManagedVirtualNetworkReference', referenceName: 'other' }
    const refused = await send('PUT', runtime, { properties: { type: 'Managed', managedVirtualNetwork } })
    expect([...refusalOf(refused), message(refused)]).toEqual([
      400,
      'BadRequest',
      "The document creation or update failed because of invalid reference 'other'."
    ])
  })

  test('IR-04 keeps its type and its network, and is called as a factory is', async () => {
    const { send } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    for (const changed of [{ type: 'Managed' }, { type: 'SelfHosted' }])
      expect((await send('PUT', runtime, { properties: changed })).status).toBe(400)
    expect((await send('PUT', runtimeAt('odd'), { properties: { type: 'Other' } })).status).toBe(400)
    expect((await send('PUT', runtimeAt('a--b'), managedRuntime)).status).toBe(400)
  })

  test('IR-05 a stale If-Match is 412, and DELETE is 200, then 204', async () => {
    const { send } = await armWithFactory()
    const etag = `${(await send('PUT', runtime, managedRuntime)).body['etag']}`
    await send('PUT', runtime, managedRuntime)
    expect(refusalOf(await send('PUT', runtime, managedRuntime, { headers: { 'if-match': etag } }))).toEqual([412, 'PreconditionFailed'])
    expect([(await send('DELETE', runtime)).status, (await send('DELETE', runtime)).status]).toEqual([200, 204])
    expect(code(await send('GET', runtime))).toBe('NotFound')
  })

  test('IR-06 is in the list only when it was written, as the built-in one is', async () => {
    const { send } = await armWithFactory()
    const list = `${factoryId}/integrationRuntimes`
    expect(namesIn(await send('GET', list))).toEqual([])
    await send('PUT', runtimeAt('AutoResolveIntegrationRuntime'), managedRuntime)
    expect(namesIn(await send('GET', list))).toEqual(['AutoResolveIntegrationRuntime'])
  })

  test('IR-07 stays while a linked service names it', async () => {
    const { send } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    const connectVia = { referenceName: 'ir-vnet', type: 'IntegrationRuntimeReference' }
    await send('PUT', serviceAt('pg'), { properties: { type: 'AzurePostgreSql', connectVia, typeProperties: {} } })
    const refused = await send('DELETE', runtime)
    expect([...refusalOf(refused), message(refused)]).toEqual([
      400,
      'BadRequest',
      'The document cannot be deleted since it is referenced by pg.'
    ])
    await send('DELETE', serviceAt('pg'))
    expect((await send('DELETE', runtime)).status).toBe(200)
  })

  test('IR-08 IR-16 getStatus tells its kind and the factory it is in', async () => {
    const { send } = await armWithFactory()
    await send('PUT', runtime, managedRuntime)
    expect((await send('POST', actionAt(runtime, 'getStatus'))).body).toMatchObject({
      name: 'ir-vnet',
      properties: { dataFactoryName: factoryName, state: 'Online', type: 'Managed', typeProperties: { nodes: [], lastOperation: null } }
    })
    // Recorded of a runtime that no machine had registered at [azure-cli-extensions, test_datafactory].
    await send('PUT', self, { properties: { type: 'SelfHosted' } })
    const { body: keys } = await send('POST', actionAt(self, 'listAuthKeys'))
    const { createTime, latestVersion, newerVersions, ...own } = (properties(await send('POST', actionAt(self, 'getStatus')))[
      'typeProperties'
    ] ?? {}) as unknown as Readonly<Record<string, readonly string[]>>
    expect(own).toEqual({
      autoUpdate: 'Off',
      taskQueueId: String(keys['authKey1']).split('@')[1],
      nodes: [],
      updateDelayOffset: 'PT3H',
      serviceUrls: [`${factoryName.toLowerCase()}.eastus2.datafactory.azure.net`],
      links: [],
      versionStatus: 'None',
      capabilities: {}
    })
    expect([typeof createTime, newerVersions?.[0]]).toEqual(['string', latestVersion])
    expect((await send('POST', actionAt(runtime, 'unheardOf'), {})).status).toBe(404)
    expect(refusalOf(await send('POST', actionAt(runtimeAt('none'), 'getStatus')))).toEqual([404, 'NotFound'])
  })

  ours('IR-09 a self-hosted one never has a node', async () => {
    const { send } = await armWithFactory()
    await send('PUT', self, { properties: { type: 'SelfHosted' } })
    const status = properties(await send('POST', actionAt(self, 'getStatus')))
    expect([status['state'], status['typeProperties']?.['nodes']]).toEqual(['NeedRegistration', []])
  })

  test('IR-10 a self-hosted one has two keys, each of which can be made anew', async () => {
    const { send } = await armWithFactory()
    await send('PUT', self, { properties: { type: 'SelfHosted' } })
    const keys = (await send('POST', actionAt(self, 'listAuthKeys'))).body
    expect(keys).toEqual({ authKey1: expect.stringMatching(/^IR@[0-9a-f-]{36}@/), authKey2: expect.stringMatching(/^IR@/) })
    const made = (await send('POST', actionAt(self, 'regenerateAuthKey'), { keyName: 'authKey2' })).body
    const after = (await send('POST', actionAt(self, 'listAuthKeys'))).body
    expect([after['authKey1'], after['authKey2'] === keys['authKey2']]).toEqual([keys['authKey1'], false])
    expect(made['authKey2']).toEqual(after['authKey2'])
    expect((await send('POST', actionAt(self, 'regenerateAuthKey'), { keyName: 'other' })).status).toBe(400)
    await send('PUT', runtime, managedRuntime)
    expect((await send('POST', actionAt(runtime, 'listAuthKeys'))).status).toBe(400)
  })
})

describe('interactive authoring', () => {
  test('IR-11 IR-12 takes a minute or two to begin, and ends when it is not used', async () => {
    const client = await armWithFactory()
    const { send, wait } = client
    await send('PUT', runtime, managedRuntime)
    expect(await interactive(client)).toBe('Disabled')
    const asked = await send('POST', actionAt(runtime, 'enableInteractiveQuery'), { autoTerminationMinutes: 10 })
    expect([asked.status, asked.headers.get('location'), await interactive(client)]).toEqual([202, null, 'Enabling'])
    await wait(120)
    expect(await interactive(client)).toBe('Enabled')
    const shown = properties(await send('GET', runtime))['typeProperties']?.['interactiveQuery']
    expect(shown).toEqual({ status: 'Enabled', autoTerminationMinutes: 10 })
    await wait(11 * 60)
    expect(await interactive(client)).toBe('Disabled')
  })

  test('IR-13 can be switched off before it has begun, and is for runtimes in a managed network', async () => {
    const client = await armWithFactory()
    const { send, wait } = client
    await send('PUT', runtime, managedRuntime)
    await send('POST', actionAt(runtime, 'enableInteractiveQuery'), {})
    await send('POST', actionAt(runtime, 'disableInteractiveQuery'), {})
    expect(await interactive(client)).toBe('Disabling')
    await wait(120)
    expect(await interactive(client)).toBe('Disabled')
    await send('PUT', runtimeAt('public'), { properties: { type: 'Managed' } })
    expect((await send('POST', actionAt(runtimeAt('public'), 'enableInteractiveQuery'), {})).status).toBe(400)
  })
})

describe('a runtime for SSIS', () => {
  test('IR-14 is Initial, and is started by an operation of its own, with addresses beneath it', async () => {
    const client = await armWithFactory()
    const { send, wait } = client
    expect(properties(await send('PUT', ssis, ssisBody))['state']).toBe('Initial')
    const started = await send('POST', actionAt(ssis, 'start'))
    const [status = '', result = ''] = ['azure-asyncoperation', 'location'].map(name => started.headers.get(name) ?? '')
    expect([started.status, started.text]).toEqual([202, ''])
    expect(new URL(status).pathname).toMatch(
      new RegExp(`^${factoryId}/integrationRuntimes/ssis/start/operationstatuses/[0-9a-f]{32}$`, 'i')
    )
    expect(new URL(result).pathname).toBe(new URL(status).pathname.replace('operationstatuses', 'operationresults'))
    const name = new URL(status).pathname.split('/').at(-1)
    expect((await send('GET', status)).body).toEqual({ status: 'InProgress', name, properties: null, error: null })
    expect([(await send('GET', result)).status, await stateOf(client)]).toEqual([202, ['Starting', 'Starting']])
    await wait(30 * 60)
    expect((await send('GET', status)).body['status']).toBe('Succeeded')
    const done = await send('GET', result)
    expect([done.status, properties(done)]).toMatchObject([200, { state: 'Started', managedVirtualNetwork: null }])
    expect(await stateOf(client)).toEqual(['Started', 'Started'])
  })

  test('IR-15 is stopped likewise; neither is asked for twice, nor of another runtime', async () => {
    const client = await armWithFactory()
    const { send, wait } = client
    await send('PUT', ssis, ssisBody)
    expect((await send('POST', actionAt(ssis, 'stop'))).status).toBe(400)
    await send('POST', actionAt(ssis, 'start'))
    await wait(30 * 60)
    expect((await send('POST', actionAt(ssis, 'start'))).status).toBe(400)
    await send('POST', actionAt(ssis, 'stop'))
    await wait(10 * 60)
    expect(await stateOf(client)).toEqual(['Stopped', 'Stopped'])
    await send('PUT', runtime, managedRuntime)
    expect((await send('POST', actionAt(runtime, 'start'))).status).toBe(400)
  })
})
