import type { Topology } from '../../src/model/topology.generated.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { type Fleet, type FleetSize, fleetOf } from '../bench/fleet.ts'
import { type Estate, estate } from './estate.ts'
import { topologyFrom } from './yaml.ts'

/** The topology of one file, as the program has it. */
export const topologyOfFile = (file: Fleet['topologies'][number]): Topology => topologyFrom(JSON.stringify(file))

/** Servers that each have an endpoint and a zone group, all of them on one zone. */
export const fleetTopology = (servers: number): Topology => topologyFrom(JSON.stringify(fleetOf({ servers }).topologies[0]))

/** The same as bodies that Azure takes, for an estate that holds them without an apply. */
export const fleetBodies = (size: FleetSize): NonNullable<SandboxOptions['seedBodies']> =>
  fleetOf(size).bodies as NonNullable<SandboxOptions['seedBodies']>

/** An estate in which a fleet stands. */
export const fleetEstate = (size: FleetSize, behaviours: SandboxOptions['behaviours'] = {}): Estate =>
  estate({ seedBodies: fleetBodies(size), behaviours })
