import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { topologyFiles } from '../../src/engine/files.ts'
import { matching } from '../../src/engine/globs.ts'
import { Stop, UsageError } from '../../src/engine/stop.ts'
import { temporaryFolder } from '../support/temporary.ts'

function filesIn(...names: readonly string[]): string {
  const cwd = temporaryFolder()
  for (const name of names) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), '')
  }
  return cwd
}

const estates = () =>
  filesIn(
    'estates/west/topology.yaml',
    'estates/west/topology.prod.yaml',
    'estates/west-2/eu/topology.yaml',
    'estates/topology.yaml',
    'estates/east/readme',
    'estates/node_modules/there/topology.yaml',
    'estates/.hidden/topology.yaml'
  )

test.each([
  ['estates/**/topology.yaml', ['estates/topology.yaml', 'estates/west/topology.yaml', 'estates/west-2/eu/topology.yaml']],
  ['estates/*/topology.yaml', ['estates/west/topology.yaml']],
  ['estates/{west,west-2/eu}/topology.yaml', ['estates/west/topology.yaml', 'estates/west-2/eu/topology.yaml']],
  ['estates/w?st/topology*.yaml', ['estates/west/topology.prod.yaml', 'estates/west/topology.yaml']],
  ['estates/[e-w]*-2', ['estates/west-2/eu/topology.yaml']]
])('%s stands for the files that it fits, in the order of their paths', async (pattern, files) => {
  expect(await topologyFiles([pattern], estates())).toEqual(files)
})

test('a file that two patterns fit is one file, where the first has it', async () => {
  const files = await topologyFiles(['estates/west-2', 'estates/**/topology.yaml'], estates())
  expect(files).toEqual(['estates/west-2/eu/topology.yaml', 'estates/topology.yaml', 'estates/west/topology.yaml'])
})

test('a pattern from the root stays one from the root', async () => {
  const cwd = estates()
  expect(await topologyFiles([join(cwd, 'estates/w*/topology.yaml')], join(cwd, 'estates'))).toEqual([
    join(cwd, 'estates/west/topology.yaml')
  ])
})

test('a pattern may lead up', async () => {
  const cwd = estates()
  expect(await topologyFiles(['../west/*.prod.yaml'], join(cwd, 'estates/east'))).toEqual(['../west/topology.prod.yaml'])
})

test('a backslash parts folders where the machine has it so', async () => {
  expect(await matching('estates\\**\\topology.yaml', estates(), '\\')).toEqual([
    'estates\\topology.yaml',
    'estates\\west\\topology.yaml',
    'estates\\west-2\\eu\\topology.yaml'
  ])
})

test('a file whose name has such a sign is that file', async () => {
  expect(await topologyFiles(['a[1].yaml'], filesIn('a[1].yaml', 'a1.yaml'))).toEqual(['a[1].yaml'])
})

test('nothing that fits is an error of the command line, and a file that is not there one of the file', async () => {
  await expect(topologyFiles(['estates/*/nosuch.yaml'], estates())).rejects.toThrow(UsageError)
  await expect(topologyFiles(['nowhere/**/topology.yaml'], estates())).rejects.toThrow('No file fits nowhere/**/topology.yaml')
  expect(await topologyFiles(['nosuch.yaml'], estates())).toEqual(['nosuch.yaml'])
  await expect(topologyFiles(['estates/e*'], estates())).rejects.toThrow('There is no topology.yaml under estates/e*')
})

test('no link is followed, so that a circle of folders has an end', async () => {
  const cwd = filesIn('a/topology.yaml')
  symlinkSync(join(cwd, 'a'), join(cwd, 'a/again'))
  expect(await topologyFiles(['**/topology.yaml'], cwd)).toEqual(['a/topology.yaml'])
})

// Root may look into everything.
test.skipIf(process.getuid?.() === 0)('a folder that may not be looked into is said, and not passed over', async () => {
  const cwd = filesIn('a/topology.yaml', 'b/topology.yaml')
  chmodSync(join(cwd, 'b'), 0)
  await expect(topologyFiles(['**/topology.yaml'], cwd)).rejects.toThrow(Stop)
  chmodSync(join(cwd, 'b'), 0o755)
})
