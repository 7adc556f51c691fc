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
  const problems: Problem[] = []
  if (root.kind === 'map') for (const problem of variablesInKeys(root, [])) problems.push(problem)
  const secrets = secretNames(root, isSecret)
  const changed = mapScalars(root, (node, path) => {
    if (typeof node.value !== 'string') {
      if (isSecret(path) && node.value !== null) problems.push(literalSecret(path, node.at))
      return node
    }
    if (isSecret(path)) return secret(node, node.value, path, variables, purpose, problems)
    if (!node.value.includes(`\${`)) return node
    if (path.length === 1 && (path[0] === 'name' || path[0] === 'extends')) {
      problems.push({ rule: 'PGL912', span: node.at, path, summary: `${path[0]} cannot hold a variable` })
      return node
    }
    return substituted(node, node.value, path, { variables, purpose, secrets }, problems)
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

interface Surroundings {
  readonly variables: Variables
  readonly purpose: Purpose
  readonly secrets: ReadonlySet<string>
}

function substituted(
  node: ScalarNode,
  text: string,
  path: Path,
  { variables, purpose, secrets }: Surroundings,
  problems: Problem[]
): ScalarNode {
  const unset: string[] = []
  const value = text.replace(reference, (match, name: string | undefined) => {
    if (match === `$\${`) return `\${`
    if (name === undefined) {
      problems.push({ rule: 'PGL915', span: node.at, path, summary: `\${ does not begin a variable: the only form is \${env:NAME}` })
      return match
    }
    if (secrets.has(name)) {
      problems.push({
        rule: 'PGL917',
        span: node.at,
        path,
        summary: `the variable ${name} is a secret elsewhere in the file, and would be shown here`
      })
      unset.push(name)
      return match
    }
    const found = lookUp(name, node.at, path, variables, problems)
    if (found === undefined) unset.push(name)
    return found ?? match
  })
  for (const name of new Set(unset))
    if (variables.allowed.has(name) && !secrets.has(name)) problems.push(unsetVariable(name, node.at, path, purpose))
  return unset.length > 0 ? { ...node, value: text, unset } : { ...node, value }
}

function secret(node: ScalarNode, text: string, path: Path, variables: Variables, purpose: Purpose, problems: Problem[]): ScalarNode {
  const name = wholeReference.exec(text)?.[1]
  if (name === undefined) {
    problems.push(isAllVariables(text) ? severalVariables(path, node.at) : literalSecret(path, node.at))
    return { ...node, value: `\${env:REDACTED}`, secret: new Secret('REDACTED', undefined) }
  }
  const value = lookUp(name, node.at, path, variables, problems)
  // A plan needs no secret until a step must send it; the step says so then.
  if (value === undefined && purpose === 'validate' && variables.allowed.has(name))
    problems.push(unsetVariable(name, node.at, path, purpose))
  return { ...node, secret: new Secret(name, value) }
}

function lookUp(name: string, at: Span, path: Path, variables: Variables, problems: Problem[]): string | undefined {
  if (variables.allowed.has(name)) return variables.values.get(name)
  const fix = `allow it with --allow-env ${name}, or put it into the file given with --env-file`
  problems.push({ rule: 'PGL911', span: at, path, summary: `the variable ${name} is not among those that may be read`, fix })
  return undefined
}

/** Nothing of the secret itself stands there: the form is wrong, not the place. */
const isAllVariables = (text: string): boolean => /^(?:\$?\$\{[^{}]*\}\s*)+$/.test(text.trim())

const severalVariables = (path: Path, span: Span): Problem => ({
  rule: 'PGL915',
  span,
  path,
  summary: `${String(path.at(-1))} is a secret, and a secret is one variable alone: \${env:NAME}, its name of letters, digits and _`,
  fix: `write \${env:NAME} and nothing else there`
})

const literalSecret = (path: Path, span: Span): Problem => ({
  rule: 'PGL913',
  span,
  path,
  summary: `${String(path.at(-1))} is a secret and stands in the file in clear`
})

const unsetVariable = (name: string, span: Span, path: Path, purpose: Purpose): Problem => ({
  rule: 'PGL914',
  span,
  path,
  severity: purpose === 'validate' ? 'warning' : 'error',
  summary: purpose === 'validate' ? `the variable ${name} is not set: its value is not checked` : `the variable ${name} is not set`
})

function* variablesInKeys(node: MapNode, path: Path): Generator<Problem> {
  for (const [key, { key: span, value }] of node.entries) {
    const here = [...path, key]
    if (key.includes(`\${env:`)) yield { rule: 'PGL912', span, path: here, summary: 'a key cannot hold a variable' }
    if (value.kind === 'map') yield* variablesInKeys(value, here)
  }
}
