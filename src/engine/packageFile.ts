import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hidesAllButSchema } from './dataDir.ts'
import type { WholeFile } from './wholeFile.ts'

/**
 * A text that lies beside the program, in a checkout and in the package, at whatever depth a bundle has put us.
 *
 * @param path from the folder of the package
 */
export function packageText(path: string): string {
  let folder = new URL('./', import.meta.url)
  for (;;) {
    const file = new URL(path, folder)
    const above = new URL('../', folder)
    if ((existsSync(file) && existsSync(new URL('package.json', folder))) || above.href === folder.href) return readFileSync(file, 'utf8')
    folder = above
  }
}

/** The schema of a topology, from the folder of the package. */
export const schemaPath = 'schema/topology.schema.json'

/** Its copy beside a topology, as the first line of that names it for editors. */
export const schemaBeside = `.pglink/${schemaPath}`

/** That copy, for editors without a network, where Git sees it. @param folder of the topology */
export function schemaFor(folder: string): readonly WholeFile[] {
  const hidden = join(folder, '.pglink', '.gitignore')
  return [
    { path: join(folder, schemaBeside), text: packageText(schemaPath) },
    ...(existsSync(hidden) && readFileSync(hidden, 'utf8') === '*\n' ? [{ path: hidden, text: hidesAllButSchema }] : [])
  ]
}
