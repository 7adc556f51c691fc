/** How a run ended, the worst first: that one counts where several apply. Each has an exit code on the command line. */
const endings = [
  'lockNotRestored',
  'interrupted',
  'terminated',
  'stale',
  'partial',
  'waiting',
  'refused',
  'invalid',
  'error',
  'drift',
  'changes',
  'usage',
  'ok'
] as const

export type Ending = (typeof endings)[number]

export const worst = (all: Iterable<Ending>): Ending => {
  const found = new Set(all)
  return endings.find(one => found.has(one)) ?? 'ok'
}

export type Signal = 'SIGINT' | 'SIGTERM'

export const endingOfSignal = (signal: Signal): Ending => (signal === 'SIGINT' ? 'interrupted' : 'terminated')
