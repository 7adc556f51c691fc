import { type Loaded, type LoadOptions, loadTopology } from '../../src/topology/topology.ts'

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })

/** Loads `topology.yaml` from the files given. The variables that `env` names may be read, and PG_PASSWORD; AZURE_TENANT_ID may, too, but has no value. */
export function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  env: Readonly<Record<string, string>> = {},
  options: Partial<LoadOptions> = {}
): Promise<Loaded> {
  return loadTopology({
    file: 'topology.yaml',
    purpose: 'validate',
    variables: {
      allowed: new Set(['PG_PASSWORD', 'AZURE_TENANT_ID', ...Object.keys(env)]),
      values: new Map(Object.entries({ PG_PASSWORD: 'Correct-Horse-1', ...env }))
    },
    readFile: async file => {
      const content = files[file]
      if (content === undefined) throw missing
      return typeof content === 'string' ? new TextEncoder().encode(content) : content
    },
    ...options
  })
}
