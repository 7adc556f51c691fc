/** The tag that says, on the resource itself, which topology owns it: there is no state file. */
export const ownerTag = 'pglink-topology'

/** The tag that remembers which version of the administrator's password was sent last. */
export const passwordVersionTag = 'pglink-password-version'

/** Whether we write a tag of this name. */
export const isOurTag = (name: string): boolean => [ownerTag, passwordVersionTag].includes(name.toLowerCase())

/** The tag that protects a resource from us: a person in the portal writes it, or a policy. */
export const protectTag = 'pglink-protect'

/** Whether a resource is not to be deleted, by its own tags. Only a plain no takes the protection off. */
export const isProtected = (tags: Readonly<Record<string, string>>): boolean =>
  Object.entries(tags).some(([name, value]) => name.toLowerCase() === protectTag && !/^(false|no|off|0)$/i.test(value.trim()))

/** The topology that a resource's tags name. A tag's name has no case in ARM, and a policy may have written it in another. */
export const ownerIn = (tags: Readonly<Record<string, string>>): string | undefined =>
  tags[ownerTag] ?? Object.entries(tags).find(([name]) => name.toLowerCase() === ownerTag)?.[1]
