/** Pieces below this size are copied together: each array costs more memory than a small piece holds. */
const smallPiece = 2 * 1024
const blockSize = 16 * 1024

/** The bytes of a body so far, in few arrays however small the pieces are that it comes in. */
export class BodyBytes {
  /** Bytes of the body. */
  size = 0
  /** Bytes of memory that hold them. */
  held = 0
  readonly #arrays: Uint8Array[] = []
  /** The block that small pieces are copied into; the last of the arrays. */
  #block: Buffer | null = null
  #filled = 0

  add(piece: Uint8Array): void {
    this.size += piece.length
    // Most bodies come in one piece.
    if (piece.length >= smallPiece || this.#arrays.length === 0) this.#append(piece)
    else this.#copy(piece)
  }

  /** All bytes in one array. */
  joined(): Uint8Array {
    this.#closeBlock()
    const [first] = this.#arrays
    return first !== undefined && this.#arrays.length === 1 ? first : Buffer.concat(this.#arrays)
  }

  #append(piece: Uint8Array): void {
    this.#closeBlock()
    this.#arrays.push(piece)
    this.held += piece.length
  }

  #copy(piece: Uint8Array): void {
    if (this.#block === null || this.#filled + piece.length > blockSize) {
      this.#closeBlock()
      // Not from node's shared pool, which would be held whole.
      this.#block = Buffer.allocUnsafeSlow(blockSize)
      this.#arrays.push(this.#block)
      this.held += blockSize
    }
    this.#block.set(piece, this.#filled)
    this.#filled += piece.length
  }

  /** Puts an array of the right length in the place of the block. */
  #closeBlock(): void {
    const block = this.#block
    if (block === null) return
    const filled = this.#filled
    this.#arrays[this.#arrays.length - 1] =
      filled > blockSize - smallPiece ? block.subarray(0, filled) : Uint8Array.from(block.subarray(0, filled))
    if (filled <= blockSize - smallPiece) this.held -= blockSize - filled
    this.#block = null
    this.#filled = 0
  }
}
