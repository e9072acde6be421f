/** How few keys and calls may be used at once. */
export interface PacingLimits {
  /** Calls running at once, over the whole pool. */
  readonly inFlight: number
  /** Distinct keys used in a window. */
  readonly keys: number
  /** How long a window lasts from its first key on. */
  readonly windowMs: number
}

/** One call at a time, and one key in half an hour. */
export const defaultPacing: PacingLimits = Object.freeze({ inFlight: 1, keys: 1, windowMs: 1_800_000 })

/**
 * Lets few calls run at once, and few keys within a window. The window begins with its first key and ends `windowMs`
 * later; the next key then begins another. Instants are milliseconds since the Unix epoch.
 */
export class Pacing<Key> {
  /** How many calls may run at once. */
  readonly inFlight: number
  readonly #limits: PacingLimits
  readonly #keys = new Set<Key>()
  #running = 0
  #beganAt = 0

  constructor(limits: PacingLimits) {
    this.#limits = limits
    this.inFlight = limits.inFlight
  }

  /** Whether one more call may run. */
  mayStart(): boolean {
    return this.#running < this.inFlight
  }

  /** Whether this key may be used: it is one of the window, or the window has a place for one more. */
  allows(key: Key, now: number): boolean {
    return !this.isFull(now) || this.#keys.has(key)
  }

  /** The keys of this window: the only ones to try while it is full. */
  chosen(now: number): ReadonlySet<Key> {
    this.#advance(now)
    return this.#keys
  }

  isFull(now: number): boolean {
    this.#advance(now)
    return this.#keys.size >= this.#limits.keys
  }

  /** A call begins under this key; `end` must follow, whatever its outcome. */
  begin(key: Key, now: number): void {
    this.#advance(now)
    if (this.#keys.size === 0) this.#beganAt = now
    this.#keys.add(key)
    this.#running += 1
  }

  end(): void {
    this.#running = Math.max(0, this.#running - 1)
  }

  /** A key left the pool, and its place in the window is free: no call waits out a window for a key that is gone. */
  forget(key: Key): void {
    this.#keys.delete(key)
  }

  /** When the window ends, or ended when no call began since; null while there is none. */
  get windowEndsAt(): number | null {
    return this.#keys.size === 0 ? null : this.#beganAt + this.#limits.windowMs
  }

  #advance(now: number): void {
    if (this.#keys.size === 0) return
    // A clock that was set back must not make the window longer than it is.
    if (now < this.#beganAt) this.#beganAt = now
    if (now >= this.#beganAt + this.#limits.windowMs) this.#keys.clear()
  }
}
