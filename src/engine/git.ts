import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { printable } from '../model/printable.ts'
import { Stop } from './stop.ts'

const execute = promisify(execFile)
const bytesMax = 64 * 1024 * 1024
const timeoutMs = 60_000

/** One commit of the repository that a folder lies in. Paths are as seen from that folder, with slashes. */
export interface Commit {
  /** Its name in full. */
  readonly id: string
  /** When it was committed, in milliseconds since 1970; `undefined` where Git does not say. */
  time(): Promise<number | undefined>
  /** The plain files in a folder and below it: no links and no submodules. @throws Stop */
  files(folder: string): Promise<readonly string[]>
  /** The bytes of a plain file, as they were committed. @throws Error that says why not */
  read(file: string): Promise<Uint8Array>
}

/**
 * Keys of Git's configuration that name a program, or let one be asked for [git-config(1), gitattributes(5), githooks(5)]; a star stands
 * for one name that the configuration chose.
 */
const programKeys = `alias.* browser.*.cmd browser.*.path core.alternateRefsCommand core.askPass core.editor core.fsmonitor core.gitProxy
core.hooksPath core.pager core.sshCommand credential.helper credential.*.helper diff.*.command diff.*.textconv diff.external
difftool.*.cmd difftool.*.path filter.*.clean filter.*.process filter.*.smudge gc.recentObjectsHook gpg.*.program gpg.program
gpg.ssh.defaultKeyCommand guitool.*.cmd help.browser hook.*.command imap.tunnel init.templateDir instaweb.browser instaweb.httpd
instaweb.modulePath interactive.diffFilter man.*.cmd man.*.path merge.*.driver mergetool.*.cmd mergetool.*.path pager.* protocol.allow
protocol.*.allow remote.*.receivepack remote.*.uploadpack remote.*.vcs sendemail.ccCmd sendemail.headerCmd sendemail.sendmailCmd
sendemail.smtpServer sendemail.toCmd sendemail.*.ccCmd sendemail.*.headerCmd sendemail.*.sendmailCmd sendemail.*.smtpServer
sendemail.*.toCmd sequence.editor submodule.*.update tar.*.command trailer.*.cmd trailer.*.command uploadpack.packObjectsHook
web.browser`.split(/\s+/)

const named = programKeys.filter(key => !key.includes('*'))
const patterns = programKeys.map(key => new RegExp(`^${key.replaceAll('.', '\\.').replace('*', '.+')}$`, 'is'))

/** Whether a key of Git's configuration names a program. */
export const namesProgram = (key: string): boolean => patterns.some(pattern => pattern.test(key))

function valueOff(key: string): string {
  if (/^protocol\./i.test(key)) return 'never'
  if (/^core\.fsmonitor$/i.test(key)) return 'false'
  return /^core\.hooksPath$/i.test(key) ? '/dev/null' : ''
}

/** Where the repository is, is not for the surroundings to say; all else of them, and the user's own configuration, counts. */
const placesOfGit = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_NAMESPACE', 'GIT_PREFIX']

const emptyVariable = 'PGLINK_GIT_OFF'

const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !placesOfGit.includes(name.toUpperCase()))),
  // An older Git does not know that it is not to fetch: then no protocol is left to do it by.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_PROTOCOL_FROM_USER: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
  [emptyVariable]: ''
})

/** By hand, since Windows would look in the current folder first, and a relative part of PATH leads into it. */
function gitFile(): string {
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  const places = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const found = places.map(place => join(place, name)).find(isExecutable)
  if (found === undefined) throw new Stop('invalid', 'Git is not installed, and a commit is read with it.')
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** One kind of object of Git's at a time is asked for by commands that convert nothing and start nothing. */
type Plumbing = 'rev-parse' | 'ls-tree' | 'cat-file' | 'config'

interface Repository {
  readonly root: string
  /** The arguments that switch off each program that its configuration names. */
  readonly off: readonly string[]
}

async function git({ root, off }: Repository, command: Plumbing, ...args: readonly string[]): Promise<Buffer> {
  const fixed = ['--no-pager', '--literal-pathspecs', '-c', 'safe.bareRepository=explicit', ...off]
  const { stdout } = await execute(gitFile(), [...fixed, command, ...args], {
    cwd: root,
    env: environment(),
    encoding: 'buffer',
    maxBuffer: bytesMax,
    timeout: timeoutMs
  })
  return stdout
}

/** With the `.git` above the folder and no other: a branch can hold a bare repository, and Git would take that for where it is. */
async function repositoryAbove(folder: string): Promise<Repository | undefined> {
  const root = ancestors(folder).find(one => existsSync(join(one, '.git')))
  if (root === undefined) return undefined
  const always = named.flatMap(key => ['-c', `${key}=${valueOff(key)}`])
  const keys = (await git({ root, off: always }, 'config', '--null', '--name-only', '--list')).toString('utf8').split('\0')
  const more = [...new Set(keys)].filter(key => namesProgram(key) && !isNamed(key))
  return { root, off: [...always, ...more.flatMap(switchedOff)] }
}

const isNamed = (key: string): boolean => named.some(one => one.toLowerCase() === key.toLowerCase())

/** `-c` would take only the part of a name before an equals sign in it. */
const switchedOff = (key: string): string[] =>
  key.includes('=') ? [`--config-env=${key}=${emptyVariable}`] : ['-c', `${key}=${valueOff(key)}`]

const ancestors = (folder: string): string[] => (dirname(folder) === folder ? [folder] : [folder, ...ancestors(dirname(folder))])

/**
 * The commit that a name stands for in the repository that a folder lies in; `undefined` where it is none. Nothing is checked out, fetched
 * or converted, and no program runs that the repository, its configuration or its attributes name.
 *
 * @throws Stop where Git is not installed, or does not read the repository
 */
export async function commitOf(ref: string, folder: string): Promise<Commit | undefined> {
  if (ref === '' || ref.startsWith('-') || ref.includes('\0')) return undefined
  const real = realpathSync(folder)
  try {
    const repository = await repositoryAbove(real)
    if (repository === undefined) return undefined
    const asked = await git(repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
    const id = asked.toString('latin1').trim()
    // `^main` stands for all commits but those.
    return /^[0-9a-f]{40,64}$/.test(id) ? commitIn(repository, id, relative(repository.root, real).split(sep).join('/')) : undefined
  } catch (error) {
    if (error instanceof Stop) throw error
    const why = wordsOf(error)
    if (why === '') return undefined
    throw new Stop('invalid', `Git does not read the repository of ${printable(folder)}: ${printable(why)}`)
  }
}

/** Git's words; nothing where it only found nothing. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('killed' in error && error.killed === true) return `it did not end within ${timeoutMs / 1_000} s`
  const said = 'stderr' in error ? String(error.stderr) : error.message
  return (
    said
      .split('\n')
      .find(line => line.startsWith('fatal:'))
      ?.replace(/^fatal: /, '') ?? ''
  )
}

interface Entry {
  readonly mode: string
  readonly object: string
  readonly path: string
}

function commitIn(repository: Repository, id: string, prefix: string): Commit {
  const inRepository = (path: string): string => [prefix, path].filter(part => part !== '' && part !== '.').join('/')
  const known = new Map<string, Entry>()
  const list = async (path: string, ...flags: readonly string[]): Promise<readonly Entry[]> => {
    const within = path === '' ? [] : ['--', path]
    const listed = await git(repository, 'ls-tree', '-z', '--full-tree', ...flags, id, ...within)
    const entries = listed.toString('utf8').split('\0').flatMap(entryIn)
    for (const entry of entries) known.set(entry.path, entry)
    return entries
  }
  return {
    id,
    async time() {
      const said = await git(repository, 'cat-file', 'commit', id).catch(notRead)
      const [, seconds] = /^committer .*> (\d+) [+-]\d{4}$/m.exec(said.toString('utf8')) ?? []
      return seconds === undefined ? undefined : Number(seconds) * 1_000
    },
    async files(folder) {
      const path = inRepository(folder)
      const entries = await list(path === '' ? '' : `${path}/`, '-r')
      const below = entries.filter(({ mode, path: one }) => isPlain(mode) && staysBelow(one) && one.startsWith(prefix && `${prefix}/`))
      return below.map(({ path: one }) => (prefix === '' ? one : one.slice(prefix.length + 1)))
    },
    async read(file) {
      const path = inRepository(file)
      const entry = known.get(path) ?? (await list(path).catch(notRead)).find(one => one.path === path)
      if (entry === undefined) throw new Error(`the commit ${id.slice(0, 12)} has no such file`)
      if (!isPlain(entry.mode)) throw new Error(`it is no plain file in the commit ${id.slice(0, 12)}`)
      try {
        return await git(repository, 'cat-file', 'blob', entry.object)
      } catch {
        throw new Error(`this clone does not have it of the commit ${id.slice(0, 12)}, and nothing is fetched: fetch it first`)
      }
    }
  }
}

function notRead(error: unknown): never {
  throw new Error(`Git does not read it: ${wordsOf(error) || 'it gave no reason'}`)
}

/** A tree that was made by hand can name anything. */
const staysBelow = (path: string): boolean => !path.includes('\\') && !path.split('/').some(part => /^(\.{0,2}|\.git)$/i.test(part))

const isPlain = (mode: string): boolean => mode === '100644' || mode === '100755'

function entryIn(line: string): Entry[] {
  const [, mode = '', object = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
  return path === '' ? [] : [{ mode, object, path }]
}
