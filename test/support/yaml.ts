import { parse } from 'yaml'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { subscription } from './estate.ts'

const isSecret = (key: unknown, value: unknown): value is string => key === 'password' && typeof value === 'string'

/**
 * A topology as YAML text, with what a test would repeat filled in, and a value for every secret. The schema and
 * the rules are tested elsewhere.
 */
export function topologyFrom(text: string): Topology {
  const parsed = parse(
    text.replaceAll(/\$\{env:AZURE_SUBSCRIPTION_ID\}/g, subscription),
    (key, value) => (isSecret(key, value) ? new Secret('TEST_PASSWORD', 'Test-only-1') : value),
    { merge: true }
  ) as Partial<Topology>
  return complete(parsed)
}

export const complete = (partial: Partial<Topology>): Topology => ({
  version: 1,
  name: 'case',
  subscription,
  location: 'westeurope',
  resourceGroup: 'rg-case',
  ...partial
})

/** The smallest server that an endpoint may lead to. @param members more of it, each as a line of YAML */
export const smallServer = (...members: readonly string[]): string => `servers:
  case-pg:
    version: "17"
    compute: { tier: Burstable, size: Standard_B1ms }
    storage: { sizeGiB: 32 }
    administrator: { login: case_admin, password: drawn }
    networking: { publicAccess: { enabled: true } }
${members.map(member => `    ${member}\n`).join('')}`

/** A server without public access, of a size on which every feature is offered. @param members more of it, each as a line of YAML */
export const privateServer = (...members: readonly string[]): string =>
  smallServer(...members)
    .replace('{ tier: Burstable, size: Standard_B1ms }', '{ tier: GeneralPurpose, size: Standard_D2ds_v5 }')
    .replace('sizeGiB: 32', 'sizeGiB: 128')
    .replace('enabled: true', 'enabled: false')

/** A member of these servers: it joins subnet `a` of the network `hub`, and needs nobody's approval. */
export const joiningEndpoint = 'privateEndpoints: { pe: { subnet: hub/a, privateDns: none, approval: automatic } }'

/** A topology of one server with these databases, such as `{ one: {} }`. */
export const ordersWith = (databases: string): ReturnType<typeof topologyFrom> =>
  topologyFrom(`
servers:
  orders:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: orders_admin, password: Test-only-1, passwordVersion: 1 }
    networking: { publicAccess: { enabled: false } }
    databases: ${databases}`)
