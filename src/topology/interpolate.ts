import { option, type Worded } from '../model/option.ts'
import { Secret } from '../model/secret.ts'
import type { Problem } from './problem.ts'
import type { Span } from './source.ts'
import { type MapNode, mapScalars, type Node, type Path, type ScalarNode, scalars } from './tree.ts'

export interface Variables {
  /** Decided from outside the file, never by it: a file from a pull request must not read what it likes. */
  readonly allowed: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
}

/** `validate` takes a variable without a value as unknown; a plan cannot go on without it. */
export type Purpose = 'validate' | 'plan'

const reference = /\$\$\{|\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g
const wholeReference = /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$/

/** Puts variables in, and wraps what the schema calls secret. `isSecret` says where that is. */
export function interpolate(
  root: Node,
  variables: Variables,
  purpose: Purpose,
  isSecret: (path: Path) => boolean
): { readonly root: Node; readonly problems: readonly Problem[] } {
  const interpolation = new Interpolation(variables, purpose, secretNames(root, isSecret))
  const { problems } = interpolation
  if (root.kind === 'map') for (const problem of variablesInKeys(root, [])) problems.push(problem)
  const changed = mapScalars(root, (node, path) => {
    const { value } = node
    const place = { span: node.at, path }
    if (typeof value !== 'string') {
      if (isSecret(path) && value !== null) interpolation.inClear(place)
      return node
    }
    if (isSecret(path)) return interpolation.secret(node, value, place)
    if (!value.includes(`\${`)) return node
    if (path.length > 1 || (path[0] !== 'name' && path[0] !== 'extends')) return interpolation.substituted(node, value, place)
    problems.push({ ...place, rule: 'PGL912', summary: `${path[0]} cannot hold a variable` })
    return node
  })
  return { root: changed, problems }
}

/** The variables that stand where the schema says `secret`. */
function secretNames(root: Node, isSecret: (path: Path) => boolean): ReadonlySet<string> {
  const names = [...scalars(root)].flatMap(({ path, node }) =>
    typeof node.value === 'string' && isSecret(path) ? (wholeReference.exec(node.value)?.[1] ?? []) : []
  )
  return new Set(names)
}

interface Place {
  readonly span: Span
  readonly path: Path
}

class Interpolation {
  readonly problems: Problem[] = []
  readonly #variables: Variables
  readonly #purpose: Purpose
  readonly #secrets: ReadonlySet<string>

  constructor(variables: Variables, purpose: Purpose, secrets: ReadonlySet<string>) {
    this.#variables = variables
    this.#purpose = purpose
    this.#secrets = secrets
  }

  substituted(node: ScalarNode, text: string, place: Place): ScalarNode {
    const unset: string[] = []
    const value = text.replace(reference, (match, name: string | undefined) => {
      if (match === `$\${`) return `\${`
      if (name === undefined) {
        this.problems.push({ ...place, rule: 'PGL915', summary: `\${ does not begin a variable: the only form is \${env:NAME}` })
        return match
      }
      const isSecret = this.#secrets.has(name)
      const summary = `the variable ${name} is a secret elsewhere in the file, and would be shown here`
      if (isSecret) this.problems.push({ ...place, rule: 'PGL917', summary })
      const found = isSecret ? undefined : this.#lookUp(name, place)
      if (found === undefined) unset.push(name)
      return found ?? match
    })
    for (const name of new Set(unset)) if (!this.#secrets.has(name)) this.#unset(name, place)
    return unset.length > 0 ? { ...node, value: text, unset } : { ...node, value }
  }

  secret(node: ScalarNode, text: string, place: Place): ScalarNode {
    const name = wholeReference.exec(text)?.[1]
    if (name === undefined) {
      if (isAllVariables(text)) this.#severalVariables(place)
      else this.inClear(place)
      return { ...node, value: `\${env:REDACTED}`, secret: new Secret('REDACTED', undefined) }
    }
    const value = this.#lookUp(name, place)
    // A plan needs no secret until a step must send it; the step says so then.
    if (value === undefined && this.#purpose === 'validate') this.#unset(name, place)
    return { ...node, secret: new Secret(name, value) }
  }

  inClear(place: Place): void {
    this.problems.push({ ...place, rule: 'PGL913', summary: `${String(place.path.at(-1))} is a secret and stands in the file in clear` })
  }

  #severalVariables(place: Place): void {
    const summary = `${String(place.path.at(-1))} is a secret, and a secret is one variable alone: \${env:NAME}, its name of letters, digits and _`
    this.problems.push({ ...place, rule: 'PGL915', summary, fix: `write \${env:NAME} and nothing else there` })
  }

  #lookUp(name: string, place: Place): string | undefined {
    if (this.#variables.allowed.has(name)) return this.#variables.values.get(name)
    const fix = (worded: Worded): string =>
      `allow it with ${option(worded, 'allowEnv', name)}, or put it into the file given with ${option(worded, 'envFile')}`
    this.problems.push({ ...place, rule: 'PGL911', summary: `the variable ${name} is not among those that may be read`, fix })
    return undefined
  }

  /** A variable that may not be read has a problem of its own. */
  #unset(name: string, place: Place): void {
    if (!this.#variables.allowed.has(name)) return
    const isChecked = this.#purpose === 'validate'
    const summary = `the variable ${name} is not set${isChecked ? ': its value is not checked' : ''}`
    this.problems.push({ ...place, rule: 'PGL914', severity: isChecked ? 'warning' : 'error', summary })
  }
}

/** Nothing of the secret itself stands there: the form is wrong, not the place. */
const isAllVariables = (text: string): boolean => /^(?:\$?\$\{[^{}]*\}\s*)+$/.test(text.trim())

function* variablesInKeys(node: MapNode, path: Path): Generator<Problem> {
  for (const [key, { key: span, value }] of node.entries) {
    const here = [...path, key]
    if (key.includes(`\${env:`)) yield { rule: 'PGL912', span, path: here, summary: 'a key cannot hold a variable' }
    if (value.kind === 'map') yield* variablesInKeys(value, here)
  }
}
