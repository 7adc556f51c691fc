import { sameText, update } from '../rule.ts'
import type { ServerAspect } from './serverAspect.ts'

export interface Compute {
  readonly computeTier: string | undefined
  readonly computeSize: string | undefined
}

export const compute: ServerAspect<Compute> = {
  desired: server => ({ computeTier: server.compute?.tier, computeSize: server.compute?.size }),
  offer: ({ computeTier, computeSize }, sends) =>
    sends('computeTier') || sends('computeSize') ? { tier: computeTier, size: computeSize } : undefined,
  fields: {
    computeTier: update({ at: 'compute/tier', equal: sameText, restarts: true }),
    computeSize: update({ at: 'compute/size', equal: sameText, restarts: true, grows: (live, desired) => coresOf(desired) - coresOf(live) })
  },
  toArm: ({ computeTier: tier, computeSize: name }) => (tier && name ? { sku: { name, tier } } : {}),
  fromArm: body => ({ computeTier: body.sku?.tier, computeSize: body.sku?.name })
}

/** As many as its name says: Standard_D4ds_v5 has four. */
const coresOf = (size: string | undefined): number => Number(/^[a-z]+_[a-z]+(\d+)/i.exec(size ?? '')?.[1] ?? 0)
