import { bareStatusUrl } from '../../operations.ts'
import type { Refusal } from '../../refusal.ts'
import type { World } from '../../type.ts'

/**
 * What a write meets while another one runs on the same virtual network: the network provider serves one at a time.
 * Both answers were recorded, and which of them comes is not known (CORPUS).
 */
export function overlapping(world: World, virtualNetwork: string): Refusal | undefined {
  const [running] = world.inFlight(virtualNetwork)
  if (running === undefined) return undefined
  switch (world.behaviours.networkOverlap) {
    case 'works':
      return undefined
    case 'conflict':
      return {
        status: 409,
        code: 'AnotherOperationInProgress',
        message: `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${bareStatusUrl('https://management.azure.com', running)}.`,
        details: []
      }
    case 'retryable': {
      const retryAfter = Math.max(1, Math.ceil((running.dueAt - world.now) / 1000))
      const message = `Operation ${running.name} (${running.id}) is updating resource ${virtualNetwork}. The call can be retried in ${retryAfter} seconds.`
      return {
        status: 429,
        code: 'RetryableError',
        message: 'A retryable error occurred.',
        details: [{ code: 'RetryableErrorDueToAnotherOperation', message }],
        retryAfter
      }
    }
    default:
      return world.behaviours.networkOverlap satisfies never
  }
}
