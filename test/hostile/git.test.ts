import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { namesProgram } from '../../src/engine/git.ts'
import { hub, pullEvent } from '../action/github.ts'
import { forkToken } from '../github/fakeStore.ts'
import { runner } from '../support/runner.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { here, top } from './here.ts'

/** As `git help --config` of 2.39 and the manual of 2.51 list what is or asks for a program; `x` is somebody's own name. */
const keys =
  `alias.x alias.ls-tree browser.x.cmd browser.x.path core.alternateRefsCommand core.askPass core.editor core.fsmonitor core.gitProxy
core.hooksPath core.pager core.sshCommand credential.helper credential.https://a.example.helper diff.x.command diff.x.textconv diff.external
difftool.x.cmd difftool.x.path filter.x.clean filter.x.process filter.x.smudge gc.recentObjectsHook gpg.program gpg.ssh.program
gpg.ssh.defaultKeyCommand guitool.x.cmd help.browser hook.x.command imap.tunnel init.templateDir instaweb.browser instaweb.httpd
interactive.diffFilter man.x.cmd man.x.path merge.x.driver mergetool.x.cmd mergetool.x.path pager.ls-tree pager.cat-file pager.show
pager.rev-parse remote.origin.receivepack remote.origin.uploadpack remote.x.vcs sendemail.ccCmd sendemail.smtpServer sendemail.toCmd
sequence.editor submodule.x.update tar.x.command trailer.x.command uploadpack.packObjectsHook web.browser diff.a=b.textconv`.split(/\s+/)

const hooks = ['post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman', 'pre-auto-gc', 'post-rewrite']

const attributes = '* diff=x filter=x merge=x text eol=crlf ident\n'

interface Trap {
  /** The program that every key of the configuration names. */
  readonly program: string
  ran(): readonly string[]
}

function trap(): Trap {
  const path = temporaryFolder()
  const program = join(path, 'program')
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${path}/ran'\nexit 1\n`)
  chmodSync(program, 0o755)
  return { program, ran: () => (existsSync(join(path, 'ran')) ? readFileSync(join(path, 'ran'), 'utf8').trim().split('\n') : []) }
}

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  }).trim()

/** Every key, every hook and attributes for every file, in the folder that Git keeps a repository in; what it lacks is to be fetched. */
function planted(gitDir: string, { program }: Trap): void {
  const more = {
    'protocol.allow': 'always',
    'core.repositoryFormatVersion': '1',
    'extensions.partialClone': 'origin',
    'remote.origin.url': '.'
  }
  const all = [...keys.map(key => [key, program] as const), ...Object.entries(more)]
  const lines = all.map(([key, value]) => {
    const [, section = '', name, variable = ''] = /^([^.]+)(?:\.(.+))?\.([^.]+)$/.exec(key) ?? []
    return `[${section}${name === undefined ? '' : ` "${name}"`}]\n\t${variable} = "${value}"\n`
  })
  appendFileSync(join(gitDir, 'config'), lines.join(''))
  mkdirSync(join(gitDir, 'hooks'), { recursive: true })
  for (const hook of hooks) symlinkSync(program, join(gitDir, 'hooks', hook))
  mkdirSync(join(gitDir, 'info'), { recursive: true })
  writeFileSync(join(gitDir, 'info', 'attributes'), attributes)
}

const network = (more = ''): string => `${top}networks:\n  hub:\n    addressSpace: [10.20.0.0/16]\n${more}`
const subnet = '    subnets: { a: { addressPrefix: 10.20.1.0/24 } }\n'
const prune = ['plan', '--sandbox', '--prune']

/** A commit with the topology, and a change of it that is not committed. */
function repository(path: string, below = ''): void {
  git(path, 'init', '--quiet', '--initial-branch', 'main')
  git(path, 'add', '-A')
  git(path, 'commit', '--quiet', '-m', 'x')
  writeFileSync(join(path, below, 'topology.yaml'), network())
}

test('the trap shuts: Git itself runs what is planted', () => {
  const shut = trap()
  const { path } = here({ 'topology.yaml': network(), '.gitattributes': attributes })
  repository(path)
  planted(join(path, '.git'), shut)
  for (const asked of [['show', '--textconv', 'HEAD:topology.yaml'], ['rev-parse', `${'a'.repeat(40)}^{commit}`], ['status']]) {
    const before = shut.ran().length
    // Git goes on after some programs that fail.
    spawnSync('git', asked, { cwd: path, stdio: 'ignore' })
    expect(shut.ran().length, asked.join(' ')).toBeGreaterThan(before)
  }
})

describe('no program runs that a repository names', () => {
  test('in its configuration, its attributes and its hooks', async () => {
    const shut = trap()
    const { path, pglink } = here({ 'topology.yaml': network(subnet), '.gitattributes': attributes })
    repository(path)
    planted(join(path, '.git'), shut)
    const { code, stdout, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Plan: 2 to add, 0 to change, 0 to destroy.')
  })

  test('where what is asked for is not there', async () => {
    const shut = trap()
    const { path, pglink } = here({ 'topology.yaml': network(subnet) })
    repository(path)
    planted(join(path, '.git'), shut)
    const missing = join(path, '.git/refs/heads/missing')
    writeFileSync(missing, `${'a'.repeat(40)}\n`)
    const { code, stderr } = await pglink([...prune, '--baseline', 'missing'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([4, expect.stringContaining('neither a file nor a commit')])
  })

  test('in a bare repository that a branch holds', async () => {
    const shut = trap()
    const { path, pglink } = here({ 'infra/topology.yaml': network(subnet) })
    const infra = join(path, 'infra')
    git(infra, 'init', '--quiet', '--bare', '--initial-branch', 'main', '.')
    git(infra, '--git-dir=.', '--work-tree=.', 'add', 'topology.yaml')
    git(infra, '--git-dir=.', '--work-tree=.', 'commit', '--quiet', '-m', 'x')
    rmSync(join(infra, 'hooks'), { recursive: true, force: true })
    git(path, 'init', '--quiet', '--initial-branch', 'main')
    git(path, 'add', '-A')
    git(path, 'commit', '--quiet', '-m', 'x')
    appendFileSync(join(infra, 'config'), `[core]\n\tbare = false\n\tworktree = ${infra}\n`)
    writeFileSync(join(infra, 'refs/heads/main'), `${'a'.repeat(40)}\n`)
    planted(infra, shut)
    writeFileSync(join(infra, 'topology.yaml'), network())
    const { code, stderr } = await pglink([...prune, '--baseline', 'main', 'infra/topology.yaml'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([0, ''])
  })

  test('in the Action, of the base of a fork', async () => {
    const shut = trap()
    const { path } = here({ 'topology.yaml': network(subnet), '.gitattributes': attributes })
    repository(path)
    planted(join(path, '.git'), shut)
    const base = 'a'.repeat(40)
    const payload = pullEvent(1, base, { from: 'mallory/estate', base })
    const job = { event: 'pull_request', payload, workspace: path, token: forkToken.token, env: { ...(await hub()).env, GITHUB_SHA: base } }
    const plan = await runner(job).run({ command: 'plan', label: 'prod' })
    expect(shut.ran()).toEqual([])
    expect([plan.code, plan.commands.at(-1)?.message]).toEqual([4, expect.stringContaining('not a commit that was fetched')])
  })

  test('and nothing is fetched where the clone is a partial one', async () => {
    const shut = trap()
    const { path: origin } = here({ 'topology.yaml': network(subnet) })
    repository(origin)
    const { path, pglink } = here({})
    const upload = join(temporaryFolder(), 'upload-pack')
    writeFileSync(upload, `#!/bin/sh\n'${shut.program}' fetched </dev/null >/dev/null\nexec git-upload-pack "$@"\n`)
    chmodSync(upload, 0o755)
    git(origin, 'config', 'uploadpack.allowFilter', 'true')
    git(path, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${origin}`, '.')
    git(path, 'config', 'remote.origin.uploadpack', upload)
    writeFileSync(join(path, 'topology.yaml'), network())
    const { code, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(shut.ran()).toEqual([])
    expect(stderr).toContain('nothing is fetched: fetch it first')
    expect(code).toBe(4)
  })
})

test('each key that names a program is known as one, in any case', () => {
  expect(keys.filter(key => !namesProgram(key) || !namesProgram(key.toUpperCase()))).toEqual([])
  expect(['core.autocrlf', 'diff.x.binary', 'filter.x.required', 'user.name', 'safe.directory'].filter(namesProgram)).toEqual([])
})

describe('a baseline', () => {
  test.each([
    '--output=x',
    '-h',
    '--upload-pack=x',
    '',
    'a b',
    'x\u0007y',
    'main:topology.yaml',
    ':/x',
    'main..main',
    '^main',
    'HEAD^{tree}'
  ])('that is no commit: %j', async ref => {
    const { path, pglink } = here({ 'topology.yaml': network(subnet) })
    repository(path)
    const { code, stderr } = await pglink([...prune, `--baseline=${ref}`])
    expect(stderr).toContain('is neither a file nor a commit.')
    expect(code).toBe(4)
  })

  test('that is a file and a commit is not guessed at', async () => {
    const { path, pglink } = here({ 'topology.yaml': network(subnet) })
    repository(path)
    writeFileSync(join(path, 'main'), network())
    const both = await pglink([...prune, '--baseline', 'main'])
    expect([both.code, both.stderr]).toEqual([64, expect.stringMatching(/give \.\/main for the file, or [0-9a-f]{40} for the commit/)])
    expect((await pglink([...prune, '--baseline', './main'])).code).toBe(0)
  })

  test('is read with the configuration of its user, and Git is quoted where it does not read', async () => {
    const { path, pglink } = here({ 'topology.yaml': network(subnet) })
    repository(path)
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(path, 'topology.yaml'))
    onTestFinished(() => void vi.unstubAllEnvs())
    const { code, stderr } = await pglink([...prune, '--baseline', 'HEAD'])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/Git does not read the repository of .*: bad config line 1 in file .*topology\.yaml/)
    ])
  })

  test('is not read through a link', async () => {
    const { path, pglink } = here({ 'real.yaml': network(subnet) })
    symlinkSync('real.yaml', join(path, 'topology.yaml'))
    repository(path)
    const { code, stdout, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(stdout + stderr).toContain('it is no plain file in the commit')
    expect(code).toBe(4)
  })
})
