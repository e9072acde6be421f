/**
 * Tells a file that is still being written from one that is done, by its size and times alone. A half-written key file
 * looks like one from which keys were removed.
 */
export class Settling {
  #known: string | undefined
  #pending: string | undefined

  /** Whether the file differs from what is known or awaited; it must then be looked at again. The first look is known. */
  isChanged(fingerprint: string): boolean {
    if (this.#known === undefined) {
      this.#known = fingerprint
      return false
    }
    if (fingerprint === (this.#pending ?? this.#known)) return false
    this.#pending = fingerprint
    return true
  }

  /** Whether the file has stayed as it was when it last changed. Says so once for each change. */
  isSettled(fingerprint: string): boolean {
    if (fingerprint !== this.#pending) {
      this.#pending = fingerprint
      return false
    }
    this.#known = fingerprint
    this.#pending = undefined
    return true
  }
}
