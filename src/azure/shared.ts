import { createHttpHeaders, type PipelinePolicy, type PipelineResponse } from '@azure/core-rest-pipeline'

/** Answers to reads, by the address that was asked. */
export class SharedAnswers extends Map<string, Promise<Kept | undefined>> {
  readonly #lists = new Map<string, Promise<unknown>>()

  /** A list that is made of answers once: each topology reads it, and to take it apart costs more than to ask for it. */
  async listed<List>(key: string, make: () => Promise<List>): Promise<List> {
    // Another list of that key is as good, and its failure is the caller's who made it.
    const known = await (this.#lists.get(key) as Promise<List> | undefined)?.catch(() => undefined)
    if (known !== undefined) return known
    const made = make()
    this.#lists.set(key, made)
    return made
  }

  override clear(): void {
    super.clear()
    this.#lists.clear()
  }
}

interface Kept {
  readonly headers: Readonly<Record<string, string>>
  readonly bodyAsText: string | null | undefined
}

/**
 * Asks Azure nothing twice: for a command that reads the same estate for several topologies, or once more with some other reads. Only for what
 * may all be of one moment; a look whether something has changed must not share.
 */
export const sharing = (answers: SharedAnswers): PipelinePolicy => ({
  name: 'sharing',
  async sendRequest(request, next) {
    if (request.method !== 'GET') return next(request)
    const known = await answers.get(request.url)?.catch(() => undefined)
    if (known !== undefined)
      return { request, status: 200, headers: createHttpHeaders(known.headers), bodyAsText: known.bodyAsText ?? null }
    const asked = next(request)
    const kept = asked.then(keptOf)
    // The caller is told of a failure; without this, Node would take the copy of it for an unhandled one.
    kept.catch(() => undefined)
    answers.set(request.url, kept)
    const response = await asked.catch((error: unknown) => {
      answers.delete(request.url)
      throw error
    })
    if (response.status !== 200) answers.delete(request.url)
    return response
  }
})

/** As it came: what is made of an answer above this is its reader's own. */
const keptOf = ({ status, headers, bodyAsText }: PipelineResponse): Kept | undefined =>
  status === 200 ? { headers: headers.toJSON(), bodyAsText } : undefined
