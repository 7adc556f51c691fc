/**
 * The consents, each a list of addresses, without which a plan refuses a part of itself. A member here is an option of the library, a flag
 * and an input of the Action by its own name, and a saved plan records it.
 */
export interface Consents<List = readonly string[]> {
  /** Addresses that may be deleted although they hold data or other resources. */
  readonly allowDelete: List
  /** Addresses that may be deleted although a Delete lock is on them. */
  readonly allowLockedDelete: List
  /** Addresses that may take the old path to a server away although the new one is not proven. */
  readonly allowInterrupt: List
  /** Addresses of linked services whose update sends back the credential that Data Factory has stored, in place of the password. */
  readonly keepStoredCredential: List
  /** Servers that may be taken out of their virtual network, which there is no way back into: `servers/NAME`. */
  readonly allowMigrate: List
  /** Servers of which also a replica, one with replicas or high availability, and one that is not Ready may be migrated so. */
  readonly allowMigrateUnproven: List
  /** Read replicas that may be promoted, as the roles in the file ask for: addresses, or their last keys. */
  readonly allowPromote: List
  /** As `allowPromote`, without waiting for what the source has written last: that is lost. */
  readonly promoteForced: List
}

export const noConsents: Consents = {
  allowDelete: [],
  allowLockedDelete: [],
  allowInterrupt: [],
  keepStoredCredential: [],
  allowMigrate: [],
  allowMigrateUnproven: [],
  allowPromote: [],
  promoteForced: []
}

export type Consent = keyof Consents

export const consentNames = Object.keys(noConsents) as readonly Consent[]

/** A value for each consent. */
export const eachConsent = <Value>(value: (name: Consent) => Value): Consents<Value> =>
  Object.fromEntries(consentNames.map(name => [name, value(name)])) as unknown as Consents<Value>

/** The consents that name servers, of which each is about one call that Azure never takes back. */
export const serverConsents: readonly Consent[] = ['allowMigrate', 'allowMigrateUnproven', 'allowPromote', 'promoteForced']
