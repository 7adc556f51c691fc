import { location } from '../kind.ts'
import { fixed } from '../rule.ts'
import type { ServerAspect } from './serverAspect.ts'

interface Place {
  readonly location: string
}

export const place: ServerAspect<Place> = {
  desired: (_, ctx) => ({ location: ctx.location }),
  fields: { location: fixed('A server cannot move to another region: make a new one there and move the data.', { at: 'location' }) },
  toArm: ({ location: where }) => ({ location: where }),
  fromArm: body => ({ location: location(body.location) })
}
