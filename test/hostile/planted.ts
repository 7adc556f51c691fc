import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandLine } from '../simulate/commandLine.ts'
import { repositoryIn } from '../support/repository.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { here, top } from './here.ts'

/** As `git help --config` of 2.39 and the manual of 2.51 list what is or asks for a program; `x` is somebody's own name. */
export const keys =
  `alias.x alias.ls-tree browser.x.cmd browser.x.path core.alternateRefsCommand core.askPass core.editor core.fsmonitor core.gitProxy
core.hooksPath core.pager core.sshCommand credential.helper credential.https://a.example.helper diff.x.command diff.x.textconv diff.external
difftool.x.cmd difftool.x.path filter.x.clean filter.x.process filter.x.smudge gc.recentObjectsHook gpg.program gpg.ssh.program
gpg.ssh.defaultKeyCommand guitool.x.cmd help.browser hook.x.command imap.tunnel init.templateDir instaweb.browser instaweb.httpd
interactive.diffFilter man.x.cmd man.x.path merge.x.driver mergetool.x.cmd mergetool.x.path pager.ls-tree pager.cat-file pager.show
pager.rev-parse remote.origin.receivepack remote.origin.uploadpack remote.x.vcs sendemail.ccCmd sendemail.smtpServer sendemail.toCmd
sequence.editor submodule.x.update tar.x.command trailer.x.command uploadpack.packObjectsHook web.browser diff.a=b.textconv`.split(/\s+/)

const hooks = ['post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman', 'pre-auto-gc', 'post-rewrite']

export const attributes = '* diff=x filter=x merge=x text eol=crlf ident\n'

interface Trap {
  /** The program that every key of the configuration names. */
  readonly program: string
  ran(): readonly string[]
}

export function trap(): Trap {
  const path = temporaryFolder()
  const program = join(path, 'program')
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${path}/ran'\nexit 1\n`)
  chmodSync(program, 0o755)
  return { program, ran: () => (existsSync(join(path, 'ran')) ? readFileSync(join(path, 'ran'), 'utf8').trim().split('\n') : []) }
}

/** Every key, every hook and attributes for every file, in the folder that Git keeps a repository in; what it lacks is to be fetched. */
export function planted(gitDir: string, { program }: Trap): void {
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

export const network = (more = ''): string => `${top}networks:\n  hub:\n    addressSpace: [10.20.0.0/16]\n${more}`
export const subnet = '    subnets: { a: { addressPrefix: 10.20.1.0/24 } }\n'
export const prune = ['plan', '--sandbox', '--prune']

/** A command line in a repository, of whose topology a change is not committed. */
export function changed(
  files: Readonly<Record<string, string>> = { 'topology.yaml': network(subnet) }
): CommandLine & { readonly gitDir: string } {
  const line = here({ ...files, 'topology.yaml': network() })
  return { ...line, gitDir: repositoryIn(line.path, files) }
}
