import { type AgedEntry, BoundedMap } from '../collections/bounded-map.js'
import type { Candidate } from './strategy.js'

/** The key that serves a session. */
export interface SessionBinding extends AgedEntry<SessionBinding> {
  readonly session: string
  key: Candidate
  /** Serves in place of `key` for now; the session moves there after a success. */
  fallback: Candidate | undefined
  usedAt: number
}

export interface SessionsOptions {
  readonly idleMs: number
  readonly maxSessions: number
}

/** The bindings of the sessions used last: at most `maxSessions`, none idle for longer than `idleMs`. */
export class Sessions {
  readonly #idleMs: number
  readonly #bindings: BoundedMap<string, SessionBinding>

  constructor({ idleMs, maxSessions }: SessionsOptions) {
    this.#idleMs = idleMs
    this.#bindings = new BoundedMap({ limit: maxSessions, keyOf: ({ session }) => session })
  }

  /** The binding of a session, unless the session was idle for too long. */
  find(session: string | null, now: number): SessionBinding | undefined {
    const binding = session === null ? undefined : this.#bindings.get(session)
    return binding === undefined || this.#isIdle(binding, now) ? undefined : binding
  }

  /** Binds a session that has no binding, or an expired one. */
  bind(session: string, key: Candidate, now: number): void {
    this.#forgetIdle(now)
    this.#bindings.add({ session, key, fallback: undefined, usedAt: now, older: undefined, newer: undefined })
  }

  /** Drops a fallback that failed; binds the session to one that succeeded. */
  ended(binding: SessionBinding, candidate: Candidate, isSuccess: boolean): void {
    if (candidate !== binding.fallback) return
    binding.fallback = undefined
    if (isSuccess) binding.key = candidate
  }

  /** Records a use of the session; a key other than the bound one becomes the fallback. */
  served(binding: SessionBinding, candidate: Candidate, now: number): void {
    if (candidate !== binding.key) binding.fallback = candidate
    binding.usedAt = now
    this.#bindings.renew(binding)
  }

  #forgetIdle(now: number): void {
    const bindings = this.#bindings
    for (
      let { oldest } = bindings;
      oldest !== undefined && this.#isIdle(oldest, now);
      oldest = bindings.oldest
    )
      bindings.delete(oldest)
  }

  #isIdle({ usedAt }: SessionBinding, now: number): boolean {
    return now - usedAt > this.#idleMs
  }
}
