import { encodedPath, nameOf, scopePathOf } from '../model/id.ts'
import type { Body } from '../model/json.ts'
import { jsonLine, printable } from '../model/printable.ts'
import type { Lock } from '../model/resource.ts'
import { shellWord } from '../model/shell.ts'

/**
 * The line that restores a lock with the Azure CLI alone, for a POSIX shell. `az lock create` takes no owners, and no word that has invisible
 * characters, or that begins like a flag (-) or a file to read (@): then the line sends the raw body.
 */
export function azLine(lock: Lock): string {
  const { path, level, properties } = lock
  const { notes, owners } = properties
  const name = nameOf(path)
  const place = placeOf(scopePathOf(path))
  const hasOwners = owners !== undefined && owners !== null && !(Array.isArray(owners) && owners.length === 0)
  const words = [name, ...(typeof notes === 'string' ? [notes] : [])]
  if (place === undefined || hasOwners || !words.every(isWord)) return restLine(lock)
  const said = typeof notes === 'string' ? ` --notes ${shellWord(notes)}` : ''
  return `az lock create --name ${shellWord(name)} --lock-type ${shellWord(level)} ${place}${said}`
}

/** `az rest` makes the address from an id, in the cloud of the login. */
function restLine({ path, level, properties: { notes, owners } }: Lock): string {
  const properties: Body = { level, ...(notes !== undefined && { notes }), ...(owners !== undefined && { owners }) }
  const url = `${encodedPath(path.replace(/\p{Cs}/gu, '\ufffd'))}?api-version=2020-05-01`
  return `az rest --method put --url ${shellWord(url)} --body ${shellWord(jsonLine({ properties }).trimEnd())}`
}

/** The flags that name a subscription, a group, or a resource in one; `undefined` for any other scope. */
function placeOf(scope: string): string | undefined {
  const [, subscription, group, rest] = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+)(\/.+)?)?$/i.exec(scope) ?? []
  if (subscription === undefined || ![subscription, group ?? ''].every(isWord)) return undefined
  if (rest !== undefined) return isWord(scope) ? `--resource ${shellWord(scope)}` : undefined
  return `--subscription ${shellWord(subscription)}${group === undefined ? '' : ` --resource-group ${shellWord(group)}`}`
}

const isWord = (text: string): boolean => !/^[-@]/.test(text) && printable(text) === text
