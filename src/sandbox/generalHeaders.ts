import type { SentHeaders } from './request.ts'

/** Headers that ARM puts on every answer, whatever it says: who asked, and by which names to look for the request later. */
export function generalHeaders(request: SentHeaders, requestId: string, now: number): Readonly<Record<string, string>> {
  const clientId = request.get('x-ms-client-request-id')
  // To the second and without separators but the two that ISO 8601 has in its short form.
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    // A client that does many things for one purpose gives them one id, and finds it again on each answer.
    'x-ms-correlation-request-id': request.get('x-ms-correlation-request-id') ?? requestId,
    'x-ms-routing-request-id': `SANDBOX:${time}:${requestId}`,
    ...(clientId !== null &&
      request.get('x-ms-return-client-request-id')?.toLowerCase() === 'true' && { 'x-ms-client-request-id': clientId })
  }
}
