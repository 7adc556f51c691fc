import type { Signal } from '../model/ending.ts'

type Listener = (signal: Signal) => void

/**
 * Hears the signals of a process, from the first time that a part of it listens until it has ended: also while no part listens
 * any more, a signal ends it with what there is to say, and not without a word.
 *
 * @param unheard gets a signal that no part listens to
 */
export function signalsOf(
  { on }: { readonly on: (signal: Signal, listener: () => void) => unknown },
  unheard: Listener
): (listener: Listener) => () => void {
  const listening = new Set<Listener>()
  let stands = false
  const heard = (signal: Signal): void => {
    if (listening.size === 0) unheard(signal)
    for (const listener of [...listening]) listener(signal)
  }
  return listener => {
    if (!stands) for (const signal of ['SIGINT', 'SIGTERM'] as const) on(signal, () => heard(signal))
    stands = true
    listening.add(listener)
    return () => void listening.delete(listener)
  }
}
