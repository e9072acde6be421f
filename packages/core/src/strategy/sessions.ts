import type { Candidate } from './strategy.js'

/** Which key a session stays with. */
export interface SessionBinding {
  readonly session: string
  home: Candidate
  /** Serves in place of `home` for now; the session moves there once that went well. */
  substitute: Candidate | undefined
  usedAt: number
  older: SessionBinding | undefined
  newer: SessionBinding | undefined
}

export interface SessionsOptions {
  readonly idleMs: number
  readonly maxSessions: number
}

/** The sessions used last, each with its key: no more than so many, and none that was idle for long. */
export class Sessions {
  readonly #idleMs: number
  readonly #maxSessions: number
  readonly #bonds = new Map<string, SessionBinding>()
  #oldest: SessionBinding | undefined
  #newest: SessionBinding | undefined

  constructor({ idleMs, maxSessions }: SessionsOptions) {
    this.#idleMs = idleMs
    this.#maxSessions = maxSessions
  }

  get size(): number {
    return this.#bonds.size
  }

  /** The bond of a session that was not idle for too long. */
  find(session: string | null, now: number): SessionBinding | undefined {
    const bond = session === null ? undefined : this.#bonds.get(session)
    return bond === undefined || this.#isIdle(bond, now) ? undefined : bond
  }

  /** Binds a session that has no bond, or none any more. */
  bind(session: string, home: Candidate, now: number): void {
    const former = this.#bonds.get(session)
    if (former !== undefined) this.#forget(former)
    const bond = { session, home, substitute: undefined, usedAt: now, older: undefined, newer: undefined }
    this.#bonds.set(session, bond)
    this.#append(bond)
    while (this.#oldest !== undefined && (this.size > this.#maxSessions || this.#isIdle(this.#oldest, now)))
      this.#forget(this.#oldest)
  }

  /** A substitute that failed is none any more; one that served well is where the session lives from now on. */
  ended(bond: SessionBinding, candidate: Candidate, isSuccess: boolean): void {
    if (candidate !== bond.substitute) return
    bond.substitute = undefined
    if (isSuccess) bond.home = candidate
  }

  /** Whoever serves and is not the session's home is its substitute. */
  served(bond: SessionBinding, candidate: Candidate, now: number): void {
    if (candidate !== bond.home) bond.substitute = candidate
    bond.usedAt = now
    if (bond === this.#newest) return
    this.#unlink(bond)
    this.#append(bond)
  }

  #isIdle({ usedAt }: SessionBinding, now: number): boolean {
    return now - usedAt > this.#idleMs
  }

  #forget(bond: SessionBinding): void {
    this.#bonds.delete(bond.session)
    this.#unlink(bond)
  }

  #append(bond: SessionBinding): void {
    bond.older = this.#newest
    bond.newer = undefined
    if (this.#newest === undefined) this.#oldest = bond
    else this.#newest.newer = bond
    this.#newest = bond
  }

  #unlink({ older, newer }: SessionBinding): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
