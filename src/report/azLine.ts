import type { Lock } from '../model/resource.ts'
import { printable } from './printable.ts'

/** The line that puts a lock back with the Azure CLI alone, for a POSIX shell. */
export function azLine({ path, properties, name }: Lock): string {
  const at = path.slice(0, path.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/'))
  const [, , subscription = '', , group, , namespace] = at.split('/')
  const place =
    group === undefined
      ? `--subscription ${quoted(subscription)}`
      : namespace === undefined
        ? `--subscription ${quoted(subscription)} --resource-group ${quoted(group)}`
        : `--resource ${quoted(at)}`
  const notes = properties['notes'] === undefined ? '' : ` --notes ${quoted(String(properties['notes']))}`
  return `az lock create --name ${quoted(name)} --lock-type ${String(properties['level'])} ${place}${notes}`
}

/** Nothing in it means anything to the shell; what cannot be seen is written as an escape. */
const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`)
