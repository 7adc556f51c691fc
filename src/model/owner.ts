/** The tag that says, on the resource itself, which topology owns it: there is no state file. */
export const ownerTag = 'pglink-topology'
