import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../src/kinds/index.ts'
import { mayImport } from './support/layers.ts'
import {
  breaking,
  files,
  found,
  functionsIn,
  type Import,
  linesOf,
  onlyTypes,
  type Source,
  sources,
  targets,
  tests
} from './support/sources.ts'

/** Only these two know the sandbox: the command that serves it, and the one that keeps it in this process. */
const knowSandbox = ['cli/sandbox.ts', 'engine/inSandbox.ts']

/** A report takes the stages' words, not their work. */
const wordsOnly: Readonly<Record<string, readonly string[]>> = { kinds: ['azure'], report: ['azure'] }
const loadNothing = /\/azure\/(call|deadline|error|items|poll)\.ts$/

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

test('no file starts a program, but the one that asks Git and the one that starts PostgreSQL for the sandbox', () => {
  const starts = ({ path, imports }: Source): string[] =>
    ['engine/git.ts', 'sandbox/dataPlane/programs.ts'].includes(path)
      ? []
      : targets(imports).filter(target => target === 'node:child_process')
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
  // The definition of a kind is a table, as are the operations of a client with what the sandbox answers.
  const tables = /^(?:export )?const \w+: (?:Kind = defineKind\(|Table<Client> = )\{\n[\s\S]*?^\}\)?\n/gm
  const tooLong = ({ source }: Pick<Source, 'source'>): string[] => {
    const lines = linesOf(source.replace(tables, ''))
    return lines > 300 ? [`${lines} lines`] : []
  }
  const functions = ({ source }: Source): string[] =>
    functionsIn(source).flatMap(({ name, lines }) => (lines > 60 ? [`${lines} lines of ${name}`] : []))
  expect(breaking(tooLong)).toEqual([])
  expect(breaking(functions)).toEqual([])
  expect(tests.filter(path => tooLong({ source: readFileSync(`test/${path}`, 'utf8') }).length > 0)).toEqual([])
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

test('only the edges and the commands print, exit or read the environment', () => {
  const printing = /\bconsole\.|\bprocess\.(exit|env|argv|stdout|stderr)/g
  // Git is started with what surrounds this process.
  const does = ({ path, layer, source }: Source): string[] =>
    ['cli', 'edge', 'sandbox'].includes(layer) || ['engine/git.ts', 'sandbox/dataPlane/programs.ts'].includes(path)
      ? []
      : found(printing, source)
  expect(breaking(does)).toEqual([])
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
