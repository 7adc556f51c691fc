import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { namesProgram } from '../../src/engine/git.ts'
import { hub, pullEvent } from '../action/github.ts'
import { forkToken } from '../github/fakeStore.ts'
import type { CommandLine } from '../simulate/commandLine.ts'
import { shared } from '../support/parts.ts'
import { commitTo, emptyRepository, repositoryIn } from '../support/repository.ts'
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

/** A command line in a repository, of whose topology a change is not committed. */
function changed(
  files: Readonly<Record<string, string>> = { 'topology.yaml': network(subnet) }
): CommandLine & { readonly gitDir: string } {
  const line = here({ ...files, 'topology.yaml': network() })
  return { ...line, gitDir: repositoryIn(line.path, files) }
}

test('the trap shuts: Git itself runs what is planted', () => {
  const shut = trap()
  const { path, gitDir } = changed({ 'topology.yaml': network(), '.gitattributes': attributes })
  planted(gitDir, shut)
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
    const { pglink, gitDir } = changed({ 'topology.yaml': network(subnet), '.gitattributes': attributes })
    planted(gitDir, shut)
    const { code, stdout, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(shut.ran()).toEqual([])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Plan: 2 to add, 0 to change, 0 to destroy.')
  })

  test('where what is asked for is not there', async () => {
    const shut = trap()
    const { path, pglink, gitDir } = changed()
    planted(gitDir, shut)
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
    repositoryIn(path, { 'infra/topology.yaml': network(subnet) })
    emptyRepository(infra)
    commitTo(infra, { 'topology.yaml': network(subnet) })
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
    const { path, gitDir } = changed({ 'topology.yaml': network(subnet), '.gitattributes': attributes })
    planted(gitDir, shut)
    const base = 'a'.repeat(40)
    const payload = pullEvent(1, base, { from: 'mallory/estate', base })
    const job = { event: 'pull_request', payload, workspace: path, token: forkToken.token, env: { ...(await hub()).env, GITHUB_SHA: base } }
    const plan = await runner(job).run({ command: 'plan', label: 'prod' })
    expect(shut.ran()).toEqual([])
    expect([plan.code, plan.commands.at(-1)?.message]).toEqual([4, expect.stringContaining('not a commit that was fetched')])
  })

  test('and nothing is fetched where the clone is a partial one', async () => {
    const shut = trap()
    const { path: origin, gitDir } = changed()
    const { path, pglink } = here({})
    const upload = join(temporaryFolder(), 'upload-pack')
    writeFileSync(upload, `#!/bin/sh\n'${shut.program}' fetched </dev/null >/dev/null\nexec git-upload-pack "$@"\n`)
    chmodSync(upload, 0o755)
    appendFileSync(join(gitDir, 'config'), '[uploadpack]\n\tallowFilter = true\n')
    execFileSync('git', ['clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${origin}`, '.'], { cwd: path })
    appendFileSync(join(path, '.git/config'), `[remote "origin"]\n\tuploadpack = ${upload}\n`)
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
  // Part of `npm test` are an option, an object that is no commit, and more than one commit.
  const refs = [
    '--output=x',
    '-h',
    'a b',
    'main:topology.yaml',
    '',
    'x\u0007y',
    '^main',
    'HEAD^{tree}',
    ':/x',
    'main..main',
    '--upload-pack=x'
  ]
  test.each(shared(refs, 3))('that is no commit: %j', async ref => {
    const { pglink } = changed()
    const { code, stderr } = await pglink([...prune, `--baseline=${ref}`])
    expect(stderr).toContain('is neither a file nor a commit.')
    expect(code).toBe(4)
  })

  test('that is a file and a commit is not guessed at', async () => {
    const { path, pglink } = changed()
    writeFileSync(join(path, 'main'), network())
    const both = await pglink([...prune, '--baseline', 'main'])
    expect([both.code, both.stderr]).toEqual([64, expect.stringMatching(/give \.\/main for the file, or [0-9a-f]{40} for the commit/)])
    expect((await pglink([...prune, '--baseline', './main'])).code).toBe(0)
  })

  test('is read with the configuration of its user, and Git is quoted where it does not read', async () => {
    const { path, pglink } = changed()
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(path, 'topology.yaml'))
    onTestFinished(() => void vi.unstubAllEnvs())
    const { code, stderr } = await pglink([...prune, '--baseline', 'HEAD'])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/Git does not read the repository of .*: bad config line 1 in file .*topology\.yaml/)
    ])
  })

  test('is not read through a link', async () => {
    const { path, pglink } = here({ 'real.yaml': network() })
    symlinkSync('real.yaml', join(path, 'topology.yaml'))
    repositoryIn(path, { 'real.yaml': network(subnet), 'topology.yaml': 'real.yaml' }, { links: ['topology.yaml'] })
    const { code, stdout, stderr } = await pglink([...prune, '--baseline', 'main'])
    expect(stdout + stderr).toContain('it is no plain file in the commit')
    expect(code).toBe(4)
  })
})
