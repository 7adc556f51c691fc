// Bundles the command line into dist/. `npm run build` runs it, and the tests once before they start.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const outdir = join(root, 'dist')

/**
 * With splitting, or every command would pay for the Azure clients. `module` goes first because a split chunk of a
 * CommonJS client has only a default export; some of what they bring along still calls `require`.
 */
async function build() {
  const { metafile, outputFiles } = await bundle({
    absWorkingDir: root,
    entryPoints: { cli: join(root, 'src/cli.ts') },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'linked',
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);" },
    metafile: true,
    write: false,
    logLevel: 'warning'
  })
  const meta = { path: join(outdir, 'meta.json'), contents: Buffer.from(JSON.stringify(metafile)) }
  // What is loaded first is written last: whoever starts it meanwhile finds every part it names.
  const first = ({ path }) => Number(path.endsWith('cli.js'))
  return [...outputFiles, meta].sort((a, b) => first(a) - first(b))
}

/** A process that runs from these files keeps finding them whole; what is the same is not touched. */
function write({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return
  mkdirSync(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.tmp`
  writeFileSync(next, contents)
  renameSync(next, path)
}

const files = await build()
for (const file of files) write(file)
// Parts of an older build are in nobody's way, and may be in use: only a build for its own sake clears them away.
if (!process.argv.includes('--keep')) {
  const fresh = new Set(files.map(({ path }) => relative(outdir, path)))
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !fresh.has(relative(outdir, path))) rmSync(path, { force: true })
  }
}
