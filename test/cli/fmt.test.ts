import { chmodSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { globSync } from 'tinyglobby'
import { describe, expect, test } from 'vitest'
import { folder } from '../support/cli.ts'

const name = 'topology.yaml'
const untidy = `# head
version:   1
name: 'orders'   # the id


networks:
    hub:   # ours
        addressSpace: [ 10.0.0.0/16 ]
        subnets: {a: {addressPrefix: 10.0.1.0/24}}
`
const tidy = `# head
version: 1
name: 'orders' # the id

networks:
  hub: # ours
    addressSpace: [10.0.0.0/16]
    subnets: { a: { addressPrefix: 10.0.1.0/24 } }
`

test('a file is written in its form, and named; the second time there is nothing to do', async () => {
  const here = folder({ [name]: untidy })
  const checked = await here.pglink('fmt --check')
  expect(checked).toMatchObject({
    stdout: `${name}\n`,
    stderr: '1 file not in form. `pglink fmt` with the same files writes them.\n',
    code: 2
  })
  expect(here.read(name)).toBe(untidy)
  expect(await here.pglink('fmt')).toMatchObject({ stdout: `${name}\n`, stderr: '', code: 0 })
  expect(here.read(name)).toBe(tidy)
  expect(await here.pglink('fmt --check')).toMatchObject({ stdout: '', stderr: '', code: 0 })
})

test('the examples are in their form', async () => {
  const here = folder()
  const files = globSync('examples/**/*.yaml')
  expect(files.length).toBeGreaterThan(6)
  for (const file of files) here.write(file, readFileSync(file, 'utf8'))
  expect(await here.pglink(`fmt --check ${files.join(' ')}`)).toMatchObject({ stdout: '', code: 0 })
})

describe('as the file was,', () => {
  test('its line ends and its byte order mark', async () => {
    const here = folder({ [name]: `\ufeff${untidy.replaceAll('\n', '\r\n')}` })
    expect((await here.pglink('fmt')).code).toBe(0)
    expect(here.read(name)).toBe(`\ufeff${tidy.replaceAll('\n', '\r\n')}`)
  })

  test('its rights, and the symbolic link to it', async () => {
    const here = folder({ 'real.yaml': untidy })
    chmodSync(join(here.path, 'real.yaml'), 0o640)
    symlinkSync('real.yaml', join(here.path, name))
    expect((await here.pglink('fmt')).code).toBe(0)
    expect(here.read('real.yaml')).toBe(tidy)
    expect(lstatSync(join(here.path, name)).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(here.path, 'real.yaml')).mode & 0o777).toBe(0o640)
  })

  test('its anchors, tags, quotes and merge keys', async () => {
    const text = `a: &one { "x":   1 }\nb: { <<: *one, y: '2' }\nc: !!str "3"\nd: |\n  text\n`
    const here = folder({ [name]: text })
    expect((await here.pglink('fmt')).code).toBe(0)
    expect(here.read(name)).toBe(text.replace('   1', ' 1'))
  })

  test('JSON', async () => {
    const here = folder({ 't.json': '{"version":1,\n"name":"x"}', 'y.json': '{a: 1}' })
    expect((await here.pglink('fmt t.json')).code).toBe(0)
    expect(here.read('t.json')).toBe('{\n  "version": 1,\n  "name": "x"\n}\n')
    const { stderr, code } = await here.pglink('fmt y.json')
    expect({ stderr, code }).toEqual({ stderr: 'Error: y.json is left as it is: it is YAML in a file that is called .json.\n', code: 1 })
  })
})

test('a map over several lines is closed where it fits into one, opened where not, and left where it has a comment', async () => {
  const long = `{\n  x: ${'a'.repeat(80)},\n  y: ${'b'.repeat(80)} }`
  const here = folder({ [name]: `short: {\n  x: 1,\n  y: 2 }\nlong: ${long}\nsaid: {\n  x: 1, # why\n  y: 2\n}\n` })
  expect((await here.pglink('fmt')).code).toBe(0)
  expect(here.read(name)).toBe(
    `short: { x: 1, y: 2 }\nlong:\n  x: ${'a'.repeat(80)}\n  y: ${'b'.repeat(80)}\nsaid:\n  {\n    x: 1, # why\n    y: 2\n  }\n`
  )
})

test.each([
  ['two documents', 'a: 1\n---\nb: 2\n', 'PGL907'],
  ['a key that stands twice', 'a: 1\na: 2\n', 'PGL906'],
  ['no YAML', 'a: [\n', 'PGL905'],
  ['nothing', '', 'PGL904']
])('a file of %s is shown with its place, left as it is, and the others are written', async (_, text, rule) => {
  const here = folder({ 'bad.yaml': text, [name]: untidy })
  const { stdout, stderr, code } = await here.pglink(`fmt bad.yaml ${name}`)
  expect(stderr).toMatch(new RegExp(`^bad.yaml:\\d+:\\d+ error ${rule} `))
  expect({ stdout, code }).toEqual({ stdout: `${name}\n`, code: 4 })
  expect(here.read('bad.yaml')).toBe(text)
  expect(here.read(name)).toBe(tidy)
})

test('a file that is not there, and one of bytes, are said', async () => {
  const here = folder()
  expect(await here.pglink('fmt')).toMatchObject({
    stderr: expect.stringContaining('topology.yaml cannot be read: there is no such file'),
    code: 4
  })
})

test('the schema is printed as it is in the package', async () => {
  expect(await folder().pglink('schema')).toMatchObject({
    stdout: readFileSync('schema/topology.schema.json', 'utf8'),
    stderr: '',
    code: 0
  })
})
