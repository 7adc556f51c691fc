import { kindNamed } from '../kinds/index.ts'
import { type Setting, set } from '../kinds/setting.ts'

/** `undefined` for what Azure says and no file: the state of a connection, of an operation. */
export function settingOf(kind: string, field: string): Setting | undefined {
  if (field.startsWith('tags/')) return set('tags', field.slice('tags/'.length))
  const fields = kindNamed.get(kind)?.fields ?? {}
  const at = Object.hasOwn(fields, field) ? fields[field]?.at : undefined
  return typeof at === 'string' ? set(...at.split('/').filter(key => key !== '')) : at
}
/** The address of a field as the file has it: what `driftIgnore` names. */
export const addressOfField = ({ kind, address, field }: { kind: string; address: string; field?: string | undefined }): string => {
  if (field === undefined) return address
  return [address, ...(settingOf(kind, field)?.path ?? [field])].join('/')
}
