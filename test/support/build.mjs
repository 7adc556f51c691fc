// Bundles the command line into dist/. `npm run build` runs it, and the tests call `build` once before they start.
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'

const at = path => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/**
 * With splitting, or every command would pay for the Azure clients. `module` goes first because a split chunk of a
 * CommonJS client has only a default export; some of what they bring along still calls `require`.
 */
export async function build({ outdir = at('dist') } = {}) {
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await bundle({
    absWorkingDir: at(''),
    entryPoints: { cli: at('src/cli.ts') },
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
    logLevel: 'warning'
  })
  writeFileSync(`${outdir}/meta.json`, JSON.stringify(metafile))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
