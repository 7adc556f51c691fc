import type { Server as ServerBody } from '@azure/arm-postgresql-flexible'
import type { Server } from '../../model/topology.generated.ts'
import type { Aspect } from '../aspect.ts'
import type { Offer } from '../need.ts'
import { sameText } from '../rule.ts'

/** A part of a server. */
export interface ServerAspect<Own extends object, Beside extends object = object> extends Aspect<Server, Own, ServerBody, Beside> {
  /**
   * The values that the region has to offer, of those that a write sends; `undefined` where it sends none.
   * @param sends whether the write sends a field
   */
  offer?(props: Own & Beside, sends: (field: keyof (Own & Beside) & string) => boolean): Partial<Offer> | undefined
}

/** A member of a body; nothing where it says nothing. */
export const block = <Name extends keyof ServerBody>(name: Name, says: NonNullable<ServerBody[Name]>): Partial<ServerBody> =>
  Object.keys(says).length > 0 ? { [name]: says } : {}

export const onOff = (on: boolean | undefined) => (on === undefined ? undefined : on ? 'Enabled' : 'Disabled')

/** `undefined` stays so: not in the body is not off. */
export const isOn = (state: string | undefined): boolean | undefined => (state === undefined ? undefined : sameText(state, 'Enabled'))

/** The SDK's models give an absent zone and tenant as an empty text. */
export const filled = (text: string | undefined): string | undefined => text || undefined
