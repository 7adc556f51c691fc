/** The tag that says, on the resource itself, which topology owns it: there is no state file. */
export const ownerTag = 'pglink-topology'

/** Whose a resource is by its tags. A tag's name has no case in ARM, and a policy may have written it in another. */
export const ownerIn = (tags: Readonly<Record<string, string>>): string | undefined =>
  tags[ownerTag] ?? Object.entries(tags).find(([name]) => name.toLowerCase() === ownerTag)?.[1]
