/** The share of a budget that is left to what is small or in a hurry. */
const reserveShare = 0.2

/**
 * Counts the bytes that are buffered, and says when there is no room for more. Four fifths go to whoever asks; the rest
 * is a reserve, so that small bodies are still served while large ones fill everything else.
 */
export class ByteBudget {
  /** The most bytes that may be taken at the same time. */
  readonly limit: number
  /** The most of them that may be taken outside the reserve. */
  readonly open: number
  #used = 0

  constructor(limit: number) {
    this.limit = limit
    this.open = limit - Math.floor(limit * reserveShare)
  }

  /** Bytes that are taken now. */
  get used(): number {
    return this.#used
  }

  /** Takes bytes outside the reserve; false when there is no room. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.open) return false
    this.#used += bytes
    return true
  }

  /** Takes bytes, from the reserve too; false when there is no room. */
  takeReserved(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.limit) return false
    this.#used += bytes
    return true
  }

  /** Takes bytes that are there already, whether there is room or not. */
  count(bytes: number): void {
    this.#used += bytes
  }

  /** Gives bytes back. */
  give(bytes: number): void {
    this.#used -= bytes
  }
}
