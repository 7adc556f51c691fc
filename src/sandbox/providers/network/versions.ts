/** The api-versions of virtual networks and their children. */
export const networkVersions = [
  '2015-06-15',
  '2018-11-01',
  '2020-11-01',
  '2021-08-01',
  '2022-01-01',
  '2022-07-01',
  '2023-11-01',
  '2024-05-01',
  '2025-01-01',
  '2025-05-01',
  '2026-01-01'
] as const

/** Private endpoints came with 2019-04-01, the oldest recording of them (CORPUS). */
export const endpointVersions = ['2019-04-01', ...networkVersions.slice(2)]

/** Zone groups came a year later [SDK-NET]. */
export const zoneGroupVersions = ['2020-03-01', ...networkVersions.slice(2)]
