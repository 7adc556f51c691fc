import { isNotFound, isUnreadable } from '../azure/error.ts'

/** `undefined`: not for us to see, or gone in the meantime. */
export async function orUnseen<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isUnreadable(error) || isNotFound(error)) return undefined
    throw error
  }
}
