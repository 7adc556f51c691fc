import { jsonIn } from '../model/json.ts'

/** The ids in a Terraform state: all that is taken of it. */
export interface StateIds {
  /** Terraform made these, and would change them back. */
  readonly managed: readonly string[]
  /** Terraform only reads these. */
  readonly data: readonly string[]
}

/** A file that is no state as `terraform show -json` writes it. The message goes on after the file's name. */
export class NoState extends Error {
  override readonly name = 'NoState'
}

interface Module {
  readonly resources?: unknown
  readonly child_modules?: unknown
}

const isArmId = (id: unknown): id is string => typeof id === 'string' && /^\/subscriptions\/[^/]+\/resourceGroups\//i.test(id)

/**
 * The ids of the resources in what `terraform show -json` writes [developer.hashicorp.com/terraform/internals/json-format: values
 * representation]. A state holds passwords in clear: nothing else of it is kept.
 *
 * @throws NoState
 */
export function idsInState(text: string): StateIds {
  const root = memberOf(memberOf(parsedState(text), 'values'), 'root_module')
  if (root === undefined) throw new NoState('is no state as `terraform show -json` writes it: give what that prints, not the state file')
  const found = { managed: new Set<string>(), data: new Set<string>() }
  const look = ({ resources, child_modules: below }: Module): void => {
    for (const one of listOf(resources)) {
      const id = memberOf(memberOf(one, 'values'), 'id')
      const mode = memberOf(one, 'mode')
      if (isArmId(id) && (mode === 'managed' || mode === 'data')) found[mode].add(id)
    }
    for (const module of listOf(below)) if (typeof module === 'object' && module !== null) look(module)
  }
  look(root as Module)
  return { managed: [...found.managed].sort(), data: [...found.data].sort() }
}

function parsedState(text: string): unknown {
  try {
    return jsonIn(text)
  } catch (error) {
    throw new NoState((error as Error).message)
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
