import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../src/kinds/index.ts'
import { inBoth, inRestAlone } from './support/parts.ts'

// The layers are the folders of src/; a file may import from its own folder and from those listed, nothing
// else. A layer that is not named here is refused.
const below = [
  'host',
  'report',
  'document',
  'engine',
  'import',
  'drift',
  'topology',
  'live',
  'plan',
  'apply',
  'locks',
  'proof',
  'kinds',
  'azure',
  'model'
]
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  azure: ['model'],
  kinds: ['azure', 'model'],
  topology: ['kinds', 'model'],
  live: ['kinds', 'azure', 'model'],
  import: ['live', 'topology', 'kinds', 'azure', 'model'],
  locks: ['kinds', 'azure', 'model'],
  plan: ['locks', 'proof', 'kinds', 'model'],
  apply: ['locks', 'proof', 'kinds', 'azure', 'model'],
  proof: ['live', 'kinds', 'azure', 'model'],
  drift: ['plan', 'locks', 'topology', 'live', 'proof', 'kinds', 'azure', 'model'],
  document: ['engine', 'drift', 'plan', 'locks', 'proof', 'kinds', 'model'],
  report: ['document', 'engine', 'topology', 'kinds', 'model'],
  // It prints nothing and knows no flag: documents, reports and hosts are above it.
  engine: ['import', 'drift', 'topology', 'live', 'plan', 'apply', 'locks', 'proof', 'kinds', 'azure', 'model'],
  // The words of all hosts for what the engine tells.
  host: ['report', 'document', 'engine', 'topology', 'locks', 'plan', 'model'],
  github: ['report', 'document', 'engine', 'model'],
  cli: below,
  // The commands again, as steps of a workflow.
  action: ['cli', 'github', ...below],
  library: below,
  // A program of its own, which shares not even the ids: a witness does not share the suspect's notes.
  sandbox: []
}

/** Only these two know the sandbox: the command that serves it, and the one that keeps it in this process. */
const knowSandbox = ['cli/sandbox.ts', 'engine/inSandbox.ts']

/** A report takes the stages' words, not their work. */
const wordsOnly: Readonly<Record<string, readonly string[]>> = { kinds: ['azure'], report: ['azure'] }
const loadNothing = /\/azure\/(call|deadline|error|items|poll)\.ts$/

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

interface Source {
  readonly path: string
  readonly layer: string
  readonly source: string
  readonly imports: readonly Import[]
}

const sources: readonly Source[] = files.map(path => {
  const source = readFileSync(`src/${path}`, 'utf8')
  return { path, layer: path.includes('/') ? (path.split('/')[0] ?? '') : 'edge', source, imports: importsOf(path, source) }
})

/** Each file that breaks a law, with what in it does. */
const breaking = (law: (source: Source) => readonly string[]): string[] =>
  sources.flatMap(source => law(source).map(what => `src/${source.path}: ${what}`))

const targets = (imports: readonly Import[]): string[] => imports.map(({ target }) => target)

test('there are sources to look at', () => expect(files.length).toBeGreaterThan(50))

test('a file imports only downwards', () => {
  const upwards = ({ path, layer, source, imports }: Source): string[] =>
    targets(
      imports.filter(({ layer: to, target, isType }) => {
        // The package's own name and version are the one thing from outside.
        if (to === undefined || layer === 'edge' || target === '../../package.json') return false
        if (to === 'sandbox' && layer !== 'sandbox') return !knowSandbox.includes(path)
        if (![layer, ...(mayImport[layer] ?? [])].includes(to)) return true
        // A value of a layer that gives only words.
        return wordsOnly[layer]?.includes(to) && !isType && !loadNothing.test(target) && !onlyTypes(source, target)
      })
    )
  expect(breaking(upwards)).toEqual([])
})

// Locks and drift are each one idea: whoever uses one finds in a short file what there is.
const doors: Readonly<Record<string, readonly string[]>> = { locks: ['index.ts', 'planning.ts'], drift: ['index.ts'] }

test('nothing imports past the door of locks/ or drift/', () => {
  const past = ({ path, layer, imports }: Source): string[] =>
    targets(
      imports.filter(
        ({ target, layer: to }) => to !== layer && doors[to ?? '']?.includes(join(dirname(path), target).replace(/^\w+\//, '')) === false
      )
    )
  expect(breaking(past)).toEqual([])
})

// A plan is pure: what it takes of the locks must not load what reaches Azure or the disk.
test('the door of locks/ for a plan leads to nothing that carries out', () => {
  const behind = (path: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(path)) return seen
    seen.add(path)
    const { source = '', imports = [] } = sources.find(one => one.path === path) ?? {}
    for (const { target, layer, isType } of imports)
      if (layer !== undefined && !isType && !onlyTypes(source, target)) behind(join(dirname(path), target), seen)
    return seen
  }
  const reached = [...behind('locks/planning.ts')]
  expect(reached.length).toBeGreaterThan(2)
  expect(
    reached.filter(path => path.startsWith('locks/') && sources.some(one => one.path === path && one.imports.some(reachesOut)))
  ).toEqual([])
})

const reachesOut = ({ target, layer, isType }: Import): boolean => !isType && (layer === 'azure' || target.startsWith('node:'))

/** A kind says how it is drawn, and the table of looks asks it. */
const asksKinds = ['report/looks.ts']

test('a report takes documents, and of the rest of the program no more than types', () => {
  const values = ({ path, layer, source, imports }: Source): string[] =>
    layer !== 'report' || asksKinds.includes(path)
      ? []
      : targets(
          imports.filter(
            ({ layer: to, target, isType }) =>
              to !== undefined && to !== 'report' && to !== 'model' && !isType && !onlyTypes(source, target)
          )
        )
  expect(breaking(values)).toEqual([])
})

// A command that never speaks to Azure must not pay for the clients: the facade loads them, one by one.
test('no file loads an Azure client by being imported', () => {
  const loads = ({ path, layer, source, imports }: Source): string[] => {
    const anyAzure = layer === 'azure' || path === 'engine/inSandbox.ts' ? /^@azure\/arm-/ : /^@azure\//
    return targets(imports.filter(({ isType, target }) => anyAzure.test(target) && !isType && !onlyTypes(source, target)))
  }
  expect(breaking(loads)).toEqual([])
})

test('no file loads the sandbox unless there is to be one', () => {
  const loads = ({ path, imports }: Source): string[] =>
    knowSandbox.includes(path)
      ? []
      : targets(imports.filter(({ isType, target }) => !isType && knowSandbox.includes(join(dirname(path), target))))
  expect(breaking(loads)).toEqual([])
})

// A value of a file in a circle may not be there yet when another reads it. The sandbox is a program of its own.
test('no files import values of each other in a circle', () => {
  const values = new Map(
    sources
      .filter(({ layer }) => layer !== 'sandbox')
      .map(({ path, source, imports }) => [
        path,
        targets(imports.filter(({ target, layer, isType }) => layer !== undefined && !isType && !onlyTypes(source, target))).map(target =>
          join(dirname(path), target)
        )
      ])
  )
  const done = new Set<string>()
  const circles = (path: string, above: readonly string[]): string[] => {
    if (above.includes(path)) return [[...above.slice(above.indexOf(path)), path].join(' -> ')]
    if (done.has(path)) return []
    const found = (values.get(path) ?? []).flatMap(next => circles(next, [...above, path]))
    done.add(path)
    return found
  }
  expect([...values.keys()].flatMap(path => circles(path, []))).toEqual([])
})

test('no file starts a program, but the one place that asks Git', () => {
  const starts = ({ path, imports }: Source): string[] =>
    path === 'engine/git.ts' ? [] : targets(imports).filter(target => target === 'node:child_process')
  expect(breaking(starts)).toEqual([])
})

// A value that no parameter shows is one that a reader does not know of.
test('no value reaches a function behind its parameters', () => {
  expect(breaking(({ imports }) => targets(imports).filter(target => target.endsWith('async_hooks')))).toEqual([])
})

test('a file writes to a terminal only with the template that escapes', () => {
  const raw = /(?:\b(?:out|err|say|print)\(|\)\()\s*`[^`]*\$\{/g
  const writes = ({ layer, source }: Source): string[] => (['cli', 'action', 'edge'].includes(layer) ? found(raw, source) : [])
  expect(breaking(writes)).toEqual([])
})

test('the way of one endpoint in CONTRIBUTING names functions that are there, fewer than 15', () => {
  const [, part = ''] = /## Follow one private endpoint([\s\S]*?)\n## /.exec(readFileSync('CONTRIBUTING.md', 'utf8')) ?? []
  const steps = [...part.matchAll(/^\| `(\w+)` \| `([^`]+)` \|/gm)].map(([, name = '', file = '']) => ({ name, file }))
  const isThere = ({ name, file }: { readonly name: string; readonly file: string }): boolean =>
    existsSync(file) && new RegExp(`(?:function|const|async) ${name}\\b|^ {2}${name}: \\(`, 'm').test(readFileSync(file, 'utf8'))
  expect(steps.length).toBeGreaterThan(10)
  expect(steps.length).toBeLessThan(15)
  expect(steps.filter(step => !isThere(step))).toEqual([])
})

// A reader who looks a name up is to find one thing.
test('an exported name is defined once within a layer', () => {
  const places = new Map<string, string[]>()
  for (const { path, layer, source } of sources)
    if (layer !== 'sandbox')
      for (const [, name] of source.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm))
        places.set(`${layer}: ${name}`, [...(places.get(`${layer}: ${name}`) ?? []), path])
  expect([...places].filter(([, paths]) => paths.length > 1)).toEqual([])
})

// One word a thing, as in the table of CONTRIBUTING: a reader who knows the table finds a file and a function by its name.
test('no file and no exported name has a word for which there is another one', () => {
  const words =
    'stranger relock unlock standing goingOn goesOn underWay notGoing lookAfter settle debt memory orphan reread asPlanned'.split(' ')
  const larger = words.map(word => word[0]?.toUpperCase() + word.slice(1))
  const old = new RegExp(`(?<![a-zA-Z])(?:${words.join('|')})|${larger.join('|')}`)
  const layers = ['locks', 'drift', 'apply', 'azure', 'kinds', 'live', 'proof', 'plan', 'model', 'engine']
  const names = sources
    .filter(({ layer }) => layers.includes(layer))
    .flatMap(({ path, source }) => [
      path,
      ...[...source.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)].map(([, name]) => `${path}: ${name}`)
    ])
  const named = tests.filter(path => layers.includes(path.split('/')[0] ?? '')).map(path => `test/${path}`)
  expect([...names, ...named].filter(name => old.test(name))).toEqual([])
})

// A loop that waits by itself has its own idea of limits, heartbeats and interrupts.
test('only azure/poll.ts waits on the clock', () => {
  const waits = ({ path, layer, source }: Source): string[] =>
    // The clock of a sandbox in this process is handed on, and not waited on.
    layer === 'sandbox' || path === 'azure/poll.ts'
      ? []
      : found(/(?<!sandbox\.)\bclock\.sleep\(/g, source.replace(/sleep: \(.*=> clock\.sleep\(/, ''))
  expect(breaking(waits)).toEqual([])
})

test('no file quotes for a shell by itself', () => {
  expect(breaking(({ path, source }) => (path === 'model/shell.ts' ? [] : found(/'\\\\?''/g, source)))).toEqual([])
})

test('a file is of a size to be read', () => {
  // The definition of a kind is a table.
  const tooLong = ({ source }: Pick<Source, 'source'>): string[] => {
    const lines = linesOf(source.replace(/^export const \w+: Kind = defineKind\(\{\n[\s\S]*?^\}\)\n/m, ''))
    return lines > 300 ? [`${lines} lines`] : []
  }
  const functions = ({ source }: Source): string[] =>
    functionsIn(source).flatMap(({ name, lines }) => (lines > 60 ? [`${lines} lines of ${name}`] : []))
  expect(breaking(tooLong)).toEqual([])
  expect(breaking(functions)).toEqual([])
  expect(tests.filter(path => linesOf(readFileSync(`test/${path}`, 'utf8')) > 400)).toEqual([])
})

// A kind knows everything about its kind. Where one is the subject of another file, that file imports it: `subnet.type`.
test('no kind and no type of ARM is named by a string outside kinds/', () => {
  const keys = new Set([...readFileSync('schema/topology.schema.json', 'utf8').matchAll(/"(\w+)":/g)].map(([, key]) => key))
  const names = kinds.map(({ name }) => name)
  const quoted = new RegExp(`'(${names.join('|')})'`, 'g')
  const tabled = new RegExp(`^\\s*(${names.filter(name => !keys.has(name)).join('|')}):`, 'gm')
  const literals = (source: string, layer: string): string[] => {
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '')
    const texts = [...code.matchAll(quoted)]
      .filter(({ index, 1: name }) => !(keys.has(name) && isInList(code, index)))
      .map(([text]) => text)
    const types = found(/'[^'\n]*'|`[^`\n]*`/g, code).filter(
      text => /microsoft\.(?!com\/)\w+\/[a-z]/i.test(text) && !/\s|https:/.test(text)
    )
    // Below the kinds are addresses of Azure itself: of a group, of the locks and of the permissions on a scope.
    const isBelow = layer === 'model' || layer === 'azure'
    return [...texts, ...found(tabled, code), ...(isBelow ? [] : types)]
  }
  const counts = sources
    .filter(({ layer }) => layer !== 'kinds' && layer !== 'sandbox')
    .map(({ path, layer, source }) => [path, literals(source, layer).length] as const)
  expect(Object.fromEntries(counts.filter(([, count]) => count > 0))).toEqual({})
})

/** Whether a list is the nearest thing that is open at this place: a key of the file stands in a path. */
function isInList(code: string, index: number): boolean {
  let closed = 0
  for (const char of [...code.slice(0, index)].reverse().join('')) {
    if (')]}'.includes(char)) closed++
    else if ('([{'.includes(char) && closed-- === 0) return char === '['
  }
  return false
}

// Types are read in a review; code that a schema becomes is nobody's to read, and would be stale on the day somebody forgets.
test('no generated file is in Git but types', () => {
  const ignored = readFileSync('.gitignore', 'utf8').split('\n')
  const generated = ['src', 'test', 'examples', 'schema'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(path => path.includes('.generated.') || readFileSync(path, 'utf8').startsWith('// Generated'))
  )
  const isCode = (path: string): boolean =>
    /^(?!export (?:type|interface) |import type )(?:export|import)\b/m.test(readFileSync(path, 'utf8'))
  const paths = ignored.filter(line => line.endsWith('.generated.ts'))
  expect(generated.filter(isCode).sort()).toEqual(paths.sort())
  expect(generated.filter(path => !isCode(path))).toContain('src/document/plan.generated.ts')
  // Git keeps a file that was once added, whatever .gitignore says. A copy without its history has nothing to ask.
  if (existsSync('.git')) expect(execFileSync('git', ['ls-files', '--', ...paths], { encoding: 'utf8' })).toBe('')
})

test('only the edges and the commands print, exit or read the environment', () => {
  const printing = /\bconsole\.|\bprocess\.(exit|env|argv|stdout|stderr)/g
  // Git is started with what surrounds this process.
  const does = ({ path, layer, source }: Source): string[] =>
    ['cli', 'edge', 'sandbox'].includes(layer) || path === 'engine/git.ts' ? [] : found(printing, source)
  expect(breaking(does)).toEqual([])
})

test('each test is in a part of the tests, and in both where it does more in the second', () => {
  const imported = new Map(
    tests.map(path => [path, importsOf(path, readFileSync(`test/${path}`, 'utf8')).map(({ target }) => join(dirname(path), target))])
  )
  const reaches = (path: string, seen = new Set<string>()): boolean => {
    if (path === 'support/parts.ts') return true
    if (seen.has(path)) return false
    seen.add(path)
    return (imported.get(path) ?? []).some(next => reaches(next, seen))
  }
  const places = tests.filter(path => path.endsWith('.test.ts')).map(path => `test/${path}`)
  const isInBoth = (place: string): boolean =>
    inBoth.some(one => place === one || (one.endsWith('/') && dirname(place) === one.slice(0, -1)))
  const changing = places.filter(place => place !== 'test/tidy.test.ts' && reaches(place.slice('test/'.length)))
  expect(changing.filter(place => !isInBoth(place) && !(place in inRestAlone))).toEqual([])
  expect(Object.keys(inRestAlone).filter(place => !places.includes(place))).toEqual([])
  expect(inBoth.filter(one => !places.some(place => place.startsWith(one)))).toEqual([])
})

// A sentence names its subject: one that begins with one of these words makes its reader wait for it.
test('no sentence begins with What, Who, Of, Nobody, Somebody or Whose', () => {
  const begins = /(?:^\s*\*|\/\*\*?|\/\/|[a-z][.!?]|[dD]escription":) "?(?:What|Who|Of|Nobody|Somebody|Whose)\b/
  const schemas = readdirSync('schema').flatMap(name => (name.endsWith('.json') ? [`schema/${name}`] : []))
  const found = [...files.map(path => `src/${path}`), ...tests.map(path => `test/${path}`), ...schemas].flatMap(path =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => (begins.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : []))
  )
  expect(found).toEqual([])
})

const found = (pattern: RegExp, source: string): string[] => [...source.matchAll(pattern)].map(([text]) => text)

const linesOf = (source: string): number => source.split('\n').length

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
