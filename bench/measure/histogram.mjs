// @ts-check
/** Counts durations in buckets of equal width, so that a long run needs no list of its samples. */
export class Histogram {
  #buckets
  #widthUs
  #max = 0
  count = 0

  /** @param {{ widthUs?: number, rangeUs?: number }} [options] samples above the range count in the last bucket */
  constructor({ widthUs = 10, rangeUs = 2_000_000 } = {}) {
    this.#widthUs = widthUs
    this.#buckets = new Uint32Array(Math.ceil(rangeUs / widthUs))
  }

  /** @param {number} us */
  add(us) {
    const at = Math.min(this.#buckets.length - 1, Math.max(0, Math.floor(us / this.#widthUs)))
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1
    this.#max = Math.max(this.#max, us)
    this.count++
  }

  /**
   * Returns the upper edge of the bucket that contains the share, never above the largest sample; NaN without samples.
   * @param {number} share 0 to 1
   */
  percentile(share) {
    let left = Math.ceil(share * this.count)
    for (let at = 0; at < this.#buckets.length; at++) {
      left -= this.#buckets[at] ?? 0
      if (left <= 0 && this.count > 0) return Math.min(this.#max, (at + 1) * this.#widthUs)
    }
    return Number.NaN
  }
}
