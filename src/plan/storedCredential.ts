import { kindOf } from '../kinds/index.ts'
import type { Change, Note, Refusal } from '../model/change.ts'
import { option } from '../model/option.ts'
import { names, type PlanOptions } from '../model/planOptions.ts'
import type { Desired } from '../model/resource.ts'
import { didYouMean } from '../model/suggest.ts'

interface Kept {
  readonly changes: readonly Change[]
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Note[]
}

/**
 * The changes, of which those that `--keep-stored-credential` names go out without their password. Refused where Azure has nothing stored
 * that the update could keep: a new one, another password, another way to sign in.
 */
export function keptCredentials(changes: readonly Change[], desired: Desired, options: PlanOptions): Kept {
  const asked = options.keepStoredCredential
  const isAsked = (change: Change): change is Exclude<Change, { op: 'delete' }> => change.op !== 'delete' && names(asked, change.resource)
  const refused = changes.filter(isAsked).flatMap(change => refusalOf(change, options))
  const unable = new Set(refused.map(({ address }) => address))
  const mayKeep = (change: Change): change is Extract<Change, { op: 'update' }> =>
    change.op === 'update' && isAsked(change) && !unable.has(change.resource.address)
  return {
    changes: changes.map(change => (mayKeep(change) ? { ...change, resource: { ...change.resource, keepsCredential: true } } : change)),
    refusals: [...asked.flatMap(one => misnamed(one, desired, options)), ...refused],
    notes: asked.flatMap(one => unused(one, changes, desired, options))
  }
}

const asGiven = (options: PlanOptions, address: string): string => `\`${option(options, 'keepStoredCredential', address)}\``

function refusalOf(change: Exclude<Change, { op: 'delete' }>, options: PlanOptions): Refusal[] {
  const { resource } = change
  const { storedCredential } = kindOf(resource)
  const fields = new Set(change.op === 'create' ? [] : change.fields.map(({ field }) => field))
  const why =
    change.op !== 'update'
      ? 'it is made new, and nothing is stored yet'
      : storedCredential?.refuses(change.old.props, resource.props, fields)
  if (storedCredential === undefined || why === undefined) return []
  const variables = kindOf(resource)
    .sends(resource.props, undefined)
    .map(({ variable }) => variable)
  const set = variables.length === 0 ? '' : `: set ${variables.join(', ')}, or ${storedCredential.instead}`
  const message = `${resource.address} cannot keep its stored credential, since ${why}. Take ${asGiven(options, resource.address)} back${set}.`
  return [{ code: 'stored-credential', address: resource.address, message, exit: 4, at: resource.at }]
}

/** An address of nothing, or of what has no credential. */
function misnamed(one: string, desired: Desired, options: PlanOptions): Refusal[] {
  const found = [...desired.values()].find(resource => names([one], resource))
  if (found?.managed && kindOf(found).storedCredential !== undefined) return []
  const able = [...desired.values()].filter(resource => kindOf(resource).storedCredential !== undefined).map(({ address }) => address)
  const title = found && kindOf(found).title
  const why = !found
    ? 'no entry of the topology'
    : found.managed
      ? `a ${title}, which has no stored credential`
      : 'not written by this topology'
  const meant = didYouMean(one, able) ?? 'give the address of a linked service that signs in with a password'
  return [{ code: 'unknown-address', address: one, message: `${asGiven(options, one)}: ${one} is ${why}: ${meant}`, exit: 4 }]
}

/** It was applied already, or is needed no more. */
function unused(one: string, changes: readonly Change[], desired: Desired, options: PlanOptions): Note[] {
  const isThere = [...desired.values()].some(resource => names([one], resource))
  const isChanged = changes.some(change => change.op !== 'delete' && names([one], change.resource))
  if (!isThere || isChanged) return []
  return [{ address: one, message: `${asGiven(options, one)} names nothing that this plan updates.` }]
}
