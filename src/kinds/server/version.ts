import { given } from '../../model/given.ts'
import { depending } from '../rule.ts'
import { follows, type Replication } from './replication.ts'
import type { ServerAspect } from './serverAspect.ts'

interface Version {
  readonly version: string | undefined
}

/** The major version of PostgreSQL. */
export const version: ServerAspect<Version, Replication> = {
  desired: server => ({ version: server.version }),
  offer: (props, sends) => (sends('version') ? { version: props.version } : undefined),
  fields: {
    version: depending((live, desired) => (Number(desired) > Number(live) ? 'update' : 'fixed'), {
      at: 'version',
      isUsual: (_, props) => follows(props),
      instead: have => `A major version is never lowered: write version "${have.version}", or make a new server.`,
      restarts: true,
      irreversible: true
    })
  },
  toArm: props => given({ version: props.version }),
  fromArm: body => ({ version: body.version })
}
