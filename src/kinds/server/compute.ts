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
    computeSize: update({ at: 'compute/size', equal: sameText, restarts: true })
  },
  toArm: ({ computeTier: tier, computeSize: name }) => (tier && name ? { sku: { name, tier } } : {}),
  fromArm: body => ({ computeTier: body.sku?.tier, computeSize: body.sku?.name })
}
