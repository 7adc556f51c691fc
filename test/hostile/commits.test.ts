import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { hub, pullEvent } from '../action/github.ts'
import { forkToken } from '../github/fakeStore.ts'
import { commitTo, emptyRepository, repositoryIn } from '../support/repository.ts'
import { runner } from '../support/runner.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { here } from './here.ts'
import { attributes, changed, network, planted, prune, subnet, trap } from './planted.ts'

describe('no program runs that a repository names', () => {
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

describe('a baseline', () => {
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
  test.each(refs)('that is no commit: %j', async ref => {
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
