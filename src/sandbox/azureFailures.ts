import { nameOf, parseArmPath, typeOf } from './armPath.ts'
import type { ErrorDetail, Refusal } from './refusal.ts'
import { operationRefusal, tooManyCalls } from './throttleLimits.ts'

/** An answer that is not JSON, or is not an error of ARM's form. */
export interface RawAnswer {
  readonly status: number
  readonly raw: string
  /** None is sent when it is absent. */
  readonly contentType?: string
  readonly headers: Readonly<Record<string, string>>
}

/** The request that is to fail. */
export interface Failing {
  readonly method: string
  readonly path: string
  readonly correlation: string
  readonly now: number
  guid(): string
}

/** How Azure fails by itself: in the answer, or in the operation of a write that was accepted. */
type AzureFailure =
  | { readonly in: 'answer'; readonly of: (failing: Failing) => Refusal | RawAnswer }
  | { readonly in: 'operation'; readonly of: (failing: Failing) => ErrorDetail }

const answer = (of: (failing: Failing) => Refusal | RawAnswer): AzureFailure => ({ in: 'answer', of })
const operation = (of: (failing: Failing) => ErrorDetail): AzureFailure => ({ in: 'operation', of })

const subscriptionOf = ({ path }: Failing): string => parseArmPath(path)?.subscription ?? ''

const namespaceOf = ({ path }: Failing): string => parseArmPath(path)?.part?.namespace ?? 'Microsoft.Resources'

/** The server in a path, or else the last name in it. */
const serverOf = ({ path }: Failing): string => /\/flexibleServers\/([^/]+)/i.exec(path)?.[1] ?? nameOf(path)

const isPostgres = (failing: Failing): boolean => namespaceOf(failing).toLowerCase() === 'microsoft.dbforpostgresql'

/** With the spelling that PostgreSQL has. (CORPUS) */
const unexpected = (failing: Failing): ErrorDetail =>
  isPostgres(failing)
    ? {
        code: 'InternalServerError',
        message: `An unexpected error occured while processing the request. Tracking ID: '${failing.guid()}'`
      }
    : { code: 'InternalServerError', message: 'An error occurred.', details: [] }

function serverTimeout(failing: Failing): Refusal {
  const stamp = `${new Date(failing.now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  return {
    status: 503,
    code: 'ServerTimeout',
    message: `The request timed out. Diagnostic information: timestamp '${stamp}', subscription id '${subscriptionOf(failing)}', tracking id '${failing.guid()}', request correlation id '${failing.correlation}'.`,
    cause: 'gateway'
  }
}

/** The policies are named as those of the reports are: an assignment and its definition [GH microsoft/vscode-apimanagement#348]. */
function disallowed(failing: Failing): Refusal {
  const at = `/subscriptions/${subscriptionOf(failing)}/providers/Microsoft.Authorization`
  const policies = [
    {
      policyAssignment: { name: 'sandbox-deny', id: `${at}/policyAssignments/sandbox-deny` },
      policyDefinition: { name: 'sandbox-deny', id: `${at}/policyDefinitions/sandbox-deny` }
    }
  ]
  const name = nameOf(failing.path)
  return {
    status: 403,
    code: 'RequestDisallowedByPolicy',
    message: `Resource '${name}' was disallowed by policy. Policy identifiers: '${JSON.stringify(policies)}'.`,
    target: name,
    cause: 'gateway'
  }
}

const resourceThrottled = (failing: Failing): Refusal => ({
  status: 429,
  code: 'ResourceRequestsThrottled',
  message: `Number of requests for action '${typeOf(failing.path)}/${failing.method === 'GET' ? 'read' : failing.method === 'DELETE' ? 'delete' : 'write'}' exceeded the limit of '150' for time interval '01:00:00'. Please try again after '324' seconds.`,
  cause: 'gateway',
  retryAfter: 324
})

/** The page of the web server in front of a provider, without any header of ARM's. (CORPUS) */
const unavailable: RawAnswer = {
  status: 503,
  raw: [
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">',
    '<HTML><HEAD><TITLE>Service Unavailable</TITLE>',
    '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>',
    '<BODY><h2>Service Unavailable</h2>',
    '<hr><p>HTTP Error 503. The service is unavailable.</p>',
    '</BODY></HTML>',
    ''
  ].join('\r\n'),
  contentType: 'text/html; charset=us-ascii',
  headers: {}
}

const retryable = (code: string, message: string): ErrorDetail => ({
  code: 'RetryableError',
  message: 'A retryable error occurred.',
  details: [{ code, message }]
})

/** The parent that a write waits for, in the words of the network provider. */
const above = ({ path }: Failing): string => path.split('/').slice(0, -2).join('/')

const notProvisioned = (failing: Failing): ErrorDetail =>
  retryable(
    'ReferencedResourceNotProvisioned',
    `Cannot proceed with operation because resource ${above(failing)} used by resource ${failing.path} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation.`
  )

const anotherOperation = (failing: Failing): Refusal => ({
  status: 429,
  ...retryable(
    'RetryableErrorDueToAnotherOperation',
    `Operation PutSubnetOperation (${failing.guid()}) is updating resource ${above(failing)}. The call can be retried in 11 seconds.`
  ),
  retryAfter: 11
})

/** By the code Azure gives; where one code comes in two places, the one in the operation says so in its name. */
export const azureFailures: Readonly<Record<string, AzureFailure>> = {
  ServerTimeout: answer(serverTimeout),
  GatewayTimeout: answer(failing => ({
    status: 504,
    code: 'GatewayTimeout',
    message: `The gateway did not receive a response from '${namespaceOf(failing)}' within the specified time period.`,
    cause: 'service'
  })),
  InternalServerError: answer(failing => ({ status: 500, ...unexpected(failing), cause: 'service' })),
  ServiceUnavailable: answer(() => unavailable),
  SubscriptionRequestsThrottled: answer(failing =>
    operationRefusal({ method: failing.method, pathname: failing.path, principal: '' }, subscriptionOf(failing), 6)
  ),
  ResourceRequestsThrottled: answer(resourceThrottled),
  TooManyCalls: answer(failing => tooManyCalls(subscriptionOf(failing), 39)),
  RetryableError: answer(anotherOperation),
  ReferencedResourceNotProvisioned: answer(failing => ({ status: 429, ...notProvisioned(failing) })),
  RequestDisallowedByPolicy: answer(disallowed),
  InternalServerErrorInOperation: operation(unexpected),
  ReferencedResourceNotProvisionedInOperation: operation(notProvisioned),
  OperationTimedOut: operation(() => ({
    code: 'OperationTimedOut',
    message: 'The operation timed out and automatically rolled back. Please retry the operation.'
  })),
  OperationCancelled: operation(() => ({ code: 'OperationCancelled', message: 'The operation has been cancelled by user.' })),
  Canceled: operation(failing => ({
    code: 'Canceled',
    message: 'Operation was canceled.',
    details: [
      {
        code: 'CanceledAndSupersededDueToAnotherOperation',
        message: `Operation PutVirtualNetworkOperation (${failing.guid()}) was canceled and superseded by operation PutSubnetOperation (${failing.guid()}).`
      }
    ]
  })),
  ServerIsBusy: operation(failing => ({
    code: 'ServerIsBusy',
    message: `Cannot complete operation while server '${serverOf(failing)}' is busy processing another operation. Try again later.`
  })),
  OperationFailed: operation(() => ({ code: 'OperationFailed', message: '{0}' }))
}
