import { kindOf } from '../../kinds/index.ts'
import { presentIn } from '../../model/resource.ts'
import { type Asked, type Checked, needsIn, placed } from './asked.ts'

/** Refuses children that only a server of its own can have. A replica's own read has said that it is one. */
export async function checkReplicas(asked: Asked): Promise<Checked> {
  const refused = needsIn(asked, 'primary').filter(({ need }) => presentIn(asked.live, need.server)?.facts.replica)
  return {
    findings: refused.map(({ resource, need }) => ({
      rule: 'PGL084',
      address: resource.address,
      message: `${need.field ?? `the ${kindOf(resource).title}`} cannot be written: ${asked.desired.get(need.server)?.address ?? need.server} is a read replica, which takes what it holds from the server it follows and has no high availability of its own. Take it out of the file, or promote the replica first.`,
      exit: 6,
      at: placed(asked, resource, need.field)
    }))
  }
}
