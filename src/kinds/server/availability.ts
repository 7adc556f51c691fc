import { given } from '../../model/given.ts'
import { depending, fixed, sameText, update } from '../rule.ts'
import type { Setting } from '../setting.ts'
import { filled, type ServerAspect } from './serverAspect.ts'

export interface Availability {
  readonly highAvailability: string | undefined
  readonly standbyZone: string | undefined
  readonly zone: string | undefined
}

/** Whether a server has a standby. */
export const isHighlyAvailable = ({ highAvailability }: Pick<Availability, 'highAvailability'>): boolean =>
  highAvailability !== undefined && !sameText(highAvailability, 'Disabled')

const mode: Setting = {
  path: ['highAvailability'],
  writes: live => [{ path: live === undefined ? ['highAvailability'] : ['highAvailability', 'mode'], value: live as string | undefined }]
}

/** The zone of a server, and its standby. */
export const availability: ServerAspect<Availability> = {
  desired: ({ highAvailability, zone }) => ({
    highAvailability: highAvailability?.mode,
    standbyZone: highAvailability?.standbyZone,
    zone
  }),
  offer: ({ highAvailability, standbyZone, zone }, sends) =>
    sends('zone') || sends('highAvailability')
      ? {
          zone: sends('zone') ? zone : undefined,
          highAvailability: sends('highAvailability') ? highAvailability : undefined,
          standbyZone: sends('standbyZone') ? standbyZone : undefined
        }
      : undefined,
  needs: (_, fields, server) => (fields?.has('highAvailability') ? [{ need: 'primary', server, field: 'highAvailability' }] : []),
  fields: {
    highAvailability: update({ at: mode, equal: sameText, isUsual: live => sameText(live, 'Disabled') }),
    // Where the standby is cannot be changed while there is one; after a failover the zones have changed places [TF-PG].
    standbyZone: depending((_live, _desired, have) => (isHighlyAvailable(have) ? 'fixed' : 'update'), {
      at: 'highAvailability/standbyZone',
      isUsual: (_, { highAvailability }) => !sameText(highAvailability, 'ZoneRedundant'),
      equal: (live, desired, have, want) =>
        live === desired || (live === undefined ? isHighlyAvailable(have) : have.zone === desired && (want.zone ?? live) === live),
      instead: ({ standbyZone }) =>
        `The standby stays where it was made, and a failover lets it change places with the primary: write standbyZone: "${standbyZone}", or turn high availability off in a change of its own first.`
    }),
    zone: fixed('The zone is given when the server is made; afterwards only a failover changes it for the one of the standby.', {
      at: 'zone',
      // Azure chooses a zone: it is a choice of the user's only where a standby is in another.
      isUsual: (_, { highAvailability }) => !sameText(highAvailability, 'ZoneRedundant'),
      equal: (live, desired, { standbyZone }) => live === undefined || live === desired || standbyZone === desired
    })
  },
  toArm: ({ zone, ...props }) => ({ ...given<{ availabilityZone?: string }>({ availabilityZone: zone }), ...standbyOf(props) }),
  // The standby of one mode is nowhere in another.
  toPatch: ({ highAvailability, standbyZone }, fields) =>
    standbyOf({ highAvailability, standbyZone: fields.has('standbyZone') ? standbyZone : undefined }),
  fromArm: body => ({
    highAvailability: body.highAvailability?.mode,
    standbyZone: filled(body.highAvailability?.standbyAvailabilityZone),
    zone: filled(body.availabilityZone)
  })
}

const standbyOf = ({ highAvailability, standbyZone }: Pick<Availability, 'highAvailability' | 'standbyZone'>) =>
  highAvailability === undefined ? {} : { highAvailability: given({ mode: highAvailability, standbyAvailabilityZone: standbyZone }) }
