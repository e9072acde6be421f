import type { ByteBudget } from '../../collections/byte-budget.js'
import { holdLimit } from '../answer/reader.js'

/** What one attempt holds back of its answer, counted in the memory that all buffered bodies and answers share. */
export class HeldAccount {
  readonly #buffers: ByteBudget
  #held = 0

  constructor(buffers: ByteBudget) {
    this.#buffers = buffers
  }

  get bytes(): number {
    return this.#held
  }

  /** Counts bytes that are held back from now on; false, and nothing counted, when there is no room for them. */
  take(bytes: number): boolean {
    // A small answer has cost its tokens, and is held shortly.
    if (this.#held + bytes <= holdLimit) this.#buffers.count(bytes)
    else if (!this.#buffers.take(bytes)) return false
    this.#held += bytes
    return true
  }

  /** Gives all of them back. */
  give(): void {
    if (this.#held === 0) return
    this.#buffers.give(this.#held)
    this.#held = 0
  }
}
