/** Writes numbers and texts into bytes that grow as needed: small numbers take one byte. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(256)
  #length = 0

  /** A whole number from 0 to 2^53 - 1, seven bits to a byte. */
  number(value: number): this {
    this.#makeRoom(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  /** What another writer has, with its length before it, so that a reader can pass over it. */
  part(other: ByteWriter): this {
    this.number(other.#length)
    this.#makeRoom(other.#length)
    this.#bytes.set(other.#bytes.subarray(0, other.#length), this.#length)
    this.#length += other.#length
    return this
  }

  /** Forgets everything, and keeps the room. */
  clear(): this {
    this.#length = 0
    return this
  }

  text(value: string): this {
    const bytes = encoder.encode(value)
    this.number(bytes.length)
    this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** What was written so far. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(2 * this.#bytes.length + more)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

const encoder = new TextEncoder()
