import type { TokenCredential } from '@azure/core-auth'

/** A login whose token is good for that many milliseconds whenever it is asked for: a year unless another time is given, longer than a lock is lifted. */
export const login = (forMs = 365 * 24 * 3_600_000, token = 'sandbox'): TokenCredential => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + forMs })
})
