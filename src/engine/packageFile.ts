import { existsSync, readFileSync } from 'node:fs'

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
