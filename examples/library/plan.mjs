// pglink as a library: plans a topology on the built-in sandbox, carries out exactly that plan, and prints it as Markdown.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apply, markdownOf, PglinkError, plan } from 'pglink'

const scratch = mkdtempSync(join(tmpdir(), 'pglink-library-'))
const options = {
  cwd: fileURLToPath(new URL('../quickstart/', import.meta.url)),
  envFile: '.env.example',
  dataDir: scratch,
  // Without an account. For Azure: { azure: new DefaultAzureCredential() }
  estate: { sandbox: { seed: 'sandbox.json' } }
}

try {
  const { plans } = await plan(options)
  console.log(markdownOf(plans).text)
  const { applies } = await apply({ ...options, planDigest: plans[0].digest })
  for (const { plan: planned, complete, unlocked_ms: ms } of applies)
    console.log(`${planned.topology.name}: complete: ${complete}; locks were off for ${Math.round(ms / 1000)} s in all.`)
  const again = await plan(options)
  console.log(`Left to do: ${again.plans[0].steps.length} steps.`)
} catch (error) {
  if (!(error instanceof PglinkError)) throw error
  console.error(error.message)
  process.exitCode = error.code
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
