import { fileURLToPath } from 'node:url'

/** The built command line. */
export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
