/**
 * Whether an answer to this address is the provider's own, which writes every slash in its JSON as `\/`; ARM does not (CORPUS).
 * Lists of zones over a group or a subscription are put together by ARM.
 */
export const escapesSlashes = (path: string): boolean =>
  /\/Microsoft\.Network\/+(privateDnsZones\/+[^/]+|privateDnsOperation(Statuses|Results)\/)/i.test(path) &&
  !/\/providers\/+Microsoft\.Authorization(\/|$)/i.test(path)
