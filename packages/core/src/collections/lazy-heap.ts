import { MinHeap } from './min-heap.js'

/** Below this many removed items a sweep costs more than it saves. */
const sweepFrom = 64

/**
 * A min-heap with lazy deletion. Removed items are skipped when they reach the top, and swept out once they outnumber the
 * others, so that they cost little time and memory.
 */
export class LazyHeap<T> {
  #heap: MinHeap<T>
  #size = 0
  #removedCount = 0
  readonly #isBefore: (one: T, other: T) => boolean
  readonly #isRemoved: (item: T) => boolean

  /** `isRemoved` must stay true for an item once it is true. */
  constructor(isBefore: (one: T, other: T) => boolean, isRemoved: (item: T) => boolean) {
    this.#isBefore = isBefore
    this.#isRemoved = isRemoved
    this.#heap = new MinHeap(isBefore)
  }

  push(item: T): void {
    this.#heap.push(item)
    this.#size++
  }

  /** Counts a removal. Call it once for each item that becomes removed while it is in the heap. */
  markRemoved(): void {
    this.#removedCount++
    if (this.#removedCount >= sweepFrom && this.#removedCount > this.#size / 2) this.#sweep()
  }

  /** The smallest item that is not removed. */
  peek(): T | undefined {
    for (let top = this.#heap.peek(); top !== undefined; top = this.#heap.peek()) {
      if (!this.#isRemoved(top)) return top
      this.#heap.pop()
      this.#size--
      this.#removedCount--
    }
    return undefined
  }

  pop(): T | undefined {
    const top = this.peek()
    if (top === undefined) return undefined
    this.#size--
    return this.#heap.pop()
  }

  #sweep(): void {
    const before = this.#heap
    this.#heap = new MinHeap(this.#isBefore)
    this.#size = 0
    this.#removedCount = 0
    for (let item = before.pop(); item !== undefined; item = before.pop()) {
      if (!this.#isRemoved(item)) this.push(item)
    }
  }
}
