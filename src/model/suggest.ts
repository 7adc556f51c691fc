/** The characters that are compared for one word: enough for more than a thousand candidates of usual length. */
const workMax = 200_000

/** The candidate that was most likely meant, if one is near enough not to mislead. */
function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  let work = 0
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue
    work += candidate.length * word.length
    if (work > workMax) break
    const apart = candidate.toLowerCase() === lower ? 0 : distance(lower, candidate.toLowerCase(), least)
    if (apart < least) {
      best = candidate
      least = apart
    }
  }
  return best
}

/** The candidate that is near, where no other one is. */
export function onlyNear(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates)
  return nearest(
    word,
    candidates.filter(one => one !== near)
  ) === undefined
    ? near
    : undefined
}

export const didYouMean = (word: string, candidates: Iterable<string>): string | undefined => {
  const meant = nearest(word, candidates)
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

/** Edits between two words, a swap of neighbours counted as one. At `atMost` it stops counting. */
function distance(a: string, b: string, atMost: number): number {
  if (Math.abs(a.length - b.length) >= atMost) return atMost
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      next.push(cost)
    }
    // No later row has a smaller number than the smallest of the last two.
    if (Math.min(...row, ...next) >= atMost) return atMost
    before = row
    row = next
  }
  return row[b.length] ?? atMost
}
