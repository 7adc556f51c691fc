import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'

/** The one token of all clients, and for how long it is good. */
export interface Tokens extends TokenCredential {
  /**
   * For how long the token is good by the wall's clock, in milliseconds. Where that is less than what is wanted another one
   * is asked for first, so that less than that is the most there is.
   */
  lifeMs(wantedMs: number): Promise<number>
}

/** As early as the SDKs' own policy [CORE-PIPE]. */
const earlyMs = 2 * 60_000

const isDue = ({ expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): boolean =>
  Math.min(expiresOnTimestamp - earlyMs, refreshAfterTimestamp ?? Number.POSITIVE_INFINITY) < Date.now()

/**
 * Holds the token of a credential. The policy that signs requests keeps a token of its own, and cannot be told to drop it: so we give it
 * tokens that say they have expired. It then asks here each time, and uses a token that was renewed.
 */
export function keepToken(credential: TokenCredential, scope: string): Tokens {
  let held: AccessToken | undefined
  let asking: Promise<AccessToken | null> | undefined

  const ask = (options: GetTokenOptions): Promise<AccessToken | null> => {
    asking ??= credential
      .getToken(scope, options)
      .then(token => {
        held = token ?? undefined
        return token
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  const token = async (options: GetTokenOptions): Promise<AccessToken | null> => {
    if (held !== undefined && !isDue(held)) return held
    const before = held
    try {
      return await ask(options)
    } catch (error) {
      // Asked early: what is held is still good.
      if (before !== undefined && before.expiresOnTimestamp > Date.now()) return before
      throw error
    }
  }

  const lifeMs = (): number => (held === undefined ? 0 : Math.max(0, held.expiresOnTimestamp - Date.now()))

  return {
    async getToken(_scopes, options = {}) {
      // Azure refused the one that is held, and says what it wants instead.
      const given = options.claims === undefined ? await token(options) : await ask(options)
      return given && { ...given, expiresOnTimestamp: Date.now() }
    },
    async lifeMs(wantedMs) {
      await token(cae)
      for (const options of [cae, { ...cae, claims: newer() }]) {
        if (lifeMs() >= wantedMs) break
        const before = held
        await ask(options).catch(() => undefined)
        // A cache may answer with an older one, and a credential may know of no claims: then what was held is held on to.
        if (before !== undefined && lifeMs() < before.expiresOnTimestamp - Date.now()) held = before
      }
      return lifeMs()
    }
  }
}

/** As the policy asks [CORE-PIPE]: tokens with and without it are cached apart. */
const cae: GetTokenOptions = { enableCae: true }

/**
 * Claims that only a token from now on has, in the form in which Azure itself asks for a newer one. With claims MSAL does not
 * answer from its cache [SDK-MSAL]; the Azure CLI's credential refuses them, and renews by itself.
 */
const newer = (): string => JSON.stringify({ access_token: { nbf: { essential: true, value: String(Math.floor(Date.now() / 1_000)) } } })
