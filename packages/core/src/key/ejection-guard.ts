export interface EjectionOptions {
  /** The share of the pool that may be ejected before the upstream is suspected, from 0 to 1. @default 0.1 */
  readonly share?: number
}

const defaultShare = 0.1
/** So that 0.29 of 100 is 29: binary fractions fall short of it. */
const roundingSlack = 1e-9

/**
 * Limits how many keys, or accounts, are ejected when the upstream itself fails. Subjects that are refused one after
 * another, with no acceptance between, are ejected up to a small share of the pool, and at least one. Beyond it the
 * upstream is suspected, and a refusal says nothing of its subject. An ejected subject stays ejected.
 *
 * Any acceptance ends the suspicion, because it shows that the upstream still knows good keys from bad ones. A subject
 * that is accepted and refused again counts again. Acceptances of calls that began before the refusals did show
 * nothing: a hundred long streams that outlive a failing upstream must not end the suspicion a hundred times.
 */
export class EjectionGuard {
  readonly #share: number
  /** No more than the share allows, however many are refused. */
  readonly #ejected = new Set<string>()
  /** When the first of them was refused, in milliseconds. */
  #since = Number.POSITIVE_INFINITY

  constructor({ share = defaultShare }: EjectionOptions = {}) {
    this.#share = share
  }

  /** Whether a refusal is trusted, and ejects its subject. `poolSize` counts subjects of the same kind. */
  refused(subject: string, poolSize: number, now: number): boolean {
    // A clock that was set back must not keep later acceptances from counting.
    if (this.#ejected.size > 0) this.#since = Math.min(this.#since, now)
    if (this.#ejected.has(subject)) return true
    const limit = Math.max(1, Math.floor(this.#share * poolSize + roundingSlack))
    if (this.#ejected.size >= limit) return false
    if (this.#ejected.size === 0) this.#since = now
    this.#ejected.add(subject)
    return true
  }

  /** A call that began at that instant succeeded. */
  accepted(startedAt: number): void {
    if (this.#ejected.size > 0 && startedAt > this.#since) this.#ejected.clear()
  }
}
