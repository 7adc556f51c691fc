import { kindOf } from '../../kinds/index.ts'
import { presentIn } from '../../model/resource.ts'
import { type Asked, found, needsIn } from './asked.ts'

/** Refuses children that only a server of its own can have. A replica's own read has said that it is one. */
export function checkReplicas(asked: Asked): void {
  for (const { resource, need } of needsIn(asked, 'primary')) {
    if (presentIn(asked.live, need.server)?.facts.replica !== true) continue
    found(asked, resource, {
      rule: 'PGL084',
      exit: 6,
      field: need.field,
      message: `${need.field ?? `the ${kindOf(resource).title}`} cannot be written: ${asked.desired.get(need.server)?.address ?? need.server} is a read replica, which takes what it holds from the server it follows and has no high availability of its own. Take it out of the file, or promote the replica first.`
    })
  }
}
