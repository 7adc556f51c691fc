import { chownSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Owner, started } from './programs.ts'

/** A folder that goes, with every PostgreSQL whose data lies in it, when this process closes it or ends in whatever way. */
export interface GuardedFolder {
  readonly path: string
  /** Resolves when all of it has gone. */
  close(): Promise<void>
}

/**
 * It waits until nobody holds the other end of its input any more, also where that one was killed. Then it stops each PostgreSQL at once
 * (SIGQUIT: the data goes anyway), waits until they have let go of their files, and takes the folder away.
 */
const script = `cat > /dev/null
for file in "$1"/*/postmaster.pid; do
  if [ -f "$file" ]; then kill -QUIT "$(head -n 1 "$file")" 2> /dev/null; fi
done
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  ls "$1"/*/postmaster.pid > /dev/null 2>&1 || break
  sleep 0.1
done
rm -rf "$1"
`

/** Made in the machine's folder for temporary files, and of `owner`, who alone may look into it. */
export function guardedFolder(owner: Owner | undefined): GuardedFolder {
  const path = mkdtempSync(join(tmpdir(), 'pglink-data-plane-'))
  if (owner) chownSync(path, owner.uid, owner.gid)
  const guard = started('sh', ['-c', script, 'sh', path], owner)
  const gone = new Promise<void>(resolve => guard.once('exit', () => resolve()))
  return {
    path,
    async close() {
      guard.ref()
      guard.stdin?.end()
      await gone
    }
  }
}
