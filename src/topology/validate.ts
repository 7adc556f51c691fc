import { target, text } from './address.ts'
import { placeOf } from './place.ts'
import type { Problem } from './problem.ts'
import { rules, rulesById } from './rules/index.ts'
import type { Finding, Rule, RuleContext } from './rules/rule.ts'
import { type ShapeError, type ShapeProblem, shapeProblems } from './shape.ts'
import { soundPart } from './sound.ts'
import { mapScalars, type Node, nodeAt, type Path, plain, type ScalarNode, spanAt } from './tree.ts'

/**
 * Everything wrong with the document: its shape, its references, and what the rules about Azure say. `known` is what
 * was found while it was read. `subscription` is given for entries that name none.
 */
export async function validate(root: Node, known: readonly Problem[], subscription?: string): Promise<Problem[]> {
  const shape = await checkShape(root)
  const unsound = shape.filter(problem => problem.isUnsound).map(problem => problem.path)
  const ctx = contextOf(root, unsound, subscription)
  const found = rules.flatMap(rule => [...(rule.check?.(ctx) ?? [])].map(finding => problemOf(root, rule.id, finding)))
  const special = new Set([...known, ...found].map(problem => place(problem)))
  // A rule knows more than the schema about the same value: what it says stands alone.
  const general = shape
    .map(problem => problemOf(root, problem.rule, problem))
    .filter(problem => !isGeneral(problem) || !special.has(place(problem)))
  return distinct([...general, ...found, ...settingProblems(root)]).flatMap(problem => withLevel(root, problem))
}

async function checkShape(root: Node): Promise<ShapeProblem[]> {
  // A third of a megabyte of checks: what needs no topology does not pay for it.
  const { validate: compiled } = await import('./validator.generated.ts')
  const check = compiled as {
    call(context: { readonly root: Node }, data: unknown): boolean
    readonly errors?: readonly ShapeError[] | null
  }
  if (check.call({ root }, plain(mapScalars(root, asText), 'text'))) return []
  const errors = check.errors ?? []
  return isOther(root, errors) ? [notTopology] : errors.flatMap(error => shapeProblems(root, error))
}

/** A seed, a plan or a settings file given by mistake: each of its keys would be an error of its own. */
const isOther = (root: Node, errors: readonly ShapeError[]): boolean =>
  root.kind === 'map' &&
  root.entries.size > 0 &&
  errors.filter(({ keyword, instancePath }) => keyword === 'additionalProperties' && instancePath === '').length === root.entries.size

const notTopology: ShapeProblem = {
  rule: 'PGL920',
  path: [],
  summary: 'this is no topology: none of its keys is one of a topology',
  fix: 'check that this is the file that you mean; a topology begins with version: 1 and name:',
  isUnsound: true
}

/**
 * The schema takes whatever holds a variable, since an editor cannot know its value. Where the value is known, text that only
 * looks like a variable, as `$${env:NAME}` comes to, must not get past it.
 */
const asText = (node: ScalarNode): ScalarNode =>
  typeof node.value === 'string' && node.unset === undefined && node.secret === undefined
    ? { ...node, value: node.value.replaceAll('${env:', '$(env:') }
    : node

function contextOf(root: Node, unsound: readonly Path[], subscription: string | undefined): RuleContext {
  return {
    subscription,
    topology: soundPart(root, unsound),
    declared: path => nodeAt(root, path) !== undefined,
    text: path => text(root, path),
    flag: path => {
      const node = nodeAt(root, path)
      return node?.kind === 'scalar' && node.value === true
    },
    target: (collection, path) => target(root, collection, path),
    place: path => placeOf(root, path)
  }
}

const problemOf = (root: Node, rule: string, { path, aim = 'value', related = [], ...rest }: Finding): Problem => ({
  rule,
  path,
  span: spanAt(root, path, aim),
  summary: rest.summary,
  ...(rest.detail !== undefined && { detail: rest.detail }),
  ...(rest.fix !== undefined && { fix: rest.fix }),
  ...(rest.instead !== undefined && { repair: { aim, path, instead: rest.instead } }),
  related: related.map(other => ({ message: other.message, span: spanAt(root, other.path, other.aim ?? 'value') }))
})

const place = ({ span }: Problem): string => `${span?.source.file}:${span?.start}`
const isGeneral = ({ rule }: Problem): boolean => /^PGL92\d$/.test(rule)

/** An alias shows one mistake at every place it stands for; it was made once. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map(problem => [`${problem.rule} ${place(problem)} ${problem.summary}`, problem]))
  return [...seen.values()]
}

/** Entries of `rules:` about rules that cannot be lowered. */
function settingProblems(root: Node): Problem[] {
  return settings(root).flatMap(id => {
    const rule = rulesById.get(id)
    if (rule?.lowerable) return []
    const summary = rule
      ? `${id} (${rule.name}) cannot be lowered: Azure enforces it, or nothing can be done without it`
      : `there is no rule ${id}`
    const path = ['rules', id]
    return [{ rule: 'PGL932', path, span: spanAt(root, path, 'key'), summary }]
  })
}

function settings(root: Node): string[] {
  const node = nodeAt(root, ['rules'])
  return node?.kind === 'map' ? [...node.entries.keys()].filter(id => /^PGL\d{3}$/.test(id)) : []
}

function withLevel(root: Node, problem: Problem): Problem[] {
  const rule: Rule | undefined = rulesById.get(problem.rule)
  const level = rule?.lowerable && text(root, ['rules', problem.rule, 'level'])
  const reason = text(root, ['rules', problem.rule, 'reason'])
  if (!level || reason === undefined) return [problem]
  if (level === 'off') return []
  return level === 'warn' ? [{ ...problem, severity: 'warning', detail: `lowered in this file: ${reason}` }] : [problem]
}
