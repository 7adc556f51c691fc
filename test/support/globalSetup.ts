import { build } from './build.mjs'

/** The command line is tested as it ships: bundled, as a process of its own. */
export async function setup(): Promise<void> {
  await build()
}
