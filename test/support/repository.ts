import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'

/*
 * Repositories of Git without a process of Git's: a folder, a loose file for each object [gitrepository-layout(5), git-cat-file(1)]. Git itself
 * reads them in the tests, so that one which is not as Git writes it fails there.
 */

/** Texts by their paths; of a link, the path that it leads to. */
type Files = Readonly<Record<string, string>>

/** A repository with nothing in it but the branch that it is on, which has no commit yet. */
export function emptyRepository(gitDir: string): void {
  for (const folder of ['objects', 'refs/heads']) mkdirSync(join(gitDir, folder), { recursive: true })
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(gitDir, 'config'), '[core]\n\trepositoryFormatVersion = 0\n')
}

export interface Written {
  readonly parent?: string
  /** The paths that are links. */
  readonly links?: readonly string[]
}

/** Writes a commit, and makes it that of the branch. @returns its name in full */
export function commitTo(gitDir: string, files: Files, { parent, links = [] }: Written = {}): string {
  const tree = writeTree(gitDir, files, links)
  const by = 'a <a@b> 0 +0000'
  const lines = [`tree ${tree}`, ...(parent === undefined ? [] : [`parent ${parent}`]), `author ${by}`, `committer ${by}`, '', 'x', '']
  const id = writeObject(gitDir, 'commit', lines.join('\n'))
  writeFileSync(join(gitDir, 'refs/heads/main'), `${id}\n`)
  return id
}

/** A repository in a folder, with one commit of these files. @returns its `.git` */
export function repositoryIn(path: string, files: Files, written?: Written): string {
  const gitDir = join(path, '.git')
  emptyRepository(gitDir)
  commitTo(gitDir, files, written)
  return gitDir
}

function writeTree(gitDir: string, files: Files, links: readonly string[], above = ''): string {
  const below = Object.entries(files).filter(([path]) => path.startsWith(above))
  const folders = below.flatMap(([path]) => /^[^/]+(?=\/)/.exec(path.slice(above.length)) ?? [])
  const trees = [...new Set(folders)].map(name => ({ mode: '40000', name, id: writeTree(gitDir, files, links, `${above}${name}/`) }))
  const blobs = below
    .filter(([path]) => !path.slice(above.length).includes('/'))
    .map(([path, text]) => ({
      mode: links.includes(path) ? '120000' : '100644',
      name: path.slice(above.length),
      id: writeObject(gitDir, 'blob', text)
    }))
  // Git sorts a folder as if its name ended with a slash.
  const key = ({ mode, name }: (typeof blobs)[number]): Buffer => Buffer.from(mode === '40000' ? `${name}/` : name)
  const entries = [...trees, ...blobs].sort((one, other) => Buffer.compare(key(one), key(other)))
  const parts = entries.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
  return writeObject(gitDir, 'tree', Buffer.concat(parts))
}

function writeObject(gitDir: string, type: 'blob' | 'tree' | 'commit', content: string | Buffer): string {
  const body = Buffer.from(content)
  const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body])
  const id = createHash('sha1').update(whole).digest('hex')
  const file = join(gitDir, 'objects', id.slice(0, 2), id.slice(2))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, deflateSync(whole))
  return id
}
