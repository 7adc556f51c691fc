import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import { wholeText } from '../../src/azure/network.ts'

/** The SDKs on top of anything that answers a Request: a sandbox, or a recording. */
export const fetchClient = (handle: (request: Request) => Promise<Response>): HttpClient => ({
  async sendRequest(request) {
    const { method, url, abortSignal } = request
    const body = request.body as string | null | undefined
    const response = await handle(
      new Request(url, {
        method,
        headers: [...request.headers],
        ...(body != null && { body }),
        ...(abortSignal && { signal: abortSignal as AbortSignal })
      })
    ).catch((error: unknown) => {
      // A connection that broke off, as the SDKs' own client reports it.
      const { code, message } = error as { readonly code?: string; readonly message?: string }
      throw code === undefined ? error : new RestError(message ?? code, { code, request })
    })
    return {
      request,
      status: response.status,
      headers: createHttpHeaders(Object.fromEntries(response.headers)),
      bodyAsText: response.body === null ? '' : await wholeText(response.body, url)
    }
  }
})
