import { readFileSync } from 'node:fs'
import tls from 'node:tls'

let authority: string | undefined

const plain = tls.createSecureContext
tls.createSecureContext = options => plain({ ...(authority !== undefined && { ca: authority }), ...options })

/** Does what trusts the authority that NODE_EXTRA_CA_CERTS names. Node looks at that only when it starts, and this process has started. */
export async function trusting<T>(env: Readonly<Record<string, string | undefined>>, work: () => Promise<T>): Promise<T> {
  const file = env['NODE_EXTRA_CA_CERTS'] ?? ''
  authority = file === '' ? undefined : readFileSync(file, 'utf8')
  return work()
}
