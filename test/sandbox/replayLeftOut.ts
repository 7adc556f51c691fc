import { type Exchange, errorOf, pathOf, textAt, typeOf, versionOf } from './recording.ts'

/** Types that are none of ours. */
const beyond =
  /^Microsoft\.(ApiManagement|AppPlatform|DocumentDB|EventHub|Media|RecoveryServices|Storage|Web|Resources)\/|\/(bastionHosts|privateLinkServices|virtualNetworkGateways|backups|virtualEndpoints|advancedThreatProtectionSettings|mongodbDatabases|operationsStatus)(\/|$)/i

/** Said of a write that met another one, which nobody recorded. */
const overlap =
  /^(AnotherOperationInProgress|RetryableError|Canceled|OperationCancelled|ServerIsBusy|ServerBusy|ProvisioningServerBusy|AadAuthOperationCannotBePerformedWhenServerIsNotAccessible)$|is busy with/

/** The same is said today with one sentence more, or was said by the provider as long as ARM still knew of what was deleted. */
const otherWords =
  /under resource group '[^']*' was not found\.$|^Can not delete resource before nested|^The specified resource|'Microsoft.DBforPostgreSQL\/flexibleServers' with name '[^']*-postgresql-|^The zone '.*' does not exist in resource group|^Resource \/subscriptions.* not found\.$|^The operation with Id: '[^']*[g-z]/

/** Resources that lie in a subnet, or join one, and are none of ours. */
const users =
  /\/(azureFirewalls|loadBalancers|virtualMachines|virtualMachineScaleSets|applicationGateways|serviceAssociationLinks|publicIPAddresses|bastionHosts)\//i

/** Why an exchange cannot be replayed; undefined for one that can. */
export const leftOut = (one: Exchange, all: readonly Exchange[]): string | undefined =>
  notPlayed(one) ?? chance(one) ?? notWhole(one, all) ?? decidedElsewhere(one, all)

const textOf = ({ response }: Exchange): string => JSON.stringify(response.body ?? null)

/** It is about something that there is not here. */
function notPlayed(one: Exchange): string | undefined {
  const { request, response } = one
  const path = pathOf(request.url)
  const type = typeOf(path)
  if (beyond.test(type)) return `of ${type}, which is not played`
  if (/^(NicInUse|InUseSubnetCannotBeDeleted)$/.test(errorOf(response.body).code)) return 'in use by a virtual machine, which is not played'
  const ofInterface = /networkInterfaces(\/[^/]+)?$/i.test(path) || /\/networkInterfaces\/[^/]+\/ipConfigurations/i.test(textOf(one))
  if (ofInterface && !/privateEndpoints/i.test(textOf(one))) return 'shows the interface of a virtual machine, which is not played'
  return users.test(textOf(one)) ? 'shows a user of a network that is not played' : undefined
}

/** It depends on the day. */
function chance({ request, response }: Exchange): string | undefined {
  const { code, message } = errorOf(response.body)
  if (typeof response.body === 'string' && response.body !== '') return 'a web page instead of an answer'
  if (response.status >= 500) return `${response.status}, an accident of that day`
  if (/Throttled$/.test(code)) return `${code}: depends on what else the subscription did`
  if (/-privatepreview$/.test(versionOf(request.url))) return 'asked with an api-version that few could use'
  if (code === 'LocationNotAvailableForResourceGroup') return 'lists the regions of that day'
  if (code === 'NoRegisteredProviderFound') return 'depends on where the type was to be had on that day'
  if ((response.status === 404 || response.status === 409) && otherWords.test(message)) return 'said in words that depend on the day'
  if (/"nextLink":null/.test(JSON.stringify(response.body ?? null))) return 'a list of 2020, with members that are null'
  return /^\/subscriptions\/[^/]{36}(\/|$)/.test(new URL(request.url).pathname) || !/^\/subscriptions\//.test(new URL(request.url).pathname)
    ? undefined
    : 'an example of the specification, which nobody sent'
}

const isWrite = ({ request }: Exchange): boolean => /^(PUT|PATCH|DELETE)$/.test(request.method)

/** The cause of the answer was not recorded. */
function notWhole(one: Exchange, all: readonly Exchange[]): string | undefined {
  const { request, response } = one
  const met = (each: Exchange): boolean =>
    overlap.test(errorOf(each.response.body).code) || overlap.test(errorOf(each.response.body).message)
  const poll = response.headers['azure-asyncoperation']
  const end = poll === undefined ? undefined : all.find(each => pathOf(each.request.url) === pathOf(poll) && met(each))
  if (met(one) || end) return 'met by a write that was not recorded'
  const id = textAt(response.body, 'id')
  if (request.method === 'GET' && id !== '' && typeOf(id).toLowerCase() !== typeOf(pathOf(request.url)).toLowerCase())
    return 'answered with something else than was asked for'
  if (textOf(one).includes('--no-wait')) return 'a slip in the command that was recorded'
  const before = all.slice(0, all.indexOf(one)).some(isWrite)
  if (request.method === 'GET' && !before && /"provisioningState":"(Provisioning|Updating|Deleting)"/.test(textOf(one)))
    return 'seen in the midst of a write that was not recorded'
  return undefined
}

const played = /\/(Microsoft\.DBforPostgreSQL\/flexibleServers|Microsoft\.DataFactory\/factories)\//i

/** The other end of a private endpoint, which is not here, has said something of its own. */
function decidedElsewhere(one: Exchange, all: readonly Exchange[]): string | undefined {
  if (!/\/privateEndpoints(\/[^/]+)?$/i.test(pathOf(one.request.url))) return undefined
  const targets = [...textOf(one).matchAll(/"privateLinkServiceId":"([^"]*)"/g)].map(([, target = '']) => target)
  const foreign = targets.find(target => !played.test(target))
  if (foreign === undefined) return undefined
  const asked = all.slice(0, all.indexOf(one)).some(each => each.request.method === 'PUT') || isWrite(one)
  if (asked && !/"status":"Rejected"|Manual approval|\/privateLinkServices\//.test(textOf(one))) return undefined
  return `leads to a ${typeOf(foreign) || 'service'}, which is not played and has decided`
}
