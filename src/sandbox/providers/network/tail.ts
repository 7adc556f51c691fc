import type { StoredResource } from '../../state.ts'
import type { World } from '../../type.ts'

/** Azure says `Updating` for a while after it has said that the operation is done [TF-SUBNET]. */
export function beginTail(world: World, id: string): void {
  const resource = world.store.get(id)
  const tail = world.behaviours.networkUpdateTailMs
  if (resource && tail > 0) world.store.update(id, { memory: { ...resource.memory, settlesAt: world.now + tail } })
}

export const isSettling = (world: World, { memory }: StoredResource): boolean =>
  typeof memory['settlesAt'] === 'number' && memory['settlesAt'] > world.now
