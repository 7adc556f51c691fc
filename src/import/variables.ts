/** The variables of a file, one for each secret. */
export interface Variables {
  /** The reference to the one of the entry that stands at these keys. */
  of(at: readonly string[]): string
  /** In the order of the file. */
  names(): readonly string[]
  /** The references, as they stand in the file. */
  texts(): ReadonlySet<string>
}

/** `servers/orders-pg` → `ORDERS_PG_PASSWORD`: the keys without the names of collections. */
const nameFor = (at: readonly string[]): string =>
  `${at
    .filter((_, index) => index % 2 === 1)
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=\d)/, 'N')}_PASSWORD`

/** Two entries never share one, however alike their names are. */
export function variables(): Variables {
  const given = new Map<string, string>()
  return {
    of(at) {
      const owner = at.join('/')
      const base = nameFor(at)
      let name = base
      for (let number = 2; given.has(name) && given.get(name) !== owner; number++) name = `${base}_${number}`
      given.set(name, owner)
      return `\${env:${name}}`
    },
    names: () => [...given.keys()],
    texts: () => new Set([...given.keys()].map(name => `\${env:${name}}`))
  }
}
