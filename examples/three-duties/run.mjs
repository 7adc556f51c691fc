// Three people with a login each bring one topology about, on a sandbox that lets each do what its role says and nothing else. It prints each
// command before it runs it, so that you can do the same by hand.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const cli = join(here, '..', '..', 'dist', 'cli.js')
const scratch = mkdtempSync(join(tmpdir(), 'pglink-three-duties-'))
const caFile = join(scratch, 'ca.pem')
const principals = JSON.parse(readFileSync(join(here, 'principals.json'), 'utf8'))
const usual = ['topology.yaml', '--env-file', '.env.example', '--data-dir', scratch]

/** The estate, in which every second counts for an hour. */
async function sandbox() {
  const files = ['--seed', 'sandbox.json', '--principals', 'principals.json', '--state', join(scratch, 'estate.json'), '--ca-out', caFile]
  const child = spawn(process.execPath, ['--', cli, 'sandbox', ...files, '--speed', '3600'], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill()
    await ended
  }
  console.log('$ pglink sandbox --seed sandbox.json --principals principals.json --speed 3600')
  for await (const line of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false }))
    return { url: JSON.parse(line.split('\n')[0]).url, stop }
  throw new Error('The sandbox did not start.')
}

/** Signs in as an application does. */
const tokenOf = (url, { clientId, secret }) =>
  new Promise((resolve, reject) => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: `${url}/.default`
    })
    const options = { method: 'POST', ca: readFileSync(caFile), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    request(`${url}/72f988bf-0000-4000-8000-2d7cd011db47/oauth2/v2.0/token`, options, async answer =>
      resolve(JSON.parse(await text(answer)).access_token)
    )
      .on('error', reject)
      .end(`${form}`)
  })

/** Runs a command as a principal. @returns its exit code */
async function pglink(url, principal, ...args) {
  console.log(`\n$ ARM_TOKEN="$${principal.name}" pglink ${args.join(' ').replaceAll(scratch, '.pglink')}`)
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile, ARM_TOKEN: await tokenOf(url, principal) }
  const { status } = spawnSync(process.execPath, ['--', cli, ...args, '--arm-endpoint', url], { stdio: 'inherit', cwd: here, env })
  console.log(`[exit ${status}]`)
  return status
}

const { url, stop } = await sandbox()
try {
  let left = principals.length
  for (let round = 1; left > 0 && round < 6; round += 1) {
    left = 0
    for (const one of principals) if ((await pglink(url, one, 'apply', ...usual, '--duty', one.name, '--auto-approve')) !== 0) left += 1
  }
  process.exitCode = left === 0 ? 0 : 1
} finally {
  await stop()
  rmSync(scratch, { recursive: true, force: true })
}
