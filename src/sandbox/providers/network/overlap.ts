import { sameId } from '../../armPath.ts'
import type { JsonObject } from '../../json.ts'
import { bareStatusUrl } from '../../operationAnswers.ts'
import type { Refusal } from '../../refusal.ts'
import type { Operation } from '../../state.ts'
import type { World, Write } from '../../type.ts'

/** An effect: a write that has just begun ends another one. */
export const supersede = 'Microsoft.Network/supersedeOperation'

/**
 * The refusal of a write while another one runs within `scope`, a virtual network or one resource: the network provider
 * serves one at a time. All of the answers were recorded, and which of them comes is not known (CORPUS).
 */
export function overlapping(world: World, scope: string, { method, id }: Write): Refusal | undefined {
  const [running] = world.inFlight(scope)
  // Asked to delete again what is being deleted, it answers for the operation that runs.
  if (running === undefined || (method === 'DELETE' && running.method === 'DELETE' && sameId(running.resource, id))) return undefined
  switch (world.behaviours.networkOverlap) {
    case 'works':
      return undefined
    case 'conflict':
      return anotherInProgress(running)
    case 'supersedes': {
      // Recorded for one PUT over another alone.
      if (method !== 'PUT' || running.method !== 'PUT') return retryable(world, running, scope)
      world.schedule(0, supersede, { operation: running.id, by: id })
      return undefined
    }
    case 'retryable':
      return retryable(world, running, scope)
    default:
      return world.behaviours.networkOverlap satisfies never
  }
}

const anotherInProgress = (running: Operation): Refusal => ({
  status: 409,
  code: 'AnotherOperationInProgress',
  message: `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${bareStatusUrl('https://management.azure.com', running)}.`,
  details: []
})

function retryable(world: World, running: Operation, scope: string): Refusal {
  const retryAfter = Math.max(1, Math.ceil((running.dueAt - world.now) / 1000))
  const message = `Operation ${running.name} (${running.id}) is updating resource ${scope}. The call can be retried in ${retryAfter} seconds.`
  return {
    status: 429,
    code: 'RetryableError',
    message: 'A retryable error occurred.',
    details: [{ code: 'RetryableErrorDueToAnotherOperation', message }],
    cause: 'service',
    retryAfter
  }
}

/**
 * Runs right after the write has been accepted, when its operation has a name; when it was refused there is none, and nothing happens.
 * @returns the id of what the ended operation was for
 */
export function endSuperseded(world: World, { operation, by }: JsonObject): string | undefined {
  const old = typeof operation === 'string' ? world.store.operations.get(operation) : undefined
  const next = typeof by === 'string' ? world.inFlight(by).find(one => sameId(one.resource, by) && one.id !== operation) : undefined
  if (old?.status !== 'InProgress' || next === undefined) return undefined
  const message = `Operation ${old.name} (${old.id}) was canceled and superseded by operation ${next.name} (${next.id}).`
  world.store.operations.set(old.id, {
    ...old,
    status: 'Canceled',
    error: {
      code: 'Canceled',
      message: 'Operation was canceled.',
      details: [{ code: 'CanceledAndSupersededDueToAnotherOperation', message }]
    }
  })
  // The body of its write has been kept all the same: the network that was recorded had both afterwards (CORPUS).
  if (!sameId(old.resource, next.resource)) world.store.update(old.resource, { provisioning: 'Succeeded' })
  return old.resource
}
