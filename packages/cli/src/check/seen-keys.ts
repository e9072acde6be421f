import { createHash } from 'node:crypto'

const firstCapacity = 1_024
/** The share of occupied slots at which the table grows. */
const fullest = 0.6

/**
 * A hash set of keys that takes about twenty bytes per key, so that a file with millions of keys can be checked. It holds
 * 64 bits of each key's fingerprint and a small number per key. Among a million keys, the chance that any two different
 * keys collide is one in forty million.
 */
export class SeenKeys {
  #high: Uint32Array = new Uint32Array(firstCapacity)
  #low: Uint32Array = new Uint32Array(firstCapacity)
  /** The number of each key plus one; 0 marks an empty slot. */
  #marks: Uint8Array = new Uint8Array(firstCapacity)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a key by id with a number below 255. For a known key it updates the number and returns false. */
  add(id: string, mark = 0): boolean {
    if (this.#size >= this.#marks.length * fullest) this.#grow()
    const [high, low] = halvesOf(id)
    const at = this.#find(high, low)
    const isNew = this.#marks[at] === 0
    this.#put(at, { high, low, mark: mark + 1 })
    if (isNew) this.#size++
    return isNew
  }

  /** Returns the number that was added with a key; undefined for an unknown key. */
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

/** Splits an id into two halves. An id is `key_` and 16 hexadecimal digits; any other text is hashed first. */
function halvesOf(id: string): [high: number, low: number] {
  const digits = /^key_([0-9a-f]{16})$/.exec(id)?.[1] ?? createHash('sha256').update(id).digest('hex')
  return [Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8, 16), 16)]
}
