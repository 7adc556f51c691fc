/** Names that Azure takes for a type. */
export interface NameLimit {
  readonly fits: (name: string) => boolean
  readonly words: string
  /** No two of the type have one name, in all of Azure. */
  readonly isGlobal?: boolean
}

export const matching = (pattern: RegExp, words: string): NameLimit => ({ fits: name => pattern.test(name), words })

export const networkName = matching(
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?$/,
  '1 to 80 letters, digits, dots, hyphens and underscores, beginning with a letter or digit and not ending in a dot or hyphen'
)
export const factoryName = matching(
  /^(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/,
  '3 to 63 letters and digits, with single hyphens between them'
)

/** The end of a server's public name, by cloud [DOC-PEDNS]. */
export const serverSuffixes = {
  AzureCloud: 'postgres.database.azure.com',
  AzureUSGovernment: 'postgres.database.usgovcloudapi.net',
  AzureChinaCloud: 'postgres.database.chinacloudapi.cn'
} as const
