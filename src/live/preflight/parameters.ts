import type { Need } from '../../kinds/need.ts'
import { nameOf, parentOf } from '../../model/id.ts'
import { type Asked, type Checked, type Finding, needsIn, placed, type Wanting } from './asked.ts'

type Parameter = Wanting<Extract<Need, { need: 'parameter' }>>

/** Checks a standing server: parameters that it does not have, and values that one does not take. Its own read has said both. */
export async function checkParameters(asked: Asked): Promise<Checked> {
  return { findings: needsIn(asked, 'parameter').flatMap(parameter => refused(parameter, asked)) }
}

function refused({ resource, need: { value }, isNew, old }: Parameter, asked: Asked): Finding[] {
  const name = nameOf(resource.path)
  const base = { address: resource.address, at: placed(asked, resource) }
  const server = asked.live.resources.get(parentOf(resource.id) ?? resource.id)?.observed
  if (isNew && server?.state === 'present')
    return [
      {
        ...base,
        rule: 'PGL080',
        message: `the server has no parameter ${name}: Azure would refuse it. Correct the name, or see what there is: az postgres flexible-server parameter list`
      }
    ]
  const takes = old?.facts.takes
  if (takes === undefined || isTaken(value, takes)) return []
  return [
    {
      ...base,
      rule: 'PGL079',
      message: `${name} does not take ${JSON.stringify(value)}, Azure would refuse it. It takes ${takes.allowed} (${takes.dataType.toLowerCase()}).`,
      exit: 4
    }
  ]
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
