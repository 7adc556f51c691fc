import { expect } from 'vitest'
import type { GraphNode, TopologyGraph } from '../../src/document/plan.generated.ts'
import type { Topology } from '../../src/model/topology.generated.ts'
import { type Estate, estate, failures, reconcile } from '../support/estate.ts'
import { topologyFrom } from '../support/yaml.ts'

/** The node of an address. */
export const node = ({ nodes }: TopologyGraph, id: string): GraphNode | undefined => nodes.find(one => one.id === id)

/** Nodes in a line, indented by what they lie in. */
export const outline = ({ nodes }: TopologyGraph): string[] =>
  nodes.map(({ id, mark, existing, parent, locks }) =>
    [
      mark,
      existing ? 'existing' : '',
      id,
      parent === null ? '' : `in ${parent}`,
      ...locks.map(one => `[${one.mark} ${one.level} ${one.name}]`)
    ]
      .filter(Boolean)
      .join(' ')
  )

/** A server with an endpoint in one of two subnets, and a linked zone. */
export const base = `
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets:
      a: { addressPrefix: 10.20.1.0/24 }
      b: { addressPrefix: 10.20.2.0/24 }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
servers:
  base-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 64 }
    administrator: { login: base_admin, password: "\${env:PG}" }
    networking: { publicAccess: { enabled: false } }
    databases: { one: {} }
    privateEndpoints:
      pe: { subnet: hub/a, privateDns: { zone: link }, approval: automatic }
`
/** The base with one text in place of another. */
export const changed = (from: string, to: string, text = base): Topology => {
  expect(text).toContain(from)
  return topologyFrom(text.replace(from, to))
}

/** An estate in which the base is applied. */
export async function built(): Promise<Estate> {
  const on = estate()
  expect(failures(await reconcile(on, topologyFrom(base)))).toEqual([])
  return on
}
