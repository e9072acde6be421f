/** Runs `work` over the items in their order, at most `width` at a time. `work` must not reject. */
export async function forEachLimited<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries()
  const runWorker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runWorker))
}
