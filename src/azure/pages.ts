import type { PipelineResponse } from '@azure/core-rest-pipeline'
import type { Body } from '../model/json.ts'
import { addressIn, addressKey, placeOf } from './address.ts'
import { UnusableAnswer } from './error.ts'

/** The most pages that one list may have. The longest lists have some hundreds: of a zone with 25 000 records in pages of 100. */
export const pagesMax = 1_000

/** Watches the pages of all lists, those that an SDK reads and those that we read. */
export function pagesThrough(endpoint: URL) {
  /** By the address of the page that is asked for next, those of the pages before it. A page that was refused may be asked for again. */
  const lists = new Map<string, ReadonlySet<string>>()
  return {
    /**
     * Writes out where a list goes on. @throws UnusableAnswer where it goes on at a page that was there already, or has too many;
     * StrayAddress where it leads elsewhere
     */
    turn(url: string, body: Body, response: PipelineResponse): void {
      const { nextLink, ...rest } = body
      const own = addressKey(url)
      const turned = new Set([...(lists.get(own) ?? []), own])
      if (nextLink === undefined || nextLink === null || nextLink === '') {
        lists.delete(own)
        // Some providers write it although there is no more.
        if (nextLink !== undefined) response.bodyAsText = JSON.stringify(rest)
        return
      }
      if (typeof nextLink !== 'string') throw new UnusableAnswer(`a nextLink that is no text, for ${placeOf(url)}`)
      const next = addressIn(nextLink, { at: url, endpoint, as: 'a nextLink' })
      if (turned.has(addressKey(next)))
        throw new UnusableAnswer(`a nextLink that was there already, for ${placeOf(url)}: the list does not end`)
      if (turned.size >= pagesMax) throw new UnusableAnswer(`more than ${pagesMax} pages, for ${placeOf(url)}`)
      lists.delete(own)
      lists.set(addressKey(next), turned)
      if (next !== nextLink) response.bodyAsText = JSON.stringify({ ...rest, nextLink: next })
    }
  }
}
