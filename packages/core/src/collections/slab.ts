/** Rows of the first allocation: enough for a small pool. */
const firstRows = 16

/**
 * Index of the first row. A large array starts 16 bytes after the begin of a line of the processor's cache, behind the
 * header of its allocator. Six numbers later a line begins, so that a row of eight fills one line and not parts of two.
 */
const firstRow = 6

/**
 * Rows of numbers side by side in memory. With 100,000 accounts, an object for each count and a box for each of its
 * numbers make a pick wait: they are scattered in memory, and one must be read to find the next. Rows found by their
 * index need one read and a fifth of the memory. The bench is `pick`; docs/decisions/0010-rows-of-numbers.md has the
 * figures: 140 ns for a read that waits for the one before, 0.6 KB for the counts of a key.
 *
 * A block of rows is identified by the index of its first number. 0 is never returned: it stands for "none".
 */
export class Slab {
  /** How many numbers a row has. */
  readonly width: number
  /** The numbers of all rows. `take` may replace the array, so callers must not keep it. */
  values: Float64Array
  /** The same memory as 32-bit integers: those of a row begin at twice its index. */
  whole: Int32Array
  /** Index of the first number that was never taken. */
  #end: number = firstRow
  /** Blocks that were given back, by their number of rows. */
  readonly #free: number[][] = []

  constructor(width: number) {
    this.width = width
    this.values = new Float64Array(0)
    this.whole = new Int32Array(this.values.buffer)
  }

  /** Takes a block of `rows` rows. The caller must write the numbers, which may be old ones. */
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
