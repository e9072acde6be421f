/** The most small chunks in a row that are held one by one: each costs a hundred bytes beside its own. */
const mostLoose = 64

/** The size from which a chunk is worth what it costs to hold it. */
const smallSize = 1024

/** Bytes that are held back until it is decided where they go. A million chunks of one byte cost about as much as one. */
export class HeldBytes {
  #chunks: Buffer[] = []
  #size = 0
  /** The small chunks at the end. */
  #looseCount = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (chunk.length >= smallSize) this.#looseCount = 0
    else if (++this.#looseCount >= mostLoose) this.#join()
  }

  /** Takes all held bytes in one piece. */
  take(): Buffer {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#size = 0
    this.#looseCount = 0
    return all
  }

  #join(): void {
    const joined = Buffer.concat(this.#chunks.splice(-mostLoose))
    this.#chunks.push(joined)
    this.#looseCount = 0
  }
}
