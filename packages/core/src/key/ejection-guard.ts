export interface EjectionOptions {
  /** The part of the pool that may be lost to refusals before the upstream is suspected, from 0 to 1. @default 0.1 */
  readonly share?: number
}

const defaultShare = 0.1
/** So that 0.29 of 100 is 29: binary fractions fall short of it. */
const roundingSlack = 1e-9

/**
 * Tells keys that went bad from an upstream that did. Subjects (keys, or accounts) that are refused one after another
 * while none is accepted in between are believed up to a small share of the pool, and at least one; beyond it the
 * upstream is suspected, and refusals say nothing of their subjects. Who was believed stays believed.
 *
 * Any acceptance ends the suspicion, whoever was accepted: it shows that the upstream still tells good from bad. So a
 * subject that is accepted and refused again counts again. Acceptances of calls that began before the refusals did
 * show nothing; a hundred long streams that outlive a failing upstream must not open the door a hundred times.
 */
export class EjectionGuard {
  readonly #share: number
  /** No more than the share allows, however many are refused. */
  readonly #believed = new Set<string>()
  /** When the first of them was refused. */
  #since = Number.POSITIVE_INFINITY

  constructor({ share = defaultShare }: EjectionOptions = {}) {
    this.#share = share
  }

  /** Whether a refusal may be believed. `poolSize` counts subjects of the same kind; `now` is in milliseconds. */
  refused(subject: string, poolSize: number, now: number): boolean {
    // A clock that was set back must not keep later acceptances from counting.
    if (this.#believed.size > 0) this.#since = Math.min(this.#since, now)
    if (this.#believed.has(subject)) return true
    const limit = Math.max(1, Math.floor(this.#share * poolSize + roundingSlack))
    if (this.#believed.size >= limit) return false
    if (this.#believed.size === 0) this.#since = now
    this.#believed.add(subject)
    return true
  }

  /** A call succeeded that began at that instant. Costs nothing while nothing was refused. */
  accepted(startedAt: number): void {
    if (this.#believed.size > 0 && startedAt > this.#since) this.#believed.clear()
  }
}
