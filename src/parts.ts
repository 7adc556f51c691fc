import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'

/* Most of a start is the compiling of our own code. It is kept, with all functions that the run has called, from one start to the next. */

/** As `sha256` makes it, at the end of each file: V8 itself ends the process over a file that is damaged. */
const digestBytes = 32

const folder = compiledFolder()
const outside = createRequire(__filename)
const parts = new Map<string, { exports: unknown }>()
const fresh: { readonly name: string; readonly source: Buffer; readonly script: Script }[] = []

/** One file of the bundle, with all that it asks for, as Node's `require` gives it. */
export function part(name: string): unknown {
  const known = parts.get(name)
  if (known) return known.exports
  const module = { exports: {} }
  parts.set(name, module)
  const filename = join(__dirname, name)
  const source = readFileSync(filename)
  const cachedData = compiled(name, source)
  // The bundle is ASCII.
  const code = source.toString('latin1')
  const script = new Script(`(function(exports,require,module,__filename){${code}\n})`, { filename, ...(cachedData && { cachedData }) })
  if (script.cachedDataRejected !== false) fresh.push({ name, source, script })
  script.runInThisContext()(module.exports, (id: string) => (id.startsWith('.') ? part(id.slice(2)) : outside(id)), module, filename)
  return module.exports
}

/** Node's own cache, which is of 22 and newer, keeps no function that is compiled at its first call; its variables are ours, too. */
function compiledFolder(): string | undefined {
  const { NODE_COMPILE_CACHE: place, NODE_DISABLE_COMPILE_CACHE: isOff } = process.env
  if (isOff) return undefined
  const user = process.getuid?.()
  const path = join(place || tmpdir(), `pglink-${[user ?? [], process.version, process.arch].flat().join('-')}`)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const { mode, uid } = lstatSync(path)
    // Whoever else may write there, or had made it before us, would say what we run.
    return user === undefined || (uid === user && (mode & 0o022) === 0) ? path : undefined
  } catch {
    return undefined
  }
}

const digest = (source: Buffer, data: Buffer): Buffer => createHash('sha256').update(source).update(data).digest()

function compiled(name: string, source: Buffer): Buffer | undefined {
  if (folder === undefined) return undefined
  try {
    const bytes = readFileSync(join(folder, name))
    const data = bytes.subarray(0, -digestBytes)
    return digest(source, data).equals(bytes.subarray(-digestBytes)) ? data : undefined
  } catch {
    return undefined
  }
}

process.once('exit', () => {
  if (folder === undefined) return
  for (const { name, source, script } of fresh) {
    const data = script.createCachedData()
    const next = join(folder, `${name}.${process.pid}`)
    try {
      writeFileSync(next, Buffer.concat([data, digest(source, data)]))
      renameSync(next, join(folder, name))
    } catch {
      // The next start compiles it anew, as this one did.
      rmSync(next, { force: true })
      return
    }
  }
})
