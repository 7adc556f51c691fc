import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

// The layers are the folders of src/; a file may import from its own folder and from those listed, nothing
// else. A layer that is not named here is refused.
const below = ['report', 'topology', 'live', 'plan', 'apply', 'proof', 'kinds', 'azure', 'model']
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  azure: ['model'],
  kinds: ['azure', 'model'],
  topology: ['kinds', 'model'],
  live: ['kinds', 'azure', 'model'],
  plan: ['proof', 'kinds', 'model'],
  apply: ['proof', 'kinds', 'azure', 'model'],
  proof: ['live', 'kinds', 'azure', 'model'],
  report: ['plan', 'apply', 'proof', 'topology', 'kinds', 'azure', 'model'],
  github: ['report', 'model'],
  commands: below,
  // The commands again, as steps of a workflow.
  action: ['commands', 'github', ...below],
  // And as functions of a program.
  library: ['commands', ...below],
  // A program of its own, which shares not even the ids: a witness does not share the suspect's notes.
  sandbox: []
}

/** Only these two know the sandbox: the command that serves it, and the one that keeps it in this process. */
const knowSandbox = ['commands/sandbox.ts', 'commands/inSandbox.ts']

/** A report takes the stages' words, not their work. */
const wordsOnly: Readonly<Record<string, readonly string[]>> = { kinds: ['azure'], report: ['azure'] }
const loadNothing = /\/azure\/(call|error|wait)\.ts$/

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  path => path.endsWith('.ts') && !path.endsWith('.generated.ts')
)
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))

interface Import {
  readonly target: string
  readonly layer: string | undefined
  readonly isType: boolean
}

const importsOf = (path: string, source: string): Import[] =>
  [...source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?from\s+)?'([^']+)'/gm)].map(([, type, target = '']) => ({
    target,
    layer: target.startsWith('.') ? join(dirname(path), target).split('/')[0] : undefined,
    isType: type !== undefined
  }))

test('there are sources to look at', () => expect(files.length).toBeGreaterThan(50))

describe.each(files)('src/%s', path => {
  const [layer = ''] = path.includes('/') ? path.split('/') : ['edge']
  const source = readFileSync(`src/${path}`, 'utf8')
  const imports = importsOf(path, source)

  test('imports only downwards', () => {
    for (const { layer: target, target: from, isType } of imports) {
      // The package's own name and version are the one thing from outside.
      if (target === undefined || layer === 'edge' || from === '../../package.json') continue
      if (target === 'sandbox' && layer !== 'sandbox') {
        expect(knowSandbox, `${path} imports ${from}`).toContain(path)
        continue
      }
      expect([layer, ...(mayImport[layer] ?? [])], `${path} imports ${from}`).toContain(target)
      if (wordsOnly[layer]?.includes(target) && !isType && !loadNothing.test(from) && !onlyTypes(source, from))
        expect.unreachable(`${path} takes values from ${from}`)
    }
  })

  // A command that never speaks to Azure must not pay for the clients: the facade loads them, one by one.
  test('loads no Azure client by being imported', () => {
    for (const { target, isType } of imports) {
      if (isType || onlyTypes(source, target)) continue
      expect(target, 'clients are imported as types').not.toMatch(/^@azure\/arm-/)
      if (layer !== 'azure' && path !== 'commands/inSandbox.ts') expect(target, 'and so is their core').not.toMatch(/^@azure\//)
    }
  })

  test('loads no sandbox unless there is to be one', () => {
    if (knowSandbox.includes(path)) return
    for (const { target, isType } of imports) if (!isType) expect(knowSandbox).not.toContain(join(dirname(path), target))
  })

  test('starts no program, unless it is the one place that asks Git', () => {
    if (path !== 'commands/git.ts') expect(imports.map(({ target }) => target)).not.toContain('node:child_process')
  })

  test('writes to a terminal only with the template that escapes', () => {
    if (['commands', 'action', 'edge'].includes(layer)) expect(source).not.toMatch(/(?:\b(?:out|err|say|print)\(|\)\()\s*`[^`]*\$\{/)
  })

  test('quotes nothing for a shell by itself', () => {
    if (path !== 'model/shell.ts') expect(source).not.toMatch(/'\\\\?''/)
  })

  test('is of a size to be read', () => {
    expect(source.split('\n').length, 'lines in one file').toBeLessThanOrEqual(400)
    for (const { name, lines } of functionsIn(source)) expect(lines, `lines of ${name}`).toBeLessThanOrEqual(60)
  })

  if (!['commands', 'edge', 'sandbox'].includes(layer)) {
    test('neither prints, exits nor reads the environment', () =>
      expect(source).not.toMatch(/\bconsole\.|\bprocess\.(exit|env|argv|stdout|stderr)/))
  }
})

test.each(tests)('test/%s is of a size to be read', path => {
  expect(readFileSync(`test/${path}`, 'utf8').split('\n').length).toBeLessThanOrEqual(400)
})

// A sentence names its subject: one that begins with one of these words makes its reader wait for it.
test('no comment begins with What, Who, Of, Nobody or Whose', () => {
  const begins = /(?:^\s*\*|\/\*\*?|\/\/) (?:What|Who|Of|Nobody|Whose)\b/
  const found = [...files.map(path => `src/${path}`), ...tests.map(path => `test/${path}`)].flatMap(path =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => (begins.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : []))
  )
  expect(found).toEqual([])
})

/** `import { type A, type B } from` is erased as a whole import of types is. */
function onlyTypes(source: string, target: string): boolean {
  const names = new RegExp(`^import \\{([^}]*)\\} from '${target.replaceAll('.', '\\.')}'`, 'm').exec(source)?.[1]
  return names?.split(',').every(name => name.trim() === '' || name.trim().startsWith('type ')) ?? false
}

/** Functions at the left margin or as methods of an object there, by their braces' indentation: the formatter keeps it. */
function functionsIn(source: string): { readonly name: string; readonly lines: number }[] {
  const lines = source.split('\n')
  return lines.flatMap((line, start) => {
    const match =
      /^(\s{0,4})(?:export )?(?:async )?(?:function\*? (\w+)|(?:const (\w+) = .*=>|(?:async )?(\w+)\([^)]*\)(?:: [^{]+)?) \{$)/.exec(line)
    if (match === null || /^\s*(if|for|while|switch|return|catch)\b/.test(line)) return []
    const indent = match[1] ?? ''
    const end = lines.findIndex((other, at) => at > start && other.startsWith(`${indent}}`))
    return end < 0 ? [] : [{ name: match[2] ?? match[3] ?? match[4] ?? '', lines: end - start + 1 }]
  })
}
