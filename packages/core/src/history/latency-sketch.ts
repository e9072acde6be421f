import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

/** The bounds of one bucket are this far apart, so its middle is at most 4.5 % away from what lies in it. */
const growth = 1.09
const logGrowth = Math.log(growth)
/** The upper end of the first bucket, in milliseconds. The last one ends after some nine hours. */
const leastMs = 0.01
const lastBucket = 255
/** Buckets are added so many at a time, because neighbours are used together. */
const blockSize = 8

/** The bucket of a length of time: calls that are counted in several sketches look it up once. */
export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > leastMs)) return 0
  return Math.min(Math.ceil(Math.log(milliseconds / leastMs) / logGrowth), lastBucket)
}

/** What stands for all that lies in a bucket: as far from its lower end as from its upper one, in proportion. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : (leastMs * growth ** bucket * 2) / (1 + growth)
}

/**
 * Counts lengths of time by logarithmic buckets. Sketches of different times and processes add up to the sketch of all,
 * and a percentile of it is exact to 5 %.
 */
export class LatencySketch {
  /** The counts of buckets `#first` and later: a list, because most are short, and there may be many thousands. */
  #counts: number[] | null = null
  #first = 0
  count = 0

  add(bucket: number, count = 1): void {
    const counts = this.#covering(bucket)
    counts[bucket - this.#first] = (counts[bucket - this.#first] ?? 0) + count
    this.count += count
  }

  merge(other: LatencySketch): void {
    const counts = other.#counts
    if (counts === null) return
    for (let at = 0; at < counts.length; at++) {
      const count = counts[at] ?? 0
      if (count > 0) this.add(other.#first + at, count)
    }
  }

  /** The length of time, in milliseconds, that a share of all does not exceed; null when nothing was counted. */
  percentile(share: number): number | null {
    const counts = this.#counts
    if (counts === null || this.count === 0) return null
    let rest = Math.max(1, Math.ceil(share * this.count))
    for (let at = 0; at < counts.length; at++) {
      rest -= counts[at] ?? 0
      if (rest <= 0) return middleOf(this.#first + at)
    }
    return middleOf(this.#first + counts.length - 1)
  }

  /** How many buckets are in use, the last one, and each by its distance from the one before. */
  write(writer: ByteWriter): void {
    const counts = this.#counts ?? none
    let used = 0
    let end = 0
    for (let at = 0; at < counts.length; at++) {
      if (counts[at] === 0) continue
      used++
      end = at
    }
    writer.number(used)
    if (used === 0) return
    writer.number(this.#first + end)
    let last = 0
    for (let at = 0; at <= end; at++) {
      const count = counts[at] ?? 0
      if (count === 0) continue
      writer.number(this.#first + at - last).number(count)
      last = this.#first + at
    }
  }

  /** Adds what `write` has written. */
  read(reader: ByteReader): void {
    const used = reader.number()
    if (used === 0) return
    const end = Math.min(reader.number(), lastBucket)
    let bucket = 0
    let counts: number[] = []
    for (let left = used; left > 0; left--) {
      bucket = Math.min(bucket + reader.number(), end)
      // One allocation for all of them.
      if (left === used) {
        this.#covering(bucket)
        counts = this.#covering(end)
      }
      const count = reader.number()
      counts[bucket - this.#first] = (counts[bucket - this.#first] ?? 0) + count
      this.count += count
    }
  }

  /** The counts, grown so far that they have a place for a bucket. */
  #covering(bucket: number): number[] {
    const counts = this.#counts
    const wanted = bucket - (bucket % blockSize)
    if (counts !== null && bucket >= this.#first && bucket < this.#first + counts.length) return counts
    const first = counts === null ? wanted : Math.min(this.#first, wanted)
    const end = Math.max(counts === null ? 0 : this.#first + counts.length, wanted + blockSize)
    const grown = new Array<number>(end - first).fill(0)
    counts?.forEach((count, at) => {
      grown[at + this.#first - first] = count
    })
    this.#first = first
    this.#counts = grown
    return grown
  }
}

const none: readonly number[] = []
