/** How long one kind of write takes, and what its answer puts into Retry-After (absent where Azure sends none). */
export interface Pace {
  readonly ms: number
  readonly retryAfter?: number
}

export interface Timing {
  readonly create: Pace
  readonly update: Pace
  readonly remove: Pace
}

const seconds = (time: number, retryAfter?: number): Pace => ({ ms: time * 1000, ...(retryAfter !== undefined && { retryAfter }) })

const all = (pace: Pace): Timing => ({ create: pace, update: pace, remove: pace })

export const atOnce: Timing = all({ ms: 0 })

/**
 * Median times seen from outside, and Retry-After as recorded (CORPUS). Where the wait asked for was longer
 * than the work, the work is an estimate below it (PostgreSQL's firewall rules and connections).
 */
export const timings = {
  resourceGroup: { create: { ms: 0 }, update: { ms: 0 }, remove: seconds(60, 15) },
  virtualNetwork: { create: seconds(10, 3), update: seconds(4), remove: seconds(10, 10) },
  subnet: { create: seconds(4, 3), update: seconds(1), remove: seconds(10, 10) },
  peering: all(seconds(8, 10)),
  securityGroup: { create: seconds(2, 3), update: seconds(1), remove: seconds(4, 10) },
  securityRule: all(seconds(4, 10)),
  routeTable: { create: seconds(2), update: seconds(1), remove: seconds(2, 2) },
  route: all(seconds(1, 2)),
  networkInterface: { create: seconds(2), update: seconds(1), remove: seconds(4, 4) },
  privateEndpoint: { create: seconds(32, 10), update: seconds(4), remove: seconds(11, 10) },
  privateDnsZoneGroup: { create: seconds(9, 10), update: seconds(9), remove: seconds(9, 10) },
  privateDnsZone: all(seconds(28, 30)),
  virtualNetworkLink: all(seconds(42, 30)),
  flexibleServer: { create: seconds(290, 60), update: seconds(55, 60), remove: seconds(40, 15) },
  firewallRule: all(seconds(15, 60)),
  database: all(seconds(8, 10)),
  configuration: all(seconds(8, 10)),
  administrator: { create: seconds(20, 60), update: seconds(20, 60), remove: seconds(20, 30) },
  privateEndpointConnection: all(seconds(18, 60)),
  backup: all(seconds(60, 15)),
  virtualEndpoint: all(seconds(30, 60)),
  threatProtection: all(seconds(8, 10)),
  managedPrivateEndpoint: { create: seconds(110), update: seconds(110), remove: seconds(60) }
} as const satisfies Readonly<Record<string, Timing>>
