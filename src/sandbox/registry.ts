import type { Provider, ProviderFunction, ResourceType } from './type.ts'

/** Two providers' objects may share a namespace: Microsoft.Network is network and private DNS. */
export interface Registry {
  readonly providers: readonly Provider[]
  type(name: string): ResourceType | undefined
  /** In Azure's casing, or undefined when nobody has it. */
  namespace(name: string): string | undefined
  providerFunction(namespace: string, method: string, path: string): ProviderFunction | undefined
  effect(name: string): NonNullable<Provider['effects']>[string] | undefined
}

export function registryOf(providers: readonly Provider[]): Registry {
  const types = new Map(providers.flatMap(one => one.types.map(type => [type.type.toLowerCase(), type] as const)))
  const namespaces = new Map(providers.map(one => [one.namespace.toLowerCase(), one.namespace]))
  const functions = new Map(
    providers.flatMap(one =>
      (one.functions ?? []).map(each => [`${each.method} ${one.namespace}/${each.path}`.toLowerCase(), each] as const)
    )
  )
  const effects = new Map(providers.flatMap(one => Object.entries(one.effects ?? {})))
  return {
    providers,
    type: name => types.get(name.toLowerCase()),
    namespace: name => namespaces.get(name.toLowerCase()),
    providerFunction: (namespace, method, path) => functions.get(`${method} ${namespace}/${path}`.toLowerCase()),
    effect: name => effects.get(name)
  }
}

/** Any date from the first version's to today's, with or without -preview, so that clients newer than this are answered, too. */
export function answersTo([first = '']: readonly string[], version: string): boolean {
  const date = version.slice(0, 10)
  return date >= first.slice(0, 10) && date <= new Date().toISOString().slice(0, 10)
}
