/** How many reads are in flight at once: a plan of hundreds is fast, and stays far below ARM's 25 a second [DOC-THR]. */
const atOnce = 8

/** Runs `work` on every item, a few at a time, in order of the list. The first error stops it. */
export async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const open = items.values()
  const worker = async (): Promise<void> => {
    for (const item of open) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
}
