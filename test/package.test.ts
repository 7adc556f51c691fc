import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { isBuiltin } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

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
  readonly repository: { readonly url: string }
  readonly homepage: string
  readonly bugs: { readonly url: string }
  readonly keywords: readonly string[]
  readonly author: string
  readonly publishConfig: unknown
  readonly scripts: { readonly prepack: string }
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

/** Runs a program whose registry of npm packages is one on loopback that answers like this. */
async function withRegistry(answer: (method: string) => readonly [status: number, body: unknown], file: string, args: readonly string[]) {
  const registry = createServer(({ method = '' }, response) => {
    const [status, body] = answer(method)
    response.writeHead(status).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const { port } = registry.address() as AddressInfo
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: '0' }
  try {
    return await new Promise<{ code: unknown; stdout: string; stderr: string }>(resolve =>
      execFile(file, args, { env }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }))
    )
  } finally {
    registry.close()
  }
}

test('npm would publish the packed tarball, and finds nothing in its package.json to correct', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-packed-'))
  try {
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' })
    const tarball = join(folder, `pglink-${manifest.version}.tgz`)
    const ran = await withRegistry(() => [404, { error: 'Not found' }], 'npm', ['publish', tarball, '--dry-run', '--ignore-scripts'])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining(`+ pglink@${manifest.version}`) })
    expect(ran.stderr).not.toMatch(/auto-corrected|npm error/)
    expect(ran.stderr).toContain('public access (dry-run)')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('npm shows of the package where its source, its issues and its makers are', () => {
  const { repository, homepage, bugs, keywords, author, publishConfig, scripts } = manifest
  const source = /^git\+(https:\/\/github\.com\/pglink\/pglink)\.git$/.exec(repository.url)?.[1] ?? ''
  expect([homepage, bugs.url]).toEqual([`${source}#readme`, `${source}/issues`])
  expect(readFileSync('LICENSE', 'utf8')).toContain(author.replace(/^The /, ''))
  expect(keywords.length).toBeGreaterThan(4)
  expect(publishConfig).toEqual({ access: 'public', provenance: true })
  expect(scripts.prepack).toContain('build')
})

describe('the audit of package-lock.json', () => {
  const { jobs } = parse(readFileSync('.github/workflows/ci.yml', 'utf8')) as { jobs: { audit: { steps: { run?: string }[] } } }
  const run = jobs.audit.steps.flatMap(step => step.run ?? []).join('\n')

  // As npm's own client reads it (@npmcli/arborist, audit-report.js); of a package with an advisory it then asks for the versions.
  const versions = { name: 'canonicalize', versions: { '4.0.0': { name: 'canonicalize', version: '4.0.0' } } }
  const advisory = { id: 1, url: 'https://github.com/advisories/GHSA-x', title: 'bad', severity: 'high', vulnerable_versions: '*' }
  test.each([
    ['fails for an advisory', 200, { canonicalize: [advisory] }, 1, /GHSA-x/],
    ['passes without one', 200, {}, 0, /^$/],
    ['is skipped where the registry does not answer', 405, { error: 'no' }, 0, /^::notice::Skipped/]
  ])('%s', async (_, status, answer, code, printed) => {
    const ran = await withRegistry(method => [status, method === 'GET' ? versions : answer], 'bash', ['-e', '-c', run])
    expect(ran).toMatchObject({ code, stdout: expect.stringMatching(printed) })
  })
})
