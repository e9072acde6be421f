import { setImmediate as nextTurn } from 'node:timers/promises'

/** Items in a part. Writing or reading one takes one to three milliseconds. */
export const partSize = 250

/** Runs `work` on one part of the items after the other, with a turn of the event loop after each. */
export async function inParts<Item>(
  items: readonly Item[],
  work: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += partSize) {
    await work(items.slice(start, start + partSize))
    await nextTurn()
  }
}
