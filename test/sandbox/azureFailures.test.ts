import { describe, expect } from 'vitest'
import { type Arm, armWithGroup, hub, type Json, networks, ours, subscription, subscriptionId } from './arm.ts'

const body = { location: 'eastus2', properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } } }
const servers = networks.replace('Microsoft.Network/virtualNetworks', 'Microsoft.DBforPostgreSQL/flexibleServers')
const locks = `${subscription}/providers/Microsoft.Authorization/locks`
const server = {
  location: 'eastus2',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  properties: { version: '17', administratorLogin: 'ours', administratorLoginPassword: 'Only-a-test-1', storage: { storageSizeGB: 128 } }
}
const withFaults = (...faults: Json[]): Promise<Arm> => armWithGroup({ faults })

/** How each of Azure's own failures is answered; the texts are those of the recordings. */
const answers: readonly (readonly [
  name: string,
  path: string,
  status: number,
  error: unknown,
  cause: string | null,
  wait: string | null
])[] = [
  [
    'ServerTimeout',
    locks,
    503,
    {
      code: 'ServerTimeout',
      message: expect.stringMatching(
        new RegExp(
          `^The request timed out. Diagnostic information: timestamp '\\d{8}T\\d{6}Z', subscription id '${subscriptionId}', tracking id '[0-9a-f-]{36}', request correlation id '[0-9a-f-]{36}'.$`
        )
      )
    },
    'gateway',
    null
  ],
  [
    'GatewayTimeout',
    `${servers}/orders-pg`,
    504,
    {
      code: 'GatewayTimeout',
      message: "The gateway did not receive a response from 'Microsoft.DBforPostgreSQL' within the specified time period."
    },
    'service',
    null
  ],
  [
    'InternalServerError',
    `${servers}/orders-pg`,
    500,
    {
      code: 'InternalServerError',
      message: expect.stringMatching(/^An unexpected error occured while processing the request. Tracking ID: '[0-9a-f-]{36}'$/)
    },
    'service',
    null
  ],
  ['InternalServerError', hub, 500, { code: 'InternalServerError', message: 'An error occurred.', details: [] }, 'service', null],
  [
    'SubscriptionRequestsThrottled',
    `${servers}/orders-pg/databases/orders`,
    429,
    {
      code: 'SubscriptionRequestsThrottled',
      message: `Number of requests for subscription '${subscriptionId}' and operation 'GET/SUBSCRIPTIONS/RESOURCEGROUPS/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/DATABASES/' exceeded the backend storage limit. Please try again after '6' seconds.`
    },
    'gateway',
    '6'
  ],
  [
    'ResourceRequestsThrottled',
    `${servers}/orders-pg`,
    429,
    {
      code: 'ResourceRequestsThrottled',
      message:
        "Number of requests for action 'Microsoft.DBforPostgreSQL/flexibleServers/read' exceeded the limit of '150' for time interval '01:00:00'. Please try again after '324' seconds."
    },
    'gateway',
    '324'
  ],
  [
    'TooManyCalls',
    hub,
    429,
    {
      code: 'RetryableError',
      message: 'A retryable error occurred.',
      details: [
        {
          code: 'RetryableErrorDueToTooManyCalls',
          message: `Subscription ${subscriptionId} was used to perform too many calls within last 5 minutes. The number of calls exceeds Microsoft.Network throttling limit. The call can be retried in 39 seconds.`
        }
      ]
    },
    'service',
    '39'
  ],
  [
    'RetryableError',
    `${hub}/subnets/a`,
    429,
    {
      code: 'RetryableError',
      message: 'A retryable error occurred.',
      details: [
        {
          code: 'RetryableErrorDueToAnotherOperation',
          message: expect.stringMatching(
            new RegExp(
              `^Operation PutSubnetOperation \\([0-9a-f-]{36}\\) is updating resource ${hub}. The call can be retried in 11 seconds.$`
            )
          )
        }
      ]
    },
    'service',
    '11'
  ],
  [
    'ReferencedResourceNotProvisioned',
    `${hub}/subnets/a`,
    429,
    {
      code: 'RetryableError',
      message: 'A retryable error occurred.',
      details: [
        {
          code: 'ReferencedResourceNotProvisioned',
          message: `Cannot proceed with operation because resource ${hub} used by resource ${hub}/subnets/a is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation.`
        }
      ]
    },
    'service',
    null
  ],
  [
    'RequestDisallowedByPolicy',
    hub,
    403,
    {
      code: 'RequestDisallowedByPolicy',
      target: 'hub',
      message: expect.stringMatching(
        /^Resource 'hub' was disallowed by policy. Policy identifiers: '\[\{"policyAssignment":\{"name":"[^"]+","id":"[^"]+"\},"policyDefinition":\{"name":"[^"]+","id":"[^"]+"\}\}\]'.$/
      )
    },
    'gateway',
    null
  ]
]

/** How each ends an operation. */
const endings: readonly (readonly [name: string, path: string, sent: Json, error: unknown, status: string])[] = [
  [
    'InternalServerErrorInOperation',
    `${servers}/orders-pg`,
    server,
    { code: 'InternalServerError', message: expect.stringMatching(/^An unexpected error occured .* Tracking ID: '[0-9a-f-]{36}'$/) },
    'Failed'
  ],
  [
    'OperationTimedOut',
    `${servers}/orders-pg`,
    server,
    { code: 'OperationTimedOut', message: 'The operation timed out and automatically rolled back. Please retry the operation.' },
    'Failed'
  ],
  [
    'OperationCancelled',
    `${servers}/orders-pg`,
    server,
    { code: 'OperationCancelled', message: 'The operation has been cancelled by user.' },
    'Canceled'
  ],
  [
    'ServerIsBusy',
    `${servers}/orders-pg`,
    server,
    {
      code: 'ServerIsBusy',
      message: "Cannot complete operation while server 'orders-pg' is busy processing another operation. Try again later."
    },
    'Failed'
  ],
  ['OperationFailed', `${servers}/orders-pg`, server, { code: 'OperationFailed', message: '{0}' }, 'Failed'],
  [
    'ReferencedResourceNotProvisionedInOperation',
    hub,
    body,
    {
      code: 'RetryableError',
      message: 'A retryable error occurred.',
      details: [
        { code: 'ReferencedResourceNotProvisioned', message: expect.stringMatching(/^Cannot proceed with operation because resource /) }
      ]
    },
    'Failed'
  ],
  [
    'Canceled',
    hub,
    body,
    {
      code: 'Canceled',
      message: 'Operation was canceled.',
      details: [
        {
          code: 'CanceledAndSupersededDueToAnotherOperation',
          message: expect.stringMatching(
            /^Operation PutVirtualNetworkOperation \([0-9a-f-]{36}\) was canceled and superseded by operation PutSubnetOperation \([0-9a-f-]{36}\).$/
          )
        }
      ]
    },
    'Canceled'
  ]
]

describe("Azure's own failures", () => {
  ours.each(answers)('FAULT-14 by name: %s at %s', async (azure, path, status, error, cause, wait) => {
    const { send } = await withFaults({ path: '/', nth: 'every', azure })
    const correlation = '99999999-0000-4000-8000-000000000001'
    const reply = await send('GET', path, undefined, { headers: { 'x-ms-correlation-request-id': correlation } })
    expect([reply.status, reply.body]).toEqual([status, { error }])
    expect([reply.headers.get('x-ms-failure-cause'), reply.headers.get('retry-after')]).toEqual([cause, wait])
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  ours('FAULT-15 the page of a web server in front of a provider is HTML, with no header of ARM', async () => {
    const { send } = await withFaults({ method: 'GET', path: '/rg-', azure: 'ServiceUnavailable' })
    const reply = await send('GET', hub)
    expect([reply.status, reply.headers.get('content-type')]).toEqual([503, 'text/html; charset=us-ascii'])
    expect(reply.text).toHaveLength(326)
    expect(reply.text).toContain('<p>HTTP Error 503. The service is unavailable.</p>')
    expect([...reply.headers.keys()].filter(name => name.startsWith('x-ms-'))).toEqual([])
  })

  ours.each(endings)('FAULT-14 in the operation, by name: %s', async (azure, path, sent, error, status) => {
    const { done } = await withFaults({ method: 'PUT', path: '/(flexibleServers|virtualNetworks)/', azure })
    const end = await done('PUT', path, sent)
    expect([end.status, end.body]).toEqual([200, expect.objectContaining({ status, error })])
  })
})
