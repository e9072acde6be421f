/** A binary heap: the smallest item first. The order of equal items is not defined. */
export class MinHeap<T> {
  readonly #items: T[] = []
  readonly #isBefore: (one: T, other: T) => boolean

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let hole = items.length
    items.push(item)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = items[parent] as T
      if (!this.#isBefore(item, above)) break
      items[hole] = above
      hole = parent
    }
    items[hole] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (items.length > 0) this.#sink(last as T)
    return top
  }

  /** Replaces the smallest item: cheaper than `pop` and `push`. */
  replaceTop(item: T): void {
    if (this.#items.length === 0) this.push(item)
    else this.#sink(item)
  }

  /** The smallest item that matches. The search reads only the smaller items and their children. */
  find(matches: (item: T) => boolean): T | undefined {
    const items = this.#items
    const open = new MinHeap<number>((one, other) => this.#isBefore(items[one] as T, items[other] as T))
    if (items.length > 0) open.push(0)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const item = items[at] as T
      if (matches(item)) return item
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < items.length) open.push(child)
    }
    return undefined
  }

  #sink(item: T): void {
    const items = this.#items
    const { length } = items
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= length) break
      const right = child + 1
      if (right < length && this.#isBefore(items[right] as T, items[child] as T)) child = right
      const below = items[child] as T
      if (!this.#isBefore(below, item)) break
      items[hole] = below
      hole = child
    }
    items[hole] = item
  }
}
