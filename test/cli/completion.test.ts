import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandNames } from '../../src/cli/commands.ts'
import { type Folder, folder } from '../support/cli.ts'
import { isQuick } from '../support/parts.ts'
import { isThere } from '../support/required.ts'

const onPath = (name: string): boolean => (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, name)))

const hasShell = (name: string): boolean => isThere(name, onPath(name), `Install ${name}; a completion is run in its own shell.`)

const shells = { bash: hasShell('bash'), zsh: hasShell('zsh'), fish: hasShell('fish') }
for (const [name, found] of Object.entries(shells)) if (!found) console.log(`There is no ${name}: its completion is not run.`)

/** A folder with the script of a shell, two files and a folder. */
async function withScript(shell: string): Promise<Folder> {
  const here = folder({ 'orders.yaml': '', 'two words.yaml': '', 'data/x.yaml': '' })
  const { stdout, code } = await here.pglink(`completion ${shell}`)
  expect(code).toBe(0)
  here.write('script', stdout)
  return here
}

function ran({ path }: Folder, command: string, args: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(command, args, {
    cwd: path,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: path, LANG: 'C.UTF-8', TERM: 'xterm' }
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.split('\n').filter(line => line !== '')
}

/** The words of each line are quoted by the caller, the last one is completed. */
const inBash = (here: Folder, lines: readonly string[]): readonly string[] =>
  ran(here, 'bash', [
    '--norc',
    '-c',
    `source ./script; complete -p pglink > /dev/null; for line in "$@"; do eval "COMP_WORDS=($line)"; COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _pglink; (IFS='|'; echo "=\${COMPREPLY[*]}"); done`,
    'bash',
    ...lines.map(line => `pglink ${line}`)
  ]).map(line => line.slice(1))

/** Each line with tabs typed at a zsh, and the words that its command gets. */
const inZsh = (here: Folder, lines: readonly string[]): readonly string[] => {
  const prepared = `PS1=; autoload -U compinit; compinit -u -d ./dump; bindkey '^I' complete-word; pglink() { print -r -- "GOT:\${(j:|:)@}" }; source ./script`
  const asked = `zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z "$1"; shift; for line in "$@"; do zpty -w z "\${(g::)line}"; done; zpty -w z exit; while zpty -r z out; do print -rn -- "$out"; done`
  return ran(here, 'zsh', ['-f', '-c', asked, 'zsh', prepared, ...lines.map(line => `pglink ${line}`)]).flatMap(line =>
    line.startsWith('GOT:') ? line.slice('GOT:'.length).trimEnd() : []
  )
}

/** For each line the words that fish offers. */
const inFish = (here: Folder, lines: readonly string[]): readonly string[] =>
  ran(here, 'fish', [
    '--no-config',
    '-c',
    'source ./script; for line in $argv; echo (complete -C $line | string split -f 1 \\t | string join "|")=; end',
    ...lines.map(line => `pglink ${line}`)
  ]).map(line => line.slice(0, -1))

/** The flags of a command as its help has them. */
async function flagsOf(here: Folder, command: string): Promise<readonly string[]> {
  const { stdout } = await here.pglink(`${command} --help`)
  return [...stdout.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) =>
    [short, long].filter(name => name !== undefined)
  )
}

describe.runIf(shells.bash)('bash', () => {
  test('offers commands, words behind a flag, files and folders', async () => {
    const here = await withScript('bash')
    const lines = [
      'val',
      'locks ""',
      'graph --format ""',
      'graph --format = s',
      'completion ""',
      'help loc',
      'plan orders',
      'plan t',
      'plan --out ord',
      'plan --data-dir ""',
      'plan --env ""'
    ]
    expect(inBash(here, lines)).toMatchInlineSnapshot(`
      [
        "validate",
        "list|restore|help",
        "mermaid|dot|svg",
        "svg",
        "bash|zsh|fish",
        "locks",
        "orders.yaml",
        "two words.yaml",
        "orders.yaml",
        "data",
        "",
      ]
    `)
  })

  test('offers each flag that the help of a command has', async () => {
    const here = await withScript('bash')
    const offered = inBash(
      here,
      commandNames.map(name => `${name} -`)
    )
    for (const [index, name] of commandNames.entries())
      expect(offered[index]?.split('|').sort(), name).toEqual([...(await flagsOf(here, name))].sort())
  })
})

// Bash alone in `npm test`: each shell is a process.
test.runIf(shells.zsh && !isQuick)('zsh completes what is typed at it', async () => {
  const here = await withScript('zsh')
  const lines = [
    'val\\t',
    'locks res\\t --ke\\tx',
    'graph --for\\tdo\\t',
    'graph --format s\\t',
    'completion f\\t',
    'help connec\\t',
    'plan ord\\t',
    'plan two\\t',
    'plan --out ord\\t',
    'plan --data-dir d\\t'
  ]
  expect(inZsh(here, lines)).toMatchInlineSnapshot(`
    [
      "validate",
      "locks|restore|--keep=x",
      "graph|--format=dot",
      "graph|--format|svg",
      "completion|fish",
      "help|connections",
      "plan|orders.yaml",
      "plan|two words.yaml",
      "plan|--out|orders.yaml",
      "plan|--data-dir|data",
    ]
  `)
})

test.runIf(shells.fish && !isQuick)(
  'fish offers commands, flags, words behind a flag, files and folders',
  async () => {
    const here = await withScript('fish')
    const lines = [
      'val',
      'locks re',
      'locks restore --k',
      'graph --format ',
      'graph --format=s',
      'completion ',
      'help connec',
      'plan ord',
      'plan tw',
      'plan --out ord',
      'plan --data-dir da',
      'plan --env ',
      'schema '
    ]
    const offered = inFish(here, lines)
    expect(lines.map((line, index) => [line, offered[index]].join(': '))).toMatchInlineSnapshot(`
      [
        "val: validate",
        "locks re: restore",
        "locks restore --k: --keep",
        "graph --format : dot|mermaid|svg",
        "graph --format=s: --format=svg",
        "completion : bash|fish|zsh",
        "help connec: connections",
        "plan ord: orders.yaml",
        "plan tw: two words.yaml",
        "plan --out ord: orders.yaml",
        "plan --data-dir da: data/",
        "plan --env : ",
        "schema : ",
      ]
    `)
    const flags = inFish(
      here,
      commandNames.map(name => `${name} --`)
    )
    for (const [index, name] of commandNames.entries()) {
      const long = (await flagsOf(here, name)).filter(flag => flag.startsWith('--'))
      expect(flags[index]?.split('|').sort(), name).toEqual(long.toSorted())
    }
  },
  120_000
)

test('another shell is refused with those that there are', async () => {
  const { stderr, code } = await folder().pglink('completion tcsh')
  expect(stderr).toContain("is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.")
  expect(code).toBe(64)
})
