import { createHash } from 'node:crypto'

const firstCapacity = 1_024
/** Of the places, so many may be taken before there are made more. */
const fullest = 0.6

/**
 * A set of keys that takes some twenty bytes for each, so that a file of millions can be looked through: it holds 64 bits
 * of each key's fingerprint, and a small number with it. Two different keys of a million are taken for one with a chance
 * of one in forty million.
 */
export class SeenKeys {
  #high: Uint32Array = new Uint32Array(firstCapacity)
  #low: Uint32Array = new Uint32Array(firstCapacity)
  /** The number of each key, plus one; 0 where there is no key. */
  #marks: Uint8Array = new Uint8Array(firstCapacity)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Notes a key by its id, with a number below 255. Returns false, and changes the number, when it was there already. */
  add(id: string, mark = 0): boolean {
    if (this.#size >= this.#marks.length * fullest) this.#grow()
    const [high, low] = halvesOf(id)
    const at = this.#find(high, low)
    const isNew = this.#marks[at] === 0
    this.#put(at, { high, low, mark: mark + 1 })
    if (isNew) this.#size++
    return isNew
  }

  /** The number that was noted with a key; undefined for a key that was not. */
  markOf(id: string): number | undefined {
    const mark = this.#marks[this.#find(...halvesOf(id))] ?? 0
    return mark === 0 ? undefined : mark - 1
  }

  #find(high: number, low: number): number {
    const last = this.#marks.length - 1
    let at = low & last
    while (this.#marks[at] !== 0 && (this.#low[at] !== low || this.#high[at] !== high)) at = (at + 1) & last
    return at
  }

  #put(at: number, entry: { high: number; low: number; mark: number }): void {
    this.#high[at] = entry.high
    this.#low[at] = entry.low
    this.#marks[at] = entry.mark
  }

  #grow(): void {
    const before = { high: this.#high, low: this.#low, marks: this.#marks }
    const capacity = before.marks.length * 2
    this.#high = new Uint32Array(capacity)
    this.#low = new Uint32Array(capacity)
    this.#marks = new Uint8Array(capacity)
    for (const [at, mark] of before.marks.entries()) {
      if (mark === 0) continue
      const [high = 0, low = 0] = [before.high[at], before.low[at]]
      this.#put(this.#find(high, low), { high, low, mark })
    }
  }
}

/** An id is `key_` and 16 hexadecimal digits; any other text is digested first. */
function halvesOf(id: string): [high: number, low: number] {
  const digits = /^key_([0-9a-f]{16})$/.exec(id)?.[1] ?? createHash('sha256').update(id).digest('hex')
  return [Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8, 16), 16)]
}
