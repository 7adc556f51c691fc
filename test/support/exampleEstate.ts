import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Topology } from '../../src/model/topology.generated.ts'
import type { ArmBody } from '../../src/sandbox/json.ts'
import { type Estate, estate } from './estate.ts'
import { topologyFrom } from './yaml.ts'

const root = fileURLToPath(new URL('../../examples', import.meta.url))

/** An example, and the estate that it begins with. */
export function exampleOf(name: string): { readonly topology: Topology; readonly begin: () => Estate } {
  const read = (file: string): string => readFileSync(`${root}/${name}/${file}`, 'utf8')
  const resources = existsSync(`${root}/${name}/sandbox.json`) ? (JSON.parse(read('sandbox.json')) as Record<string, ArmBody>) : {}
  return { topology: topologyFrom(read('topology.yaml')), begin: () => estate({ seedBodies: resources }) }
}

/** Ids without the GUIDs that Azure draws. */
export const idsIn = ({ sandbox }: Estate): readonly string[] =>
  [...sandbox.store.all()].map(({ id }) => id.toLowerCase().replace(/\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '')).sort()
