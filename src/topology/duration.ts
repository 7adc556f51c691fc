const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** `90s`, `20m`, `1h30m`, as the schema allows them. */
export const milliseconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)([smh])/g)].reduce((sum, [, count = '0', unit = 's']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0)
