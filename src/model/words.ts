/** Words that a field's name is made of and that are written otherwise. */
const written: Readonly<Record<string, string>> = { ip: 'IP', dns: 'DNS', ssl: 'SSL', id: 'id' }

/** A field as a sentence calls it: `ipAddress` is the IP address. */
export const wordsOf = (field: string): string =>
  field
    .replace(/GiB$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(' ')
    .map(word => written[word.toLowerCase()] ?? word.toLowerCase())
    .join(' ')

/** The label of a connection to a server in every picture: renderers show its state in place of the words. */
export const privateLink = 'private link'
