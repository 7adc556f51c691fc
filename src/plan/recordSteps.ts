import { needsOf } from '../locks/planning.ts'
import { type Action, type Change, type EndpointProof, type RecordClaim, type StepId, subjectOf } from '../model/change.ts'
import type { Graph } from '../model/graph.ts'
import { recordIn } from '../model/paths.ts'
import { names, type PlanInput, type PlanOptions } from '../model/planOptions.ts'
import type { Desired, Live, Lock } from '../model/resource.ts'
import { addLook } from './proofs.ts'
import type { Rewrite } from './records.ts'

/** For how long a record that a write of this plan has just made may still be shown as it was. */
const shownAfterMs = 60_000

/**
 * The steps after the write of a zone group for its record: a look whether the record is right. No recording shows whether Azure writes a
 * record again for a group that is written unchanged. So where it does not, the group is deleted and made again, and the record looked for
 * once more; where it does, none of that is needed. A lock that forbids the delete forbids that way: then the look is the proof.
 */
export function addRecordSteps(graph: Graph, rewrites: readonly Rewrite[], input: PlanInput): void {
  const byId = new Map(input.changes.map(change => [subjectOf(change).id, change]))
  for (const { group, endpoint, cleared } of rewrites) {
    const change = byId.get(group)
    const write: StepId = `update ${group}`
    if (change?.op !== 'update' || graph.get(write) === undefined) continue
    for (const step of cleared) {
      graph.needs(write, step)
      const clearing = graph.get(step)
      if (clearing) clearing.interrupts = true
    }
    const remove: Action = { do: 'delete', old: change.old, replaced: true }
    const again = !isHeldByLock(remove, input.live.locks, input.options)
    const look = addProof(graph, endpoint, input.desired, again)
    graph.needs(look, write)
    if (!again) continue
    const breaks = cleared.length === 0 && holdsMore(change.old, endpoint, input.live)
    const gone = graph.add(remove, breaks)
    const made = graph.add({ do: 'create', resource: change.resource, props: change.resource.props, replaces: true }, breaks)
    const proof = addProof(graph, endpoint, input.desired, false)
    const chain = [look, gone.id, made.id, proof]
    for (const [index, step] of chain.entries()) {
      const node = graph.get(step)
      if (index === 0 || node === undefined) continue
      node.unless = look
      for (const before of [look, chain[index - 1] ?? look]) graph.needs(step, before)
    }
  }
}

/** Each step that writes a record, or has Azure take it away, carries the owner that the record had when the plan was made. */
export function addClaims(graph: Graph, claims: readonly RecordClaim[]): void {
  for (const claim of claims)
    for (const verb of claim.does === 'write' ? (['create', 'update'] as const) : (['delete'] as const)) {
      const node = graph.get(`${verb} ${claim.subject}`)
      if (node !== undefined) node.claims = [...(node.claims ?? []), claim]
    }
}

function addProof(graph: Graph, endpoint: EndpointProof, desired: Desired, decides: boolean): StepId {
  const look = { depth: 'record', for: 'record', ...(decides && { decides }) } as const
  return addLook(graph, [{ ...endpoint, timeoutMs: shownAfterMs }], look, desired).id
}

/** Without consent to a delete under a lock, the write alone has to do: a plan that may never need the delete is not refused for it. */
const isHeldByLock = (remove: Extract<Action, { do: 'delete' }>, locks: readonly Lock[], { allowLockedDelete }: PlanOptions): boolean =>
  !names(allowLockedDelete, remove.old) && locks.some(lock => needsOf(lock, remove, 'required').length > 0)

/** Whether clients lose something that works: another record of the group, or an address of the endpoint beside a wrong one. */
function holdsMore(group: Extract<Change, { op: 'update' }>['old'], { server, dns, endpoint }: EndpointProof, { paths }: Live): boolean {
  const others = (group.facts.zones ?? []).filter(({ zone }) => zone !== dns?.zone)
  const seen = dns === undefined ? undefined : paths.records.get(recordIn(dns.zone, server))
  const own: readonly string[] = paths.addresses.get(endpoint) ?? []
  return (
    others.some(({ addresses }) => addresses.length > 0) || (seen?.state === 'present' && seen.addresses.some(one => own.includes(one)))
  )
}
