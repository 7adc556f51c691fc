// The simulations are TypeScript, and as one bundle they run a good deal faster than module by module under the test runner.
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** The exports of a file of this folder. The bundle lies beside the modules that it loads, so that they are found. */
export async function bundled(file) {
  const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.simulate-'))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', clear)
  try {
    const outfile = join(folder, `${file.replace('.ts', '')}.mjs`)
    await build({
      entryPoints: [join(process.cwd(), 'test/simulate', file)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      // Files are found from where a module lies, as they are without a bundle.
      plugins: [{ name: 'where', setup: ({ onLoad }) => onLoad({ filter: /\/test\/.*\.ts$/ }, keepsUrl) }],
      logLevel: 'warning'
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    process.off('exit', clear)
    clear()
  }
}

async function keepsUrl({ path }) {
  const text = await readFile(path, 'utf8')
  return { contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' }
}
