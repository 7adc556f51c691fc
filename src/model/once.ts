/** Makes what belongs to an object once, and keeps it for as long as that lives. */
export function oncePer<Key extends WeakKey, More extends readonly unknown[], Made>(
  make: (key: Key, ...more: More) => Made
): (key: Key, ...more: More) => Made {
  const made = new WeakMap<Key, { readonly it: Made }>()
  return (key, ...more) => {
    const known = made.get(key) ?? { it: make(key, ...more) }
    made.set(key, known)
    return known.it
  }
}
