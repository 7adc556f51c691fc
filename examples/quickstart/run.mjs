// The main job from end to end, on the built-in sandbox: what `npm run quickstart` runs. It prints each command before
// it runs it, so that you can do the same by hand.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const cli = join(here, '..', '..', 'dist', 'cli.js')
const scratch = mkdtempSync(join(tmpdir(), 'pglink-quickstart-'))
const topology = 'examples/quickstart/topology.yaml'
const variables = ['--env-file', 'examples/quickstart/.env.example']
const sandbox = ['--sandbox', '--sandbox-seed', 'examples/quickstart/sandbox.json', '--data-dir', scratch]

/** Exits with the command's code unless it is 0. */
function pglink(...args) {
  const shown = args.map(arg => (arg === scratch ? '.pglink' : arg)).join(' ')
  console.log(`\n$ pglink ${shown}`)
  const { status } = spawnSync(process.execPath, ['--', cli, ...args], { stdio: 'inherit', cwd: join(here, '..', '..') })
  if (status !== 0) process.exit(status ?? 1)
}

try {
  pglink('validate', topology, ...variables)
  pglink('plan', topology, ...variables, ...sandbox)
  pglink('apply', topology, ...variables, ...sandbox, '--auto-approve')
  pglink('locks', 'list', topology, ...variables, ...sandbox)
  pglink('connections', 'list', topology, ...variables, ...sandbox)
  pglink('plan', topology, ...variables, ...sandbox, '--detailed-exitcode')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
