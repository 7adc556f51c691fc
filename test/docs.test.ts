import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { postgresFolder } from '../src/sandbox/dataPlane/programs.ts'
import { isThere } from './support/required.ts'

const files = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).split('\n').filter(Boolean)
const textOf = (file: string): string => readFileSync(file, 'utf8')

interface Block {
  readonly language: string
  readonly text: string
}

const blocksIn = (text: string): readonly Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({ language, text: block }))

/** Text without what stands in code, where a bracket is no link. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')

/** As GitHub makes the anchor of a heading [GitHub's docs, "Basic writing and formatting syntax", section links]. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchorsIn = (file: string): readonly string[] =>
  [
    ...textOf(file)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ (.+)$/gm)
  ].map(([, heading = '']) => anchor(heading))

test.each(files)('%s: every relative link leads to a file, and every anchor to a heading', file => {
  const links = [...prose(textOf(file)).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to = '']) => (/^[a-z]+:/.test(to) ? [] : [to]))
  const wrong = links.filter(to => {
    const [path = '', heading] = to.split('#')
    const target = path === '' ? file : join(dirname(file), path)
    return !existsSync(target) || (heading !== undefined && !anchorsIn(target).includes(heading))
  })
  expect(wrong).toEqual([])
})

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

let tarball: string | undefined

/** The package as npm packs it. */
function packed(): string {
  if (tarball !== undefined) return tarball
  const folder = mkdtempSync(join(tmpdir(), 'pglink-packed-'))
  made.push(folder)
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'ignore' })
  tarball = join(folder, readdirSync(folder)[0] ?? '')
  return tarball
}

/** An empty folder, and what runs a script in it as a user's shell would, with the packed command on the path. */
function shell(more: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-docs-'))
  made.push(folder)
  const bin = join(folder, '..', `${folder.split('/').at(-1)}-bin`)
  made.push(bin)
  const modules = join(bin, 'lib', 'node_modules')
  mkdirSync(modules, { recursive: true })
  symlinkSync(resolve('node_modules/@azure'), join(modules, '@azure'))
  execFileSync('tar', ['--extract', '--file', packed(), '--directory', modules, '--transform', 's/^package/pglink/'])
  writeFileSync(join(bin, 'pglink'), `#!/bin/sh\nexec '${process.execPath}' -- '${join(modules, 'pglink/dist/cli.js')}' "$@"\n`)
  chmodSync(join(bin, 'pglink'), 0o755)
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, LANG: 'C.UTF-8', COLUMNS: '120', npm_config_prefix: bin, ...more }
  return {
    folder,
    run: (script: string) => {
      const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 120_000 })
      return { status, text: `${stdout}${stderr}` }
    }
  }
}

const readme = textOf('README.md')

test('the commands of README run from top to bottom in an empty folder', () => {
  const { run } = shell()
  const scripts = blocksIn(readme).filter(({ language, text }) => language === 'sh' && !/^npm /m.test(text))
  const commands = scripts.map(({ text }) => text).join('\n')
  expect(commands.match(/^pglink /gm)?.length).toBeGreaterThan(8)
  const { status, text } = run(commands)
  expect(status, text).toBe(0)
  // After the first apply, and of what was imported.
  expect(text.match(/^No changes\. /gm)).toHaveLength(2)
})

/** A line of a transcript: `…` stands for anything. */
const pattern = (line: string): RegExp =>
  new RegExp(
    `^${line
      .trimEnd()
      .split('…')
      .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}`
  )

const quickstart = { PGLINK_SANDBOX_SEED: 'sandbox.json', PGLINK_ENV_FILE: '.env.example' }

/** Takes the lines out of what was printed, each after the one before. */
function expectLines(lines: readonly string[], printed: readonly string[]): void {
  const left = [...printed]
  for (const line of lines.filter(one => !/^\s*…?$/.test(one))) {
    const at = left.findIndex(one => pattern(line).test(one))
    expect(at, `${line}\nin\n${left.join('\n')}`).toBeGreaterThan(-1)
    left.splice(0, at + 1)
  }
}

test.each(blocksIn(readme).filter(({ language }) => language === 'console'))(
  'a transcript of README is what is printed: $text',
  ({ text }) => {
    const begins = text.startsWith('$ pglink init')
    const { folder, run } = shell(begins ? {} : quickstart)
    if (!begins) cpSync('examples/quickstart', folder, { recursive: true })
    const [, ...parts] = text.split(/^\$ (?=pglink )/m)
    for (const part of parts) {
      const [command = '', ...lines] = part.trimEnd().split('\n')
      expectLines(lines, run(command).text.split('\n'))
    }
  }
)

/** A command of a transcript with the lines that it prints. */
interface Said {
  readonly command: string
  readonly lines: readonly string[]
}

/** The commands of all transcripts of a text, in order. One that ends in a backslash goes on in the next line. */
const saidIn = (text: string): readonly Said[] =>
  blocksIn(text)
    .filter(({ language }) => language === 'console')
    .flatMap(block => block.text.split(/^\$ /m).slice(1))
    .map(part => {
      const [, command = '', rest = ''] = /^((?:.*\\\n)*.*)\n([\s\S]*)$/.exec(part) ?? []
      return { command, lines: rest.trimEnd().split('\n') }
    })

/** One script of all, as in one shell: it marks where each ends, and with which exit code. Programs that run beside it end with it. */
const scriptOf = (all: readonly Said[]): string =>
  [
    'set +e',
    'exec 2>&1',
    `trap 'kill $(jobs -p) 2> /dev/null; wait' EXIT`,
    ...all.map(({ command }) => `${command}\nended=$?; echo "@@ended $ended"; (exit "$ended")`)
  ].join('\n')

const howTos = files.filter(file => file.startsWith('examples/how-tos/'))
const hasPostgres = isThere('postgresql', postgresFolder() !== undefined, 'Install the package postgresql.')

/** One without the data plane needs no PostgreSQL. */
const runnable = howTos.filter(file => hasPostgres || !textOf(file).includes('--data-plane'))

test.each(runnable)('%s: from top to bottom in one shell each command prints what is written', file => {
  const all = saidIn(textOf(file))
  expect(all.length).toBeGreaterThan(5)
  const { folder, run } = shell()
  cpSync(dirname(file), folder, { recursive: true })
  const { text } = run(scriptOf(all))
  const parts = text.split(/^@@ended (\d+)\n/m)
  for (const [at, { command, lines }] of all.entries()) {
    const [printed = '', code] = [parts[2 * at], parts[2 * at + 1]]
    expectLines(lines, printed.split('\n'))
    // A command that fails is followed by the question with which code it did.
    if (all[at + 1]?.command !== 'echo $?') expect([command, code], text).toEqual([command, '0'])
  }
})
