// Bundles the command line, the action and the library into dist/. `npm run build` runs it, and the tests once before they start.
// With --install, as `npm pack` runs it, it first installs the packages that it needs, where none are.
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../', import.meta.url))
const outdir = join(root, 'dist')
// `npm pack` prints the name of what it packed, so that all else goes to standard error, and --dry-run is not handed on.
if (process.argv.includes('--install') && !existsSync(join(root, 'node_modules')))
  execFileSync(process.execPath, [process.env.npm_execpath, 'ci', '--dry-run=false'], { cwd: root, stdio: ['ignore', 2, 2] })
const { build: bundle, transform } = await import('esbuild')
const { armClients } = await import('./armClients.mjs')
const { thirdParty } = await import('./thirdParty.mjs')
// Node starts the first of each pair.
const entries = { cli: 'start', 'chunks/cli': 'cli', action: 'action', post: 'post', index: 'index' }
const target = 'node20.19'

/**
 * With splitting, or every command would pay for the Azure clients. `module` goes first because a split chunk of a
 * CommonJS client has only a default export.
 */
async function build() {
  const { plugin, files } = thirdParty()
  const { metafile, outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([to, name]) => [to, join(root, `src/${name}.ts`)])),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target,
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'linked',
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [
      armClients(root),
      {
        name: 'quick to start',
        setup({ onResolve, onLoad }) {
          // Its modules, of which a bundle takes what is used; the other form is loaded whole.
          onResolve({ filter: /^yaml$/ }, () => ({ path: join(root, 'node_modules', 'yaml', 'browser', 'dist', 'index.js') }))
          // It starts programs for commands that lie in files of their own, as ours never do.
          onLoad({ filter: /commander.lib.command\.js$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replace("require('node:child_process')", '{}'),
            loader: 'js'
          }))
          // PostgreSQL's client may use a client in C, and looks for a password in the user's home: it is given one, or none.
          onLoad({ filter: /node_modules.pg.lib.(index|client)\.js$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8')
              .replaceAll("require('./native')", 'Client')
              .replace("require('pgpass')", '(_, done) => done()'),
            loader: 'js'
          }))
          // The same by another way: the crypto of browsers takes as long to load as a client.
          onLoad({ filter: /ts-http-runtime.dist.esm.util.uuidUtils\.js$/ }, () => ({
            contents: "export { randomUUID } from 'node:crypto'",
            loader: 'js'
          }))
          // A text that is parsed starts sooner than so large an object written out.
          onLoad({ filter: /\.recorded\.json$/ }, ({ path }) => ({
            contents: `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))))})`,
            loader: 'js'
          }))
        }
      },
      plugin
    ],
    metafile: true,
    write: false,
    logLevel: 'warning'
  })
  const meta = { path: join(outdir, 'meta.json'), contents: Buffer.from(JSON.stringify(metafile)) }
  // The part that is loaded first is written last: whoever starts it meanwhile finds every part it names.
  const first = ({ path }) => Number(Object.keys(entries).some(name => path === join(outdir, `${name}.js`)))
  const kind = { name: 'package.json', contents: Buffer.from('{ "type": "commonjs" }\n') }
  const others = [...files(), kind].map(({ name, contents }) => ({ path: join(outdir, name), contents }))
  return [...(await Promise.all(outputFiles.map(asScript))), ...others, meta].sort((a, b) => first(a) - first(b))
}

/** Splitting knows modules alone, and a script starts sooner: Node 20 keeps no module compiled. */
async function asScript({ path, contents, text }) {
  if (!path.endsWith('.js')) return { path, contents }
  // A script has no address of its own but by its file.
  const where = text.includes('import.meta.url') && "const itsUrl = require('node:url').pathToFileURL(__filename).href;"
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target,
    minify: true,
    supported: { 'dynamic-import': false },
    ...(where && { banner: where, define: { 'import.meta.url': 'itsUrl' } })
  })
  // Its exports are copied, so that each use of one would call two functions.
  const direct = code.replace(/module\.exports=[\w$]+\(([\w$]+)\);/, 'Object.defineProperty($1,"__esModule",{value:!0});module.exports=$1;')
  return { path, contents: Buffer.from(direct) }
}

/**
 * The types of the library: of all declarations those that `index.d.ts` leads to. They are only written down here, as
 * `npm run check` is what checks them.
 */
async function declarations() {
  const scratch = mkdtempSync(join(tmpdir(), 'pglink-types-'))
  try {
    const settings = ['--ignoreConfig', '--noCheck', '--declaration', '--emitDeclarationOnly', '--rootDir', root, '--outDir', scratch]
    const { compilerOptions: same } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
    const kept = ['target', 'module', 'moduleResolution', 'strict', 'exactOptionalPropertyTypes', 'rewriteRelativeImportExtensions']
    const shared = [...kept.flatMap(name => [`--${name}`, String(same[name])]), '--types', 'node']
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await node(tsc, ...settings, ...shared, join(root, 'src/index.ts'))
    return reachedFrom('index.d.ts', join(scratch, 'src'))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function reachedFrom(start, folder) {
  const reached = new Map()
  const follow = name => {
    if (reached.has(name)) return
    const text = readFileSync(join(folder, name), 'utf8').replace(/(?<=(?:from |import\()['"]\.[^'"]*)\.ts(?=['"])/g, '.js')
    reached.set(name, text)
    for (const [, target] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.js['"]/g)) follow(join(dirname(name), `${target}.d.ts`))
  }
  follow(start)
  return [...reached].map(([name, text]) => ({ path: join(outdir, 'types', name), contents: Buffer.from(text) }))
}

/** A process that runs from these files keeps finding them whole; what is the same is not touched. */
function write({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return
  mkdirSync(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.tmp`
  writeFileSync(next, contents)
  renameSync(next, path)
}

/** All that a build is made from, and the code that it generates, as one digest. */
function digestOfSources() {
  const hash = createHash('sha256')
  const inside = folder => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name))
  const sources = ['src', 'schema'].flatMap(inside).filter(name => /\.(ts|json)$/.test(name))
  const others = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    ...['build', 'schema', 'thirdParty'].map(name => `test/support/${name}.mjs`)
  ]
  for (const name of [...sources.sort(), ...others])
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0')
  return hash.digest('hex')
}

/** Builds for the tests go by it: what was built from the same sources is not built again. */
const digestFile = join(outdir, 'sources.sha256')
const withTypes = ' with types'
const keeps = process.argv.includes('--keep')
// `npm test` needs no types.
const typed = !keeps || process.argv.includes('--types')
const known = existsSync(digestFile) ? readFileSync(digestFile, 'utf8') : ''
if (keeps && known.startsWith(digestOfSources()) && (!typed || known.endsWith(withTypes))) process.exit(0)

const node = (...args) => promisify(execFile)(process.execPath, args)
await node(fileURLToPath(new URL('schema.mjs', import.meta.url)), '--code')
// Taken before the build, so that a source that changes meanwhile is built the next time.
const digest = `${digestOfSources()}${typed ? withTypes : ''}`
const files = [...(await Promise.all([typed ? declarations() : [], build()])).flat(), { path: digestFile, contents: Buffer.from(digest) }]
for (const file of files) write(file)
// Parts of an older build are in nobody's way, and may be in use: only a build for its own sake clears them away.
if (!keeps) {
  const fresh = new Set(files.map(({ path }) => relative(outdir, path)))
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !fresh.has(relative(outdir, path))) rmSync(path, { force: true })
  }
}
