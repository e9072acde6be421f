/** Enough for a small pool; it doubles from there. */
const firstRows = 16

/**
 * Where the first row begins. A large array starts 16 bytes behind a line of the processor's cache, where its allocator
 * left a note of its own; six numbers later a line begins, so that a row of eight is one line and not parts of two.
 */
const firstRow = 6

/**
 * Rows of numbers side by side in memory. With 100,000 accounts an object for each count, and a box for each number in
 * it, is what a pick waits for: every one of them is somewhere else, and one must be read to find the next. Rows that
 * are found by their place are read at once, and take a fifth of the memory.
 *
 * A block of rows is named by the place of its first number. 0 is never given out: it stands for "none".
 */
export class Slab {
  /** Numbers in a row. */
  readonly width: number
  /** All rows. Another array after each `take`: not to be held on to. */
  values: Float64Array
  /** The same memory as whole numbers of half the size: those of a row begin at twice its place. */
  whole: Int32Array
  /** Where the part begins that was never given out. */
  #end: number = firstRow
  /** Blocks that were given back, by how many rows they have. */
  readonly #free: number[][] = []

  constructor(width: number) {
    this.width = width
    this.values = new Float64Array(0)
    this.whole = new Int32Array(this.values.buffer)
  }

  /** A block of so many rows. What stands in them is for the taker to write. */
  take(rows = 1): number {
    const free = this.#free[rows]
    const block = free?.pop()
    return block ?? this.#extend(rows * this.width)
  }

  giveBack(block: number, rows = 1): void {
    while (this.#free.length <= rows) this.#free.push([])
    this.#free[rows]?.push(block)
  }

  #extend(length: number): number {
    const block = this.#end
    this.#end += length
    if (this.#end > this.values.length) {
      const grown = new Float64Array(Math.max(2 * this.values.length, this.#end, firstRows * this.width))
      grown.set(this.values)
      this.values = grown
      this.whole = new Int32Array(grown.buffer)
    }
    return block
  }
}
