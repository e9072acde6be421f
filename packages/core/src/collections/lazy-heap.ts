import { MinHeap } from './min-heap.js'

/** Below this many lapsed items a sweep is not worth its while. */
const sweepFrom = 64

/**
 * A min-heap whose items may lapse while they are in it. Lapsed items are passed over when they come to the top, and
 * swept out once they outnumber the others, so that they cost neither time nor memory worth mentioning.
 */
export class LazyHeap<T> {
  #heap: MinHeap<T>
  #size = 0
  #lapsed = 0
  readonly #isBefore: (one: T, other: T) => boolean
  readonly #isLapsed: (item: T) => boolean

  /** `isLapsed` must stay true of an item once it is. */
  constructor(isBefore: (one: T, other: T) => boolean, isLapsed: (item: T) => boolean) {
    this.#isBefore = isBefore
    this.#isLapsed = isLapsed
    this.#heap = new MinHeap(isBefore)
  }

  push(item: T): void {
    this.#heap.push(item)
    this.#size++
  }

  /** To be told of every item that lapses while it is in here. */
  noteLapse(): void {
    this.#lapsed++
    if (this.#lapsed >= sweepFrom && this.#lapsed > this.#size / 2) this.#sweep()
  }

  /** The smallest item that has not lapsed. */
  peek(): T | undefined {
    for (let top = this.#heap.peek(); top !== undefined; top = this.#heap.peek()) {
      if (!this.#isLapsed(top)) return top
      this.#heap.pop()
      this.#size--
      this.#lapsed--
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
    this.#lapsed = 0
    for (let item = before.pop(); item !== undefined; item = before.pop()) {
      if (!this.#isLapsed(item)) this.push(item)
    }
  }
}
