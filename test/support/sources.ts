import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The files of src/ that are written by hand, from there. */
export const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  path => path.endsWith('.ts') && !path.endsWith('.generated.ts')
)
/** The files of test/, from there. */
export const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(path => /\.m?[jt]s$/.test(path))

export interface Import {
  readonly target: string
  readonly layer: string | undefined
  readonly isType: boolean
}

export const importsOf = (path: string, source: string): Import[] =>
  [...source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?from\s+)?'([^']+)'/gm)].map(([, type, target = '']) => ({
    target,
    layer: target.startsWith('.') ? join(dirname(path), target).split('/')[0] : undefined,
    isType: type !== undefined
  }))

export interface Source {
  readonly path: string
  readonly layer: string
  readonly source: string
  readonly imports: readonly Import[]
}

export const sources: readonly Source[] = files.map(path => {
  const source = readFileSync(`src/${path}`, 'utf8')
  return { path, layer: path.includes('/') ? (path.split('/')[0] ?? '') : 'edge', source, imports: importsOf(path, source) }
})

/** Each file that breaks a law, with what in it does. */
export const breaking = (law: (source: Source) => readonly string[]): string[] =>
  sources.flatMap(source => law(source).map(what => `src/${source.path}: ${what}`))

export const targets = (imports: readonly Import[]): string[] => imports.map(({ target }) => target)

export const found = (pattern: RegExp, source: string): string[] => [...source.matchAll(pattern)].map(([text]) => text)

export const linesOf = (source: string): number => source.trimEnd().split('\n').length

/** `import { type A, type B } from` is erased as a whole import of types is. */
export function onlyTypes(source: string, target: string): boolean {
  const names = new RegExp(`^import \\{([^}]*)\\} from '${target.replaceAll('.', '\\.')}'`, 'm').exec(source)?.[1]
  return names?.split(',').every(name => name.trim() === '' || name.trim().startsWith('type ')) ?? false
}

/** Functions at the left margin or as methods of an object there, by their braces' indentation: the formatter keeps it. */
export function functionsIn(source: string): { readonly name: string; readonly lines: number }[] {
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
