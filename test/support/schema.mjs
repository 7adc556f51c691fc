// Generates from the JSON Schemas the TypeScript types, which are in Git, and the code that is compiled from them, which is not.
// With --check it writes the code and fails when a type in Git is not what it would write; with --code it only writes the code.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import { _, getProperty, strConcat } from 'ajv/dist/compile/codegen/index.js'
import names from 'ajv/dist/compile/names.js'
import standaloneCode from 'ajv/dist/standalone/index.js'

const schema = JSON.parse(readFileSync(new URL('../../schema/topology.schema.json', import.meta.url), 'utf8'))
const generatedFrom = '// Generated from schema/topology.schema.json by `npm run schema`. Change the schema, not this file.'
const values = new Set(['type', 'title', 'description', 'enum', 'const', 'required'])

/** Only what the types need. Keys beside a `$ref` would make the generator emit the type a second time. */
function forTypes(node, keyword = '') {
  if (Array.isArray(node)) return node.map(item => forTypes(item))
  if (node === null || typeof node !== 'object') return node
  const isSchema = keyword !== 'properties' && keyword !== '$defs'
  if (isSchema && node.$ref === '#/$defs/json') return { tsType: 'Json' }
  if (isSchema && node.$ref?.startsWith('plan.schema.json')) return { tsType: planType(node.$ref) }
  if (isSchema && typeof node.$ref === 'string') return { $ref: node.$ref }
  if (isSchema && node.secret) return { tsType: 'Secret' }
  const known = new Set([...values, 'properties', 'additionalProperties', 'items', 'anyOf', '$defs'])
  const kept = Object.entries(node).filter(([key]) => !isSchema || known.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, isSchema && values.has(key) ? value : forTypes(value, key)]))
}

/** The generator has no notion of read-only; nothing after loading may change what the file says. */
function readonly(code) {
  const lines = code.split('\n').map(line => {
    if (/^\s*(\/?\*|\/\/|import)/.test(line)) return line
    return line
      .replace(/^(\s+)(\[k: string\]|[\w$]+\??)(: |:$)/, '$1readonly $2$3')
      .replace(/\b(\w+)\[\]\[\]/g, 'readonly (readonly $1[])[]')
      .replace(/([:|<(=] ?)(\([^()]*\)|\w+)\[\]/g, '$1readonly $2[]')
  })
  return lines.join('\n')
}

async function types(from, name, banner) {
  const { compile } = await import('json-schema-to-typescript')
  const code = await compile(forTypes(from), name, {
    additionalProperties: false,
    bannerComment: banner,
    ignoreMinAndMaxItems: true,
    style: { bracketSpacing: true, semi: false, singleQuote: true, trailingComma: 'none', printWidth: 140 }
  })
  return readonly(code)
}

const resolve = node => (node.$ref ? schema.$defs[node.$ref.split('/').at(-1)] : node)

const choice = (condition, chosen, otherwise) =>
  Object.fromEntries([
    ['if', condition],
    ['then', chosen],
    ['else', otherwise]
  ])

/**
 * Alternatives as a chain of decisions. It accepts the same documents as `anyOf` does, and a document that is wrong gets
 * the errors of the one alternative that was meant instead of those of all of them.
 */
function decided(alternatives) {
  const ofType = type => alternatives.filter(node => resolve(node).type === type)
  const types = [...new Set(alternatives.map(node => resolve(node).type))]
  const chosen = type => (type === 'object' ? decidedObject(ofType(type)) : ofType(type)[0])
  return types.reduceRight((otherwise, type) => choice({ type }, chosen(type), otherwise), { type: types })
}

function decidedObject(objects) {
  const tagOf = node => resolve(node).properties.type?.const
  const tagged = objects.filter(tagOf)
  const others = objects.filter(node => !tagOf(node))
  // Untagged alternatives are told apart by their first required key; the last of them takes what is left.
  const untagged = others
    .slice(0, -1)
    .reduceRight((otherwise, node) => choice({ required: [resolve(node).required[0]] }, node, otherwise), others.at(-1))
  if (tagged.length === 0) return untagged
  const hasTag = node => ({ properties: { type: { const: tagOf(node) } } })
  const unknownTag = { properties: { type: { enum: tagged.map(tagOf) } } }
  const byTag = tagged.reduceRight((otherwise, node) => choice(hasTag(node), node, otherwise), unknownTag)
  const isForeign = { anyOf: [{ required: ['id'] }, { required: ['existing'] }] }
  return choice({ required: ['type'] }, byTag, choice(isForeign, untagged, { required: ['type'] }))
}

const annotations = new Set(['description', 'markdownDescription', 'examples', 'default', 'defaultSnippets', 'title', '$schema', '$id'])

function forValidator(node, keyword = '') {
  if (Array.isArray(node)) return node.map(item => forValidator(item))
  if (node === null || typeof node !== 'object') return node
  const isSchema = keyword !== 'properties' && keyword !== '$defs'
  const entries = Object.entries(node).filter(([key]) => !isSchema || !annotations.has(key))
  const copy = Object.fromEntries(entries.map(([key, value]) => [key, data.has(key) && isSchema ? value : forValidator(value, key)]))
  if (!isSchema || !copy.anyOf || keyword === 'if' || keyword === 'not') return copy
  const { anyOf, ...rest } = copy
  return { ...rest, ...decided(anyOf) }
}
const codeKeywords = ['reference', 'exclusive', 'sameRegion', 'sameSubscription']
// No keyword of 2020-12 that draft-07 lacks is used, and without support for dynamic references the code is a fifth smaller.
const data = new Set(['enum', 'const', 'required', ...codeKeywords])

/** Calls the exported function of the keyword's name; what it finds goes into the error. */
const codeKeyword = keyword => ({
  keyword,
  error: { message: 'has findings', params: ({ params }) => _`{findings: ${params.findings}}` },
  code(cxt) {
    const { gen, it } = cxt
    const call = gen.scopeValue('func', { key: keyword, ref: () => [], code: _`keywords${getProperty(keyword)}` })
    const path = strConcat(names.default.instancePath, it.errorPath)
    const findings = gen.const('findings', _`${call}.call(${names.default.this}, ${cxt.schemaValue}, ${cxt.data}, ${path})`)
    cxt.setParams({ findings })
    cxt.fail(_`${findings}.length > 0`)
  }
})

function secretPatterns(node, path = []) {
  const here = resolve(node)
  if (here.secret) return [path]
  const below = [
    ...Object.entries(here.properties ?? {}).flatMap(([key, value]) => secretPatterns(value, [...path, key])),
    ...(typeof here.additionalProperties === 'object' ? secretPatterns(here.additionalProperties, [...path, '*']) : []),
    ...(here.items ? secretPatterns(here.items, [...path, '*']) : []),
    ...(here.anyOf ?? []).flatMap(value => secretPatterns(value, path))
  ]
  return below.filter((pattern, index) => below.findIndex(other => other.join('/') === pattern.join('/')) === index)
}

function validator() {
  const ajv = new Ajv.Ajv({
    allErrors: true,
    verbose: true,
    messages: false,
    passContext: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    unicodeRegExp: true,
    inlineRefs: false,
    keywords: [...codeKeywords.map(codeKeyword), 'secret', 'patternErrorMessage', { keyword: 'notCompared', schemaType: 'string' }],
    formats: { date: text => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) },
    code: { source: true, esm: true, formats: _`keywords.formats` }
  })
  const code = standaloneCode
    .default(ajv, ajv.compile(forValidator(schema)))
    .replaceAll(/require\("ajv\/dist\/runtime\/ucs2length"\)\.default/g, 'keywords.characters')
    // Each start of a command reads this code: it is kept short, and nobody asks for the place in the schema.
    .replaceAll(/schemaPath:"[^"]*",/g, '')
    .replaceAll(/if\(vErrors === null\)\{vErrors = \[(\w+)\];\}else \{vErrors\.push\(\1\);\}/g, '(vErrors ??= []).push($1);')
  if (code.includes('require(')) throw new Error('the validator needs a module at run time')
  return `${generatedFrom}\n// @ts-nocheck\nimport * as keywords from './rules/keywords.ts'\n${code}\n`
}

const secrets = () =>
  `${generatedFrom}\nexport const secretPatterns: readonly (readonly string[])[] = ${JSON.stringify(secretPatterns(schema))}\n`

/** An editor shows a map among the examples with a label, as a snippet; in its texts a dollar and quotes are those of the snippet. */
const examplesOf = ({ examples, defaultSnippets }) => examples ?? defaultSnippets?.map(({ body }) => spelt(body))

const spelt = body => {
  if (typeof body === 'string') return body.startsWith('"') ? JSON.parse(body.replaceAll('\\$', '$')) : body
  if (Array.isArray(body)) return body.map(spelt)
  return body === null || typeof body !== 'object' ? body : Object.fromEntries(Object.entries(body).map(([key, one]) => [key, spelt(one)]))
}

/** The first example of each key that an entry cannot be without, or that takes more than one value: an error shows it. */
function exampleOf(node, path = [], found = {}) {
  const here = resolve(node)
  const required = new Set([here, ...conditional(here)].flatMap(one => one.required ?? []))
  for (const [key, value] of Object.entries(here.properties ?? {})) {
    const [example] = examplesOf(value) ?? examplesOf(resolve(value)) ?? []
    const at = [...path, key].join('/')
    if (example !== undefined && (required.has(key) || typeof example === 'object')) found[at] ??= example
    exampleOf(value, [...path, key], found)
  }
  for (const below of [here.additionalProperties, here.items]) if (typeof below === 'object') exampleOf(below, [...path, '*'], found)
  for (const one of here.anyOf ?? []) exampleOf(one, path, found)
  return found
}

const conditional = node => [node.then, node.else, ...(node.allOf ?? []).flatMap(one => [one, one.then, one.else])].filter(Boolean)

const examples = () =>
  `${generatedFrom}\nexport const exampleAt: Readonly<Record<string, unknown>> = ${JSON.stringify(exampleOf(schema))}\n`

/** One of the documents that pglink writes, by the part of its file's name before the dot. */
const schemaOf = name => JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8'))

/** The type that stands for a part of the plan document in another one: it is named after the title. */
function planType(ref) {
  const plan = schemaOf('plan')
  const { title } = ref.includes('#') ? plan.$defs[ref.split('/').at(-1)] : plan
  return title.replace(/ \w/g, letter => letter[1].toUpperCase())
}

const generatedFromDocument = name => generatedFrom.replace('topology', name)

/** A definition that nothing but `Json` stands for would be generated as a type that nobody uses. */
function documentTypes(name) {
  const { $defs, ...from } = schemaOf(name)
  const { json, ...defs } = $defs
  const imports = json === undefined ? '' : "\nimport type { Json } from '../model/json.ts'"
  const ofPlan = [...new Set(JSON.stringify({ from, defs }).match(/plan\.schema\.json[^"]*/g) ?? [])].map(planType).sort()
  const plan = ofPlan.length === 0 || name === 'plan' ? '' : `\nimport type { ${ofPlan.join(', ')} } from './plan.generated.ts'`
  return types({ ...from, $defs: defs }, `${name}Document`, `${generatedFromDocument(name)}${imports}${plan}`)
}

function withoutAnnotations(node, keyword = '') {
  if (Array.isArray(node)) return node.map(item => withoutAnnotations(item))
  if (node === null || typeof node !== 'object') return node
  const isSchema = keyword !== 'properties' && keyword !== '$defs'
  const entries = Object.entries(node).filter(([key]) => !isSchema || !annotations.has(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutAnnotations(value, isSchema ? key : '')]))
}

/** A saved plan may come from anywhere, so that it is checked before anything is drawn from it. */
function documentValidator(name) {
  const ajv = new Ajv2020.Ajv2020({ strict: true, inlineRefs: false, code: { source: true, esm: true, lines: true } })
  const code = standaloneCode.default(ajv, ajv.compile(withoutAnnotations(schemaOf(name))))
  if (code.includes('require(')) throw new Error(`the validator of ${name} needs a module at run time`)
  return `${generatedFromDocument(name)}\n// @ts-nocheck\n${code}\n`
}

/** In Git, as they are read and reviewed. */
const typesInGit = {
  'src/model/topology.generated.ts': () => types(schema, 'Topology', `${generatedFrom}\nimport type { Secret } from './secret.ts'`),
  'src/document/plan.generated.ts': () => documentTypes('plan'),
  'src/document/drift.generated.ts': () => documentTypes('drift'),
  'src/document/apply.generated.ts': () => documentTypes('apply'),
  'src/document/verify.generated.ts': () => documentTypes('verify')
}

/** Not in Git: the build, the set-up of the tests and `npm run check` write it, and .gitignore names it. */
const code = {
  'src/topology/secrets.generated.ts': secrets,
  'src/topology/examples.generated.ts': examples,
  'src/topology/validator.generated.ts': validator,
  'src/document/planValidator.generated.ts': () => documentValidator('plan')
}

const fileOf = path => new URL(`../../${path}`, import.meta.url)
const present = path => (existsSync(fileOf(path)) ? readFileSync(fileOf(path), 'utf8') : '')

/** Whoever reads a file meanwhile finds it whole. */
function write(path, wanted) {
  if (present(path) === wanted) return
  const next = new URL(`${fileOf(path)}.${process.pid}.tmp`)
  writeFileSync(next, wanted)
  renameSync(next, fileOf(path))
}

for (const [path, make] of Object.entries(code)) write(path, make())
if (!process.argv.includes('--code')) {
  for (const [path, make] of Object.entries(typesInGit)) {
    const wanted = await make()
    if (!process.argv.includes('--check')) write(path, wanted)
    else if (present(path) !== wanted) {
      console.error(`${path} is stale: run \`npm run schema\``)
      process.exitCode = 1
    }
  }
}
