import type { Azure } from '../azure/azure.ts'

/** Nothing was lifted: the login might have ended before the lock could be restored. */
class LoginTooShort extends Error {
  override readonly name = 'LoginTooShort'
}

/**
 * Holds before a lock is lifted that the login lasts for as long as the lock may be off and some minutes more; one that does
 * not is renewed first. @throws LoginTooShort
 */
export async function outlives(azure: Azure, neededMs: number): Promise<void> {
  const lifeMs = await azure.tokenLifeMs(neededMs)
  if (lifeMs >= neededMs) return
  throw new LoginTooShort(
    `The login's token is good for ${minutes(Math.floor(lifeMs / 60_000))} more and could not be renewed for longer, and ${minutes(Math.ceil(neededMs / 60_000))} are needed: for as long as a lock may be off (safety.maxUnlockedSeconds), and to restore it. The lock was not lifted. Sign in again, or allow less time.`
  )
}

const minutes = (count: number): string => `${count} min`
