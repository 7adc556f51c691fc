// Azure's clients without what no file of ours asks for: nothing of them can be left out by a bundler, which does not know that, and every
// plan would have to wait for all of it.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const ofClient = part => new RegExp(`[\\\\/]arm-[\\w-]+[\\\\/](?:dist[\\\\/])?esm[\\\\/]${part}\\.js$`)

/** @param root the folder with `src` */
export function armClients(root) {
  const source = readdirSync(join(root, 'src'), { recursive: true })
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n')
  // Whoever asks a group for something has its name somewhere: after a dot, or taken out of the client.
  const isAsked = path => basename(path) === 'index.js' || new RegExp(`\\b${basename(path, '.js')}\\b`).test(source)
  return {
    name: 'used parts of clients',
    setup({ onLoad }) {
      // The client alone: its models are types, and names of values that we write as they are.
      onLoad({ filter: ofClient('index') }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(/^export .*"\.\/(models|operationsInterfaces)(\/index)?(\.js)?";$/gm, ''),
        loader: 'js'
      }))
      // A client makes one object for each of its groups of operations as soon as it is made. A group that no file of ours names is empty.
      onLoad({ filter: ofClient('operations[\\\\/]\\w+') }, ({ path }) => {
        if (isAsked(path)) return undefined
        const names = [...readFileSync(path, 'utf8').matchAll(/^export class (\w+)/gm)].map(([, name]) => name)
        return { contents: names.map(name => `export class ${name} {}`).join('\n'), loader: 'js' }
      })
      onLoad({ filter: ofClient('models[\\\\/]mappers') }, ({ path }) => ({ contents: usedMappers(path, isAsked), loader: 'js' }))
    }
  }
}

/** The definitions of a module, each with its text. */
const definitions = text =>
  new Map(
    text.split(/^(?=export const )/m).flatMap(part => {
      const name = /^export const (\w+)/.exec(part)?.[1]
      return name === undefined ? [] : [[name, part]]
    })
  )

const named = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name)

/** How each body is read and written: those of the operations that are asked for, and whatever lies in those. */
function usedMappers(path, isAsked) {
  const models = dirname(path)
  const folder = join(models, '..', 'operations')
  const operations = readdirSync(folder)
    .filter(name => name.endsWith('.js') && name !== 'index.js' && isAsked(name))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  const parameters = definitions(readFileSync(join(models, 'parameters.js'), 'utf8'))
  const { discriminators = '', ...all } = Object.fromEntries(definitions(readFileSync(path, 'utf8')))
  const subtypes = [...discriminators.matchAll(/"?([\w.]+)"?: (\w+)/g)].map(([, key, name]) => ({ of: key.split('.')[0], name }))
  const sent = named(operations, /\bParameters\.(\w+)/g).flatMap(name => named(parameters.get(name) ?? '', /\b(\w+)Mapper\b/g))
  const used = new Set()
  const next = [...named(operations, /\bMappers\.(\w+)/g), ...sent]
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (used.has(name) || all[name] === undefined) continue
    used.add(name)
    next.push(...named(all[name], /\b(?:className|uberParent): "(\w+)"/g), ...named(all[name], /\b(\w+)\.type\b/g))
    next.push(...subtypes.filter(({ of }) => of === name).map(one => one.name))
  }
  const kept = Object.entries(all).map(([name, text]) => (used.has(name) ? text : `export { none as ${name} };`))
  const ofUsed =
    subtypes.length === 0 ? '' : discriminators.replaceAll(/^\s*"?[\w.]+"?: (\w+),?$/gm, (line, name) => (used.has(name) ? line : ''))
  return ['const none = undefined;', ...kept, ofUsed].join('\n')
}
