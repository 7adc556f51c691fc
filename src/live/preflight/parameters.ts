import { nameOf, parentOf } from '../../model/id.ts'
import { type Asked, found, needsIn } from './asked.ts'

/** Checks a standing server: parameters that it does not have, and values that one does not take. Its own read has said both. */
export function checkParameters(asked: Asked): void {
  for (const { resource, need, isNew, old } of needsIn(asked, 'parameter')) {
    const name = nameOf(resource.path)
    const server = asked.live.resources.get(parentOf(resource.id) ?? resource.id)?.observed
    const takes = old?.facts.takes
    if (isNew && server?.state === 'present')
      found(asked, resource, {
        rule: 'PGL080',
        message: `the server has no parameter ${name}: Azure would refuse it. Correct the name, or see what there is: az postgres flexible-server parameter list`
      })
    else if (takes !== undefined && !isTaken(need.value, takes))
      found(asked, resource, {
        rule: 'PGL079',
        exit: 4,
        message: `${name} does not take ${JSON.stringify(need.value)}, Azure would refuse it. It takes ${takes.allowed} (${takes.dataType.toLowerCase()}).`
      })
  }
}

/** In Azure's own form of the sets and ranges [CORPUS]. Azure judges values in another form. */
function isTaken(value: string, { dataType, allowed }: { readonly dataType: string; readonly allowed: string }): boolean {
  const words = allowed.split(',').map(word => word.trim().toLowerCase())
  switch (dataType.toLowerCase()) {
    case 'boolean':
    case 'enumeration':
      return words.includes(value.trim().toLowerCase())
    case 'set':
      return value === '' || value.split(',').every(part => words.includes(part.trim().replace(/^-/, '').toLowerCase()))
    case 'integer':
    case 'numeric':
      return isWithin(value.trim(), allowed)
    default:
      return true
  }
}

function isWithin(value: string, range: string): boolean {
  const [, least, most] = /^(-?[\d.]+(?:e[+-]?\d+)?)-(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(range) ?? []
  if (least === undefined || most === undefined) return true
  return value !== '' && Number(value) >= Number(least) && Number(value) <= Number(most)
}
