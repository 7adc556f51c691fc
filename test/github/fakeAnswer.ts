/** The answer that goes back over the wire. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Refusals have one shape all over the REST API. */
export class Refused extends Error {
  readonly answer: Answer
  constructor(
    status: number,
    message: string,
    more: { readonly errors?: unknown; readonly headers?: Readonly<Record<string, string>> } = {}
  ) {
    super(message)
    this.answer = {
      status,
      body: {
        message,
        ...(more.errors !== undefined && { errors: more.errors }),
        documentation_url: 'https://docs.github.com/rest',
        status: String(status)
      },
      headers: more.headers ?? {}
    }
  }
}

export const notFound = (): Refused => new Refused(404, 'Not Found')

export const invalid = (resource: string, code: string, field: string, message?: string): Refused =>
  new Refused(422, 'Validation Failed', { errors: [{ resource, code, field, ...(message !== undefined && { message }) }] })

/** Which permission would have done is said in a header [GH docs, REST: troubleshooting]. */
export const notAccessible = (needed: string): Refused =>
  new Refused(403, 'Resource not accessible by integration', { headers: { 'x-accepted-github-permissions': needed } })
