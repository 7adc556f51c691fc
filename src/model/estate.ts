import { createHash } from 'node:crypto'

/** One Azure, or one sandbox: a lock that is owed in one is nothing to any other. */
export interface Estate {
  /** A cloud, the origin of an endpoint, or `sandbox`. */
  readonly of: string
  /** The tenant of the token, or the id that the sandbox keeps in its state; '' where a token does not say its tenant. */
  readonly id: string
}

/** As it is called in a message. */
export const estateTitle = ({ of, id }: Estate): string => (id === '' ? of : `${of} ${of === 'sandbox' ? '' : 'tenant '}${id}`)

/** The same for the same estate, and for no other: a name of a folder, in which a person finds the way. */
export function estateKey({ of, id }: Estate): string {
  const slug = of
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return `${slug}-${createHash('sha256').update(`${of.toLowerCase()} ${id.toLowerCase()}`).digest('hex').slice(0, 12)}`
}
