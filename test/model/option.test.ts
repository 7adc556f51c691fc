import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runnerTerminal } from '../../src/action/runnerTerminal.ts'
import { asFlag } from '../../src/cli/asFlag.ts'
import { flagNames } from '../../src/cli/flags.ts'
import { problemText } from '../../src/host/problem.ts'
import { kebab } from '../../src/model/kebab.ts'
import { inWords, option } from '../../src/model/option.ts'
import { rulesById } from '../../src/topology/rules/index.ts'

const runner = runnerTerminal(process, { env: {}, cwd: '.', asJob: false })
const hosts = { program: {}, 'command line': { words: asFlag }, action: runner }

test.each([
  ['program', ['envFile', 'prune: true', 'maxDeletes: 5', 'allowDelete: "servers/pg"', 'subscription']],
  ['command line', ['--env-file', '--prune', '--max-deletes 5', '--allow-delete servers/pg', '--subscription']],
  ['action', ['env-file', 'prune: true', 'max-deletes: 5', 'allow-delete: servers/pg', 'subscription-id']]
] as const)('an option has the words of its host: %s', (name, said) => {
  const host = hosts[name]
  expect([
    option(host, 'envFile'),
    option(host, 'prune', true),
    option(host, 'maxDeletes', 5),
    option(host, 'allowDelete', 'servers/pg'),
    option(host, 'subscription')
  ]).toEqual(said)
})

test('so has one in an error of the disk, and in the fix of a rule', () => {
  const full = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', syscall: 'open' })
  const fix = rulesById.get('PGL914')?.fix
  const all = Object.values(hosts).map(host => [problemText(full, host), fix && inWords(fix, host)].join())
  expect(all.map(text => /folder with (\S+),.*give (\S+)$/s.exec(text)?.slice(1))).toEqual([
    ['dataDir', 'envFile'],
    ['--data-dir', '--env-file'],
    ['data-dir', 'env-file']
  ])
})

/** Above the engine: a document and a report are for a host, which each calls its options by. */
const aboveEngine = /^(?:cli|action|library|github|devops|host|report|document|sandbox)\/|^[^/]*$|\.generated\.ts$/

// The engine does not know whether a flag, an input or a member of an object asked for its work.
test('no sentence of the engine, or of a layer below it, names a flag', () => {
  const flag = new RegExp(`--(?:${flagNames.map(kebab).join('|')})(?![\\w-])`)
  const lines = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !aboveEngine.test(path))
    .flatMap(path => withoutComments(readFileSync(`src/${path}`, 'utf8')).map(line => `${path}: ${line.trim()}`))
  expect(lines.length).toBeGreaterThan(5_000)
  expect(flag.test("'set the variable, or give --env-file'")).toBe(true)
  // A line for the Azure CLI has flags of its own.
  expect(lines.filter(line => flag.test(line.replace(/\baz(?: |', ')[a-z].*/, '')) && !commandLines.test(line))).toEqual([])
})

/** Whole lines that a person pastes into a shell, whichever host told of them. */
const commandLines = /^(?:locks\/azLine|model\/decision)\.ts: /

const withoutComments = (source: string): string[] => source.replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').split('\n')
