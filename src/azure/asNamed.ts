import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import { leadsAway } from './address.ts'
import { StrayRequest } from './error.ts'

/**
 * The last look at a request before it leaves. Names and ids come from files that we cannot trust: none of them may lead a request to
 * something else than it names.
 */
export const asNamed: PipelinePolicy = {
  name: 'asNamed',
  async sendRequest(request, next) {
    const { url } = request
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (parsed === undefined || `${parsed.username}${parsed.password}` !== '' || leadsAway(url.replace(/[?#].*$/s, '')))
      throw new StrayRequest(`A request was not sent, since its path leads to something else than it names: ${url}`)
    return next(request)
  }
}
