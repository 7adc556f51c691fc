import type { Azure, AzureOptions } from '../../src/azure/azure.ts'
import type { Clock } from '../../src/azure/operation.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { clientsOn } from '../support/engine.ts'
import { subscription } from '../support/estate.ts'

export const group = `/subscriptions/${subscription}/resourceGroups/rg-azure`

/** Time that passes only by being waited for, and remembers what was waited. */
export interface StoppedClock extends Clock {
  readonly waits: number[]
}

export function stopped(): StoppedClock {
  let at = Date.UTC(2026, 0, 5, 9)
  const waits: number[] = []
  return {
    waits,
    now: () => at,
    async sleep(ms) {
      waits.push(ms)
      at += ms
    }
  }
}

export interface Rig {
  readonly azure: Azure
  readonly clock: StoppedClock
  /** Every request as it went over the wire. */
  readonly requests: Request[]
}

/** More than any test asks for: one of the pages that a list may have at most. */
const requestsMax = 3_000

/** The facade on whatever answers. */
export function rig(handle: (request: Request) => Promise<Response>, options: Partial<AzureOptions> = {}, clock = stopped()): Rig {
  const requests: Request[] = []
  const noted = async (request: Request): Promise<Response> => {
    requests.push(request.clone())
    // Time stands still here: whoever asks without end would do so for ever.
    if (requests.length > requestsMax) throw new Error('asked without end')
    return handle(request)
  }
  return { azure: clientsOn(noted, { clock, ...options }), clock, requests }
}

/** The facade on a sandbox that holds one group, on one clock. */
export function onSandbox(options: Partial<AzureOptions> = {}): Rig & { readonly sandbox: Sandbox } {
  const clock = stopped()
  const sandbox = createSandbox({ clock, seedBodies: { [group]: { location: 'westeurope' } } })
  return { ...rig(request => sandbox.handle(request), options, clock), sandbox }
}
