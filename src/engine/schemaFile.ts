import { existsSync, readFileSync } from 'node:fs'

/** The schema of a topology, which is beside the program, in a checkout and in the package, at whatever depth a bundle has put us. */
export function schemaText(): string {
  let folder = new URL('./', import.meta.url)
  for (;;) {
    const file = new URL('schema/topology.schema.json', folder)
    const above = new URL('../', folder)
    if (existsSync(file) || above.href === folder.href) return readFileSync(file, 'utf8')
    folder = above
  }
}
