import { given } from '../../model/given.ts'
import { depending } from '../rule.ts'
import type { ServerAspect } from './serverAspect.ts'

interface Version {
  readonly version: string | undefined
}

/** The major version of PostgreSQL. */
export const version: ServerAspect<Version> = {
  desired: server => ({ version: server.version }),
  offer: (props, sends) => (sends('version') ? { version: props.version } : undefined),
  fields: {
    version: depending((live, desired) => (Number(desired) > Number(live) ? 'update' : 'fixed'), {
      at: 'version',
      instead: have => `A major version is never lowered: write version "${have.version}", or make a new server.`,
      restarts: true,
      irreversible: true
    })
  },
  toArm: props => given({ version: props.version }),
  fromArm: body => ({ version: body.version })
}
