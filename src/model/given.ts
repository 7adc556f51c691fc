/** As `T`, where a member that may be left out may be undefined as well. */
type Given<T> = { readonly [K in keyof T]: string extends K ? T[K] | undefined : object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** The members that have a value: a body tells a member that is undefined from one that is not there. */
export const given = <T extends object>(members: Given<NoInfer<T>>): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
