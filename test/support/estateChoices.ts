import fc from 'fast-check'

export type Entry = Readonly<Record<string, unknown>>

export interface EndpointChoice {
  readonly network: 'hub' | 'spoke' | 'shared'
  readonly subnet: 'a' | 'b'
  readonly dns: 'none' | 'zone' | 'policy'
  /** Two zones of the one name, each in a group of its own. */
  readonly zone: 'link' | 'far'
  readonly approval: 'automatic' | 'decided' | 'open'
  readonly address: boolean
  readonly lock: Level
}

type Level = 'CanNotDelete' | 'ReadOnly' | undefined

/** A lock that the file itself declares, now and then. */
const level: fc.Arbitrary<Level> = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 4 },
  { arbitrary: fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const), weight: 1 }
)

export const locksOf = (drawnLevel: Level): Entry =>
  drawnLevel === undefined ? {} : { locks: { declared: { level: drawnLevel, notes: 'in the file' } } }

const endpointChoice: fc.Arbitrary<EndpointChoice> = fc.record({
  network: fc.constantFrom('hub' as const, 'hub' as const, 'spoke' as const, 'shared' as const),
  subnet: fc.constantFrom('a' as const, 'b' as const),
  dns: fc.oneof(
    { arbitrary: fc.constant('zone' as const), weight: 6 },
    { arbitrary: fc.constant('none' as const), weight: 2 },
    { arbitrary: fc.constant('policy' as const), weight: 1 }
  ),
  zone: fc.constantFrom('link' as const, 'link' as const, 'far' as const),
  approval: fc.oneof(
    { arbitrary: fc.constant('automatic' as const), weight: 5 },
    { arbitrary: fc.constant('decided' as const), weight: 2 },
    { arbitrary: fc.constant('open' as const), weight: 1 }
  ),
  address: fc.boolean(),
  lock: level
})

export const serverChoice = fc.record({
  // A choice that Azure only ever lets grow is drawn once for both files.
  integrated: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, { arbitrary: fc.constant(true), weight: 1 }),
  restart: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 })
})

const stageChoice = fc.record({
  there: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
  open: fc.boolean(),
  rules: fc.subarray(['office', 'home']),
  databases: fc.subarray(['orders', 'ledger']),
  parameters: fc.subarray(['log_checkpoints', 'max_connections']),
  value: fc.constantFrom(200, 300),
  sizeGiB: fc.constantFrom(128, 256),
  retentionDays: fc.constantFrom(7, 14),
  tags: fc.boolean(),
  // Azure only ever lets it grow.
  version: fc.constantFrom('16' as const, '17' as const),
  standby: fc.boolean(),
  window: fc.option(fc.constantFrom('Sunday' as const, 'Monday' as const), { nil: undefined }),
  dbas: fc.subarray(['dba', 'deputy']),
  lock: level,
  main: fc.option(endpointChoice, { nil: undefined, freq: 4 }),
  other: fc.option(endpointChoice, { nil: undefined, freq: 1 })
})

const networkChoice = fc.record({
  wide: fc.boolean(),
  linked: fc.subarray(['hub', 'spoke']),
  farther: fc.subarray(['hub', 'spoke']),
  keep: fc.option(fc.constantFrom('CanNotDelete' as const, 'ReadOnly' as const), { nil: undefined, freq: 1 }),
  subnet: level,
  zone: level,
  locks: fc.constantFrom('advised' as const, 'advised' as const, 'required' as const)
})

const factoryChoice = fc.record({
  managed: fc.boolean(),
  to: fc.subarray(['pg1', 'pg2']),
  decided: fc.boolean(),
  service: fc.boolean(),
  username: fc.constantFrom('reader', 'writer'),
  vault: fc.boolean(),
  encryption: fc.constantFrom('SSL' as const, 'VerifyFull' as const),
  onprem: fc.boolean(),
  minutes: fc.constantFrom(5, 10),
  lock: level
})

export type Stage = typeof stageChoice extends fc.Arbitrary<infer T> ? T : never
export type Common = typeof serverChoice extends fc.Arbitrary<infer T> ? T : never
type Networks = typeof networkChoice extends fc.Arbitrary<infer T> ? T : never
export type Factory = typeof factoryChoice extends fc.Arbitrary<infer T> ? T : never

export interface Drawn {
  readonly networks: Networks
  readonly pg1: Stage
  readonly pg2: Stage
  readonly factory: Factory | undefined
  /** An endpoint of ours to a server of somebody else. */
  readonly toTheirs: EndpointChoice | undefined
}

export const drawn: fc.Arbitrary<Drawn> = fc.record({
  networks: networkChoice,
  pg1: stageChoice,
  pg2: stageChoice,
  factory: fc.option(factoryChoice, { nil: undefined, freq: 1 }),
  toTheirs: fc.option(endpointChoice, { nil: undefined, freq: 1 })
})

const grownServer = (one: Stage, two: Stage): Stage => ({
  ...two,
  sizeGiB: Math.max(one.sizeGiB, two.sizeGiB) as Stage['sizeGiB'],
  version: one.version > two.version ? one.version : two.version
})

/** A disk never shrinks, and a factory's managed network never goes: else the plan only refuses. */
export const grown = (one: Drawn, two: Drawn): Drawn => ({
  ...two,
  pg1: grownServer(one.pg1, two.pg1),
  pg2: grownServer(one.pg2, two.pg2),
  factory: two.factory && { ...two.factory, managed: two.factory.managed || one.factory?.managed === true }
})
