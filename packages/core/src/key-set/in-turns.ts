import { setImmediate as nextTurn } from 'node:timers/promises'

/** Items worked on in one turn of the event loop: a few milliseconds of work. */
const turnSize = 500

/** Runs `work` on each item. A long list takes several turns, so that requests go on meanwhile; a short one takes one. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % turnSize === 0) await nextTurn()
    results.push(work(item, index))
  }
  return results
}
