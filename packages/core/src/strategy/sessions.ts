import type { Candidate } from './strategy.js'

/** The key that serves a session. */
export interface SessionBinding {
  readonly session: string
  key: Candidate
  /** Serves in place of `key` for now; the session moves there after a success. */
  fallback: Candidate | undefined
  usedAt: number
  older: SessionBinding | undefined
  newer: SessionBinding | undefined
}

export interface SessionsOptions {
  readonly idleMs: number
  readonly maxSessions: number
}

/** The bindings of the sessions used last: at most `maxSessions`, none idle for longer than `idleMs`. */
export class Sessions {
  readonly #idleMs: number
  readonly #maxSessions: number
  readonly #bindings = new Map<string, SessionBinding>()
  #oldest: SessionBinding | undefined
  #newest: SessionBinding | undefined

  constructor({ idleMs, maxSessions }: SessionsOptions) {
    this.#idleMs = idleMs
    this.#maxSessions = maxSessions
  }

  get size(): number {
    return this.#bindings.size
  }

  /** The binding of a session, unless the session was idle for too long. */
  find(session: string | null, now: number): SessionBinding | undefined {
    const binding = session === null ? undefined : this.#bindings.get(session)
    return binding === undefined || this.#isIdle(binding, now) ? undefined : binding
  }

  /** Binds a session that has no binding, or an expired one. */
  bind(session: string, key: Candidate, now: number): void {
    const former = this.#bindings.get(session)
    if (former !== undefined) this.#forget(former)
    const binding = { session, key, fallback: undefined, usedAt: now, older: undefined, newer: undefined }
    this.#bindings.set(session, binding)
    this.#append(binding)
    while (this.#oldest !== undefined && (this.size > this.#maxSessions || this.#isIdle(this.#oldest, now)))
      this.#forget(this.#oldest)
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
    if (binding === this.#newest) return
    this.#unlink(binding)
    this.#append(binding)
  }

  #isIdle({ usedAt }: SessionBinding, now: number): boolean {
    return now - usedAt > this.#idleMs
  }

  #forget(binding: SessionBinding): void {
    this.#bindings.delete(binding.session)
    this.#unlink(binding)
  }

  #append(binding: SessionBinding): void {
    binding.older = this.#newest
    binding.newer = undefined
    if (this.#newest === undefined) this.#oldest = binding
    else this.#newest.newer = binding
    this.#newest = binding
  }

  #unlink({ older, newer }: SessionBinding): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
