import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Secret } from '../../src/model/secret.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { subscription } from '../support/estate.ts'
import { complete } from '../support/yaml.ts'

export type Key = string | number
export type Tree = { [key: Key]: Tree } | string

export const theirs = `/subscriptions/${subscription}/resourceGroups/rg-theirs/providers`
const ours = `/subscriptions/${subscription}/resourceGroups/rg-adf/providers`
export const network = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network`
export const identities = `/subscriptions/${subscription}/resourceGroups/rg-t0/providers/Microsoft.ManagedIdentity/userAssignedIdentities`
const text = readFileSync('test/laws/compared.yaml', 'utf8')
  .replaceAll(/\bTHEIRS\b/g, theirs)
  .replaceAll(/\bOURS\b/g, ours)
  .replaceAll(/\bIDENTITY\b/g, identities)
  .replaceAll(/\bNSG\b/g, `${network}/networkSecurityGroups/nsg`)
  .replaceAll(/\bROUTES\b/g, `${network}/routeTables/routes`)

const parsed = parse(text, { merge: true, maxAliasCount: -1 }) as Record<'theirs' | 'ours', Tree>
/** A topology of its own, to be changed. */
export const read = (which: 'theirs' | 'ours'): Tree => structuredClone(parsed[which])
/** Passwords are what the schema calls secret; here they stand as text. */
export const withSecrets = (tree: Tree): Topology =>
  complete(
    JSON.parse(JSON.stringify(tree), (key, value) =>
      key === 'password' && typeof value === 'string' ? new Secret(`LAW_${value.toUpperCase()}`, 'Test-only-1') : value
    )
  )
