import type { ServerAspect } from './serverAspect.ts'

/** A server of several nodes. The file has no setting for it. */
export const cluster: ServerAspect<object> = {
  desired: () => ({}),
  fields: {},
  toArm: () => ({}),
  fromArm: () => ({}),
  cannot: (_, body) => ((body.cluster?.clusterSize ?? 0) > 0 ? 'it is a cluster, which no entry can be' : undefined)
}
