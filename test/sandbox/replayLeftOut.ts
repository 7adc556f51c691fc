import { type Exchange, errorOf, pathOf, textAt, typeOf } from './recording.ts'

/** Types that are none of ours. */
const beyond =
  /^Microsoft\.(ApiManagement|AppPlatform|DocumentDB|EventHub|Media|RecoveryServices|Storage|Web|Resources)\/|\/(bastionHosts|privateLinkServices|virtualNetworkGateways|mongodbDatabases|operationsStatus)(\/|$)/i

/** Said of a write that met another one, which nobody recorded. */
const overlap =
  /^(AnotherOperationInProgress|RetryableError|Canceled|OperationCancelled|ServerIsBusy|ServerBusy|ProvisioningServerBusy|AadAuthOperationCannotBePerformedWhenServerIsNotAccessible)$|is busy with|should be in Ready state/

/** The same is said today with one sentence more, or was said by the provider as long as ARM still knew of what was deleted. */
const otherWords =
  /under resource group '[^']*' was not found\.$|^Can not delete resource before nested|^The specified resource|'Microsoft.DBforPostgreSQL\/flexibleServers' with name '[^']*-postgresql-|^The zone '.*' does not exist in resource group|^Resource \/subscriptions.* not found\.$|^The operation with Id: '[^']*[g-z]/

/** Resources that lie in a subnet, or join one, and are none of ours. */
const users =
  /\/(azureFirewalls|loadBalancers|virtualMachines|virtualMachineScaleSets|applicationGateways|publicIPAddresses|bastionHosts)\/|"linkedResourceType":"(?!Microsoft\.DBforPostgreSQL\/flexibleServers")/i

/** Why an exchange is not replayed, or not compared. A reason that no recording of the project has fails the tests. */
export const reasons = {
  notPlayed: 'it is about a type that is not played',
  virtualMachine: 'it is about a virtual machine or its interface, which are not played',
  otherUser: 'it shows a user of a network that is not played',
  webPage: 'it is a web page instead of an answer',
  accident: 'it is an accident of that day: 500 and above, or too many requests of others',
  regions: 'it depends on which region offered the type on that day',
  otherWords: 'it is said in other words today',
  olderList: 'it is a list of 2020, with members that are null',
  overlap: 'it met a write that was not recorded',
  otherAnswer: 'it was answered with something else than was asked for: the recorder, or whoever edited it, slipped',
  midst: 'it is seen in the midst of a write that was not recorded',
  foreignTarget: 'it leads to a service that is not played and has decided on it',
  unknownPoll: 'it polls a write that is not replayed'
} as const

export type Reason = keyof typeof reasons

/** Why an exchange cannot be replayed; undefined for one that can. */
export const leftOut = (one: Exchange, all: readonly Exchange[]): Reason | undefined =>
  notPlayed(one) ?? chance(one) ?? notWhole(one, all) ?? decidedElsewhere(one, all)

const textOf = ({ response }: Exchange): string => JSON.stringify(response.body ?? null)

/** It is about something that there is not here. */
function notPlayed(one: Exchange): Reason | undefined {
  const { request, response } = one
  const path = pathOf(request.url)
  const type = typeOf(path)
  if (beyond.test(type)) return 'notPlayed'
  if (/^(NicInUse|InUseSubnetCannotBeDeleted)$/.test(errorOf(response.body).code)) return 'virtualMachine'
  const ofInterface = /networkInterfaces(\/[^/]+)?$/i.test(path) || /\/networkInterfaces\/[^/]+\/ipConfigurations/i.test(textOf(one))
  if (ofInterface && !/privateEndpoints/i.test(textOf(one))) return 'virtualMachine'
  return users.test(textOf(one)) ? 'otherUser' : undefined
}

/** It depends on the day. */
function chance({ response }: Exchange): Reason | undefined {
  const { code, message } = errorOf(response.body)
  if (typeof response.body === 'string' && response.body !== '') return 'webPage'
  if (response.status >= 500) return 'accident'
  if (/Throttled$|^InternalServerError$/.test(code)) return 'accident'
  if (code === 'LocationNotAvailableForResourceGroup') return 'regions'
  if (code === 'NoRegisteredProviderFound') return 'regions'
  if ((response.status === 404 || response.status === 409) && otherWords.test(message)) return 'otherWords'
  if (/"nextLink":null/.test(JSON.stringify(response.body ?? null))) return 'olderList'
  return undefined
}

const isWrite = ({ request }: Exchange): boolean => /^(PUT|PATCH|DELETE)$/.test(request.method)

/** The cause of the answer was not recorded. */
function notWhole(one: Exchange, all: readonly Exchange[]): Reason | undefined {
  const { request, response } = one
  const met = (each: Exchange): boolean =>
    overlap.test(errorOf(each.response.body).code) || overlap.test(errorOf(each.response.body).message)
  const poll = response.headers['azure-asyncoperation']
  const end = poll === undefined ? undefined : all.find(each => pathOf(each.request.url) === pathOf(poll) && met(each))
  if (met(one) || end) return 'overlap'
  const id = textAt(response.body, 'id')
  const otherType = id !== '' && typeOf(id).toLowerCase() !== typeOf(pathOf(request.url)).toLowerCase()
  // An option of the command has become a part of a name.
  if ((otherType && /^(GET|PUT)$/.test(request.method)) || textOf(one).includes('--no-wait')) return 'otherAnswer'
  const before = all.slice(0, all.indexOf(one)).some(isWrite)
  if (request.method === 'GET' && !before && /"provisioningState":"(Provisioning|Updating|Deleting)"/.test(textOf(one))) return 'midst'
  return undefined
}

const played = /\/(Microsoft\.DBforPostgreSQL\/flexibleServers|Microsoft\.DataFactory\/factories)\//i

/** The other end of a private endpoint, which is not here, has said something of its own. */
function decidedElsewhere(one: Exchange, all: readonly Exchange[]): Reason | undefined {
  if (!/\/privateEndpoints(\/[^/]+)?$/i.test(pathOf(one.request.url))) return undefined
  const targets = [...textOf(one).matchAll(/"privateLinkServiceId":"([^"]*)"/g)].map(([, target = '']) => target)
  const foreign = targets.find(target => !played.test(target))
  if (foreign === undefined) return undefined
  const asked = all.slice(0, all.indexOf(one)).some(each => each.request.method === 'PUT') || isWrite(one)
  if (asked && !/"status":"Rejected"|Manual approval|\/privateLinkServices\//.test(textOf(one))) return undefined
  return 'foreignTarget'
}
