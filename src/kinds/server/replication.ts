import type { Server as ServerBody } from '@azure/arm-postgresql-flexible'
import { given } from '../../model/given.ts'
import { idOf } from '../kind.ts'
import type { ServerAspect } from './serverAspect.ts'

/** A server that follows another. The file has no setting for it. */
export const replication: ServerAspect<object> = {
  desired: () => ({}),
  fields: {},
  toArm: () => ({}),
  fromArm: () => ({}),
  facts: body => given({ replica: isReplica(body) || undefined, source: idOf(body.sourceServerResourceId) }),
  cannot: (_, body) => (isReplica(body) ? 'it is a read replica of another server, which no entry can be' : undefined)
}

const isReplica = ({ replicationRole = '' }: ServerBody): boolean => /replica$/i.test(replicationRole)
