import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Bundled {
  readonly imports: readonly { readonly path: string; readonly external?: boolean }[]
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>
}

interface Component {
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly scope?: string
  readonly licenses?: readonly unknown[]
  readonly evidence?: { readonly licenses?: readonly unknown[] }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

const jsonIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const manifest = jsonIn('package.json') as Manifest
const outputs = Object.values((jsonIn('dist/meta.json') as { readonly outputs: Readonly<Record<string, Bundled>> }).outputs)

/** The packages whose code esbuild put into dist/, each with the version that its own manifest says. */
const bundled = new Set(
  outputs.flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
      .map(folder => jsonIn(join(folder, 'package.json')) as Manifest)
      .map(({ name, version }) => `${name} ${version}`)
  )
)

test('the package depends on what its files import, and on nothing else', () => {
  const types = readdirSync('dist/types', { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.d.ts'))
  const named = [
    ...outputs.flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path)),
    ...types.flatMap(path =>
      [...readFileSync(join('dist/types', path), 'utf8').matchAll(/(?:\bfrom|\bimport\(?) ?'([^'.][^']*)'/g)].map(([, name = '']) => name)
    )
  ]
  const packages = named.filter(name => !isBuiltin(name)).flatMap(name => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? [])
  expect(named).toContain('node:fs')
  expect([...new Set(packages)].sort()).toEqual(Object.keys(manifest.dependencies).sort())
})

test('each package in the bundle, and no other, is in the bill of materials and in the notices, with its licence', () => {
  const { components } = jsonIn('dist/sbom.cdx.json') as { readonly components: readonly Component[] }
  const kept = components.filter(({ scope }) => scope !== 'excluded')
  const names = kept.map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`)
  expect(bundled.size).toBeGreaterThan(100)
  expect([...new Set(names)].sort()).toEqual([...bundled].sort())
  expect(kept.filter(({ licenses, evidence }) => !licenses?.length || !evidence?.licenses?.length)).toEqual([])
  const [, ...notices] = readFileSync('dist/THIRD-PARTY-NOTICES', 'utf8').split(`\n${'-'.repeat(80)}\n`)
  const headings = notices.map(notice => /^(.+) \([^()]+(?: \([^()]+\))?\)\n\n[\s\S]{200}/.exec(notice)?.[1] ?? notice)
  expect(headings.sort()).toEqual([...bundled].sort())
})

test('the package has what it needs to run, and no record of how it was built', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
  const [{ files, unpackedSize }] = JSON.parse(packed) as [{ files: { path: string }[]; unpackedSize: number }]
  const paths = files.map(({ path }) => path)
  const needed = ['dist/cli.js', 'dist/index.js', 'dist/types/index.d.ts', 'dist/THIRD-PARTY-NOTICES', 'dist/sbom.cdx.json']
  expect(paths).toEqual(expect.arrayContaining([...needed, 'schema/topology.schema.json', 'examples/quickstart/run.mjs', 'LICENSE']))
  expect(paths.filter(path => /meta\.json$|\.sha256$|\.ts$/.test(path) && !path.endsWith('.d.ts'))).toEqual([])
  expect(unpackedSize).toBeLessThan(15_000_000)
})
