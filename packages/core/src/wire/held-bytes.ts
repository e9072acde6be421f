/** Bytes that are held back until it is decided where they go. */
export class HeldBytes {
  #chunks: Buffer[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
  }

  /** Takes all held bytes in one piece. */
  take(): Buffer {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#size = 0
    return all
  }
}
